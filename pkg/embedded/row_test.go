package embedded

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// names lists the paths of all stored fields.
func names(prefix string, t reflect.Type, to *[]string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == timeType {
		*to = append(*to, prefix+" "+t.Kind().String())
		return
	}
	for i := range t.NumField() {
		names(prefix+"."+fieldName(t.Field(i)), t.Field(i).Type, to)
	}
}

// namesFile lists the fields that files hold.
const namesFile = "testdata/stored_names.txt"

var update = flag.Bool("update", false, "write "+namesFile+" anew")

// TestStoredNames guards files written by older versions: adding a field is
// harmless, and the list may grow by it; one that leaves the list would be
// lost from old rows without a migration.
func TestStoredNames(t *testing.T) {
	var all []string
	for _, v := range []any{
		integration.Integration{}, integration.Upload{}, integration.Contact{}, integration.Notice{}, integration.Owner{},
		integration.Link{}, integration.Certificate{}, integration.Entry{}, integration.FleetStatus{}, integration.Mark{},
	} {
		names(reflect.TypeOf(v).Name(), reflect.TypeOf(v), &all)
	}
	if *update {
		if err := os.WriteFile(namesFile, []byte(strings.Join(all, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(namesFile)
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.Lines(string(stored)) {
		if name = strings.TrimSpace(name); !slices.Contains(all, name) {
			t.Errorf("%s is in files, and no more in the domain; where no file of a release has it, run go test with -update", name)
		}
	}
}

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
