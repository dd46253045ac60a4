package simulation

import (
	"bytes"
	"flag"
	"testing"
)

var (
	seeds = flag.Int("seeds", 60, "how many seeds TestSimulation runs")
	from  = flag.Uint64("from", 1, "the first of them")
)

// TestSimulation is the short form of `make simulate`.
func TestSimulation(t *testing.T) {
	n := *seeds
	if testing.Short() {
		n = min(n, 10)
	}
	var out bytes.Buffer
	ok, err := Main(Options{From: *from, Seeds: n, Workers: 2}, &out)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		t.Error(out.String())
	}
	t.Log(out.String())
}

func TestOneSeedIsOneStory(t *testing.T) {
	rig := mustRig(t)
	for seed := range uint64(5) {
		first, err := rig.Seed(100+seed, NewTally())
		if err != nil {
			t.Fatal(err)
		}
		again, err := mustRig(t).Seed(100+seed, NewTally())
		if err != nil {
			t.Fatal(err)
		}
		if first.Sum != again.Sum || first.Events != again.Events {
			t.Errorf("seed %d: %d events, then %d", seed, first.Events, again.Events)
		}
	}
}

func mustRig(t *testing.T) *Rig {
	t.Helper()
	rig, err := NewRig()
	if err != nil {
		t.Fatal(err)
	}
	return rig
}
