package table

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

func TestItemsOfOtherVersions(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want integration.Owner
	}{
		"a newer one":  {`{"Fingerprint":"f","Version":7,"Tomorrow":{"a":[1]}}`, integration.Owner{Fingerprint: "f", Version: 7}},
		"an older one": {`{"Version":7}`, integration.Owner{Version: 7}},
	} {
		got, err := valueOf[integration.Owner](Item{Format: 1, Data: []byte(c.data)})
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s was read as %+v, error %v", name, got, err)
		}
	}
	for name, i := range map[string]Item{
		"a broken item": {Format: 1, Data: []byte(`{"Fingerprint":"secret`)}, "an item of a newer format": {Format: 2, Data: []byte(`{}`)},
	} {
		if _, err := valueOf[integration.Owner](i); !errors.Is(err, ErrItem) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDataIsJSON: encoding/json reads back what encode wrote.
func TestDataIsJSON(t *testing.T) {
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
	text, err := encode(in)
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
	if _, err := encode(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
		t.Error("a year was written that cannot be read")
	}
}
