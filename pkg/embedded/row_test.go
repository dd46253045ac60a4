package embedded

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

func TestRowsOfOtherVersions(t *testing.T) {
	r, err := encode(7, time.Time{}, integration.Owner{Fingerprint: "f", Version: 7})
	if err != nil {
		t.Fatal(err)
	}
	newer := append(slices.Clone(r[:headSize]), `{"Fingerprint":"f","Version":7,"Tomorrow":{"a":[1]}}`...)
	older := append(slices.Clone(r[:headSize]), `{"Version":7}`...)
	for name, c := range map[string]struct {
		row  row
		want integration.Owner
	}{
		"a newer one":  {newer, integration.Owner{Fingerprint: "f", Version: 7}},
		"an older one": {older, integration.Owner{Version: 7}},
	} {
		got, err := decode[integration.Owner](c.row)
		if err != nil || !reflect.DeepEqual(got, c.want) || c.row.version() != 7 {
			t.Errorf("%s was read as %+v, error %v", name, got, err)
		}
	}
	if _, err := decode[integration.Owner](append(slices.Clone(r[:headSize]), "{"...)); err == nil {
		t.Error("a broken row was read without an error")
	}
}

// TestCompactIsJSON: encoding/json reads back what compact wrote.
func TestCompactIsJSON(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600))
	type inner struct {
		Named int `json:"named,omitempty"`
		Text  string
	}
	type all struct {
		A    string
		B    bool
		C    int64
		D    float64
		E    *inner
		F    []inner
		G    []byte
		H    []string
		I    time.Time
		Zero time.Time
		J    map[string]int
	}
	want := all{
		A: "quote\" back\\ <é\u2028\n", B: true, C: -5, D: 1.5, E: &inner{1, "x"}, F: []inner{{}, {2, "y"}}, G: []byte{0, 255},
		H: []string{"", "a"}, I: at.UTC(), J: map[string]int{"k": 1},
	}
	in := want
	in.I = at
	text, err := compact(in)
	if err != nil {
		t.Fatal(err)
	}
	var got all
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if strings.Contains(string(text), "Zero") {
		t.Error("a zero field was written")
	}
	if _, err := compact(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
		t.Error("a year was written that cannot be read")
	}
}

func TestStampsSortAsTimesDo(t *testing.T) {
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	times := []time.Time{
		{}, time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(0, 0),
		base, base.Add(1), base.Add(time.Second), time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	for i := range times[1:] {
		if stamp(times[i]) >= stamp(times[i+1]) {
			t.Errorf("%v does not sort before %v", times[i], times[i+1])
		}
	}
	if !unstamp(stamp(base.Add(1))).Equal(base.Add(1)) || !unstamp(stamp(time.Time{})).IsZero() {
		t.Error("a time does not come back")
	}
}
