package embedded

import (
	"reflect"
	"testing"
	"time"

	"keyward/pkg/table"
)

func TestRowsComeBack(t *testing.T) {
	i := table.Item{
		Key: table.Key{PK: "INT#a", SK: "META"}, Due: table.Place{PK: "work#1", SK: "2026"}, List: table.Place{PK: "state#active", SK: "a"},
		Version: 7, Format: 3, Data: []byte(`{"a":1}`), Status: "pending", Member: "INT#a", Correlation: "c",
	}
	r := rowOf(i)
	got, err := r.item(i.Key)
	if err != nil || !reflect.DeepEqual(got, i) || r.version() != 7 {
		t.Errorf("%+v came back as %+v, error %v", i, got, err)
	}
	for n := range r {
		if _, err := r[n:].item(i.Key); err == nil && n > len(i.Data) {
			t.Errorf("a row without its first %d bytes was read without an error", n)
		}
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
