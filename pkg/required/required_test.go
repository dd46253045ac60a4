package required_test

import (
	"testing"

	"keyward/pkg/required"
)

func TestCheckNamesWhatIsAbsentInOrder(t *testing.T) {
	for range 20 { // a random order would differ
		err := required.Check("sweep", required.Field{Name: "Store", Absent: true}, required.Field{Name: "Vault"},
			required.Field{Name: "Queue", Absent: true}, required.Field{Name: "Now", Absent: true})
		want := "sweep: Config.Store is missing\nsweep: Config.Queue is missing\nsweep: Config.Now is missing"
		if err == nil || err.Error() != want {
			t.Fatalf("got %v, want %s", err, want)
		}
	}
	if err := required.Check("sweep", required.Field{Name: "Store"}); err != nil {
		t.Errorf("nothing is absent: %v", err)
	}
}
