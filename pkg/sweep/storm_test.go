package sweep

import (
	"testing"
	"time"

	"keyward/pkg/integration"
)

// over evaluates once a minute while fewer and fewer are bad, and returns what
// support is told.
func over(st integration.FleetStatus, most int, facts func([]integration.Mark) Facts) (integration.FleetStatus, []integration.Notice) {
	var told []integration.Notice
	for m := range most + 1 {
		f := facts(marks(most-m, time.Hour))
		f.Now, f.Size = start.Add(time.Duration(m)*time.Minute), st.Size
		var ns []integration.Notice
		st, ns = Evaluate(st, f)
		told = append(told, ns...)
	}
	return st, told
}

// TestAStormIsToldTwice: the hold does not end and begin again while the keys
// recover one after the other.
func TestAStormIsToldTwice(t *testing.T) {
	st, told := over(integration.FleetStatus{Size: 1000}, 100, func(m []integration.Mark) Facts { return Facts{Rejected: m} })
	if got := kinds(told); got != "hold_began hold_ended" {
		t.Fatalf("told %q", got)
	}
	if f := told[1].Facts; f.Peak != 100 || f.Count != 19 || len(f.Names) != 19 || !f.Since.Equal(start) || f.By != "" {
		t.Errorf("the end says %+v", f)
	}
	if !st.HoldSince.IsZero() || st.HeldPeak != 0 {
		t.Errorf("afterwards %+v", st)
	}
}

func TestAWaveIsToldTwice(t *testing.T) {
	st, told := over(integration.FleetStatus{Size: 1000}, 80, func(m []integration.Mark) Facts { return Facts{Agreement: m} })
	if got := kinds(told); got != "wave_began wave_ended" {
		t.Fatalf("told %q", got)
	}
	if f := told[1].Facts; f.Peak != 80 || f.Count != 24 || !f.Since.Equal(start) {
		t.Errorf("the end says %+v", f)
	}
	if !st.WaveSince.IsZero() || st.WavePeak != 0 {
		t.Errorf("afterwards %+v", st)
	}
}

func TestAWavesPeakGrows(t *testing.T) {
	st, _ := Evaluate(integration.FleetStatus{Size: 50}, Facts{Now: start, Agreement: marks(3, time.Hour)})
	st, _ = Evaluate(st, Facts{Now: start, Agreement: marks(7, time.Hour)})
	st, _ = Evaluate(st, Facts{Now: start, Agreement: marks(5, time.Hour)})
	if st.WavePeak != 7 {
		t.Errorf("the peak is %d", st.WavePeak)
	}
}
