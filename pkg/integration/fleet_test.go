package integration

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// markedAt makes n marks of the time.
func markedAt(n int, at time.Time) []Mark {
	var out []Mark
	for i := range n {
		out = append(out, Mark{Integration: ID(fmt.Sprint("int_", i)), At: at})
	}
	return out
}

func TestAPersonEndsAHoldThatHasLasted(t *testing.T) {
	held := FleetStatus{Version: 7, Size: 100, HoldSince: start, HeldPeak: 12, OverdueTold: true, WaveSince: start}
	now := start.Add(24 * time.Hour)
	after, n, err := held.EndHold("support jane", markedAt(9, start.Add(time.Hour)), now)
	if err != nil {
		t.Fatal(err)
	}
	want := FleetStatus{Version: 7, Size: 100, ReleasedAt: now, ReleasedBy: "support jane", WaveSince: start}
	if after != want {
		t.Errorf("the status is %+v, want %+v", after, want)
	}
	if n.Kind != NoticeHoldEnded || n.Audience != ToSupport || n.Status != Pending || n.DueAt.IsZero() ||
		n.Facts.Count != 9 || n.Facts.Peak != 12 || n.Facts.By != "support jane" || !n.Facts.Since.Equal(start) || len(n.Facts.Names) != 9 {
		t.Errorf("support is told %+v", n)
	}
	if own := NewFleetNotice(NoticeHoldEnded, start, nil, now); own.Dedupe != n.Dedupe {
		t.Error("one hold could be told to have ended twice")
	}
	if v := after.View(""); v.Hold {
		t.Error("Apply still sees a hold")
	}
}

func TestAHoldThatMayNotBeEnded(t *testing.T) {
	for _, tc := range []struct {
		name string
		st   FleetStatus
		want error
	}{
		{"none", FleetStatus{}, ErrNoHold},
		{"young", FleetStatus{HoldSince: start.Add(time.Second)}, ErrHoldYoung},
	} {
		t.Run(tc.name, func(t *testing.T) {
			after, _, err := tc.st.EndHold("support jane", nil, start.Add(24*time.Hour))
			if !errors.Is(err, tc.want) || after != tc.st {
				t.Errorf("got %+v, %v", after, err)
			}
		})
	}
}

func TestMarksFromBeforeAPersonsEndCountNoMore(t *testing.T) {
	st := FleetStatus{ReleasedAt: start}
	now := start.Add(time.Hour)
	for _, tc := range []struct {
		name  string
		at    time.Time
		count int
	}{
		{"before", start.Add(-time.Minute), 0}, {"at that moment", start, 0}, {"after", start.Add(time.Second), 5},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if n := len(st.Turned(markedAt(5, tc.at), now)); n != tc.count {
				t.Errorf("%d turned", n)
			}
			next := st
			next.HoldSince = now
			if n := len(next.Held(markedAt(5, tc.at))); n != tc.count {
				t.Errorf("%d are held", n)
			}
		})
	}
}

func TestWhichMarksCountForAWave(t *testing.T) {
	for ago, want := range map[time.Duration]int{0: 5, 6 * time.Hour: 5, 6*time.Hour + time.Second: 0} {
		if got := len(FleetStatus{WaveSince: start}.Blocked(markedAt(5, start.Add(-ago)))); got != want {
			t.Errorf("blocked %v before the wave: %d count, want %d", ago, got, want)
		}
	}
	if got := (FleetStatus{}).Blocked(markedAt(5, start)); got != nil {
		t.Errorf("without a wave: %v", got)
	}
	st := FleetStatus{Size: 7, HoldSince: start, WaveSince: start, SilentTold: start}
	for want, st := range map[FleetView]FleetStatus{
		{Size: 7, Hold: true, HoldSince: start, Wave: true, Silent: true}: st, {}: {},
	} {
		if got := st.View(""); got != want {
			t.Errorf("the view is %+v, want %+v", got, want)
		}
	}
}

func TestAFleetNoticeNamesFifty(t *testing.T) {
	n := NewFleetNotice(NoticeHoldBegan, start, markedAt(80, start), start)
	if n.Integration != "fleet" || n.Dedupe != "hold_began#support#2026-03-02T09:00:00Z" || !n.CreatedAt.Equal(start) || !n.DueAt.Equal(start.Add(5*time.Minute)) {
		t.Errorf("the notice is %+v", n)
	}
	if len(n.Facts.Names) != MaxNames || n.Facts.Count != 80 {
		t.Errorf("%d names of %d", len(n.Facts.Names), n.Facts.Count)
	}
}

func TestACanaryThatFailsSaysNothingForApple(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status FleetStatus
		canary ID
		want   bool
	}{
		{"none", FleetStatus{}, "", false},
		{"good", FleetStatus{}, "int_canary", true},
		{"bad", FleetStatus{CanaryBad: true}, "int_canary", false},
	} {
		if got := tc.status.View(tc.canary).Canary; got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}
