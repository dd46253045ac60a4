package simulation

import (
	"bytes"
	"flag"
	"os"
	"strconv"
	"testing"
)

var (
	seeds = flag.Int("seeds", 1000, "how many seeds TestSimulation runs")
	from  = flag.Uint64("from", ofCommit(), "the first of them; default: SEEDS_FROM, which make takes from the commit")
)

// ofCommit is the first seed that the environment names; 1 where it names none.
func ofCommit() uint64 {
	n, err := strconv.ParseUint(os.Getenv("SEEDS_FROM"), 10, 64)
	if err != nil || n == 0 {
		return 1
	}
	return n
}

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

// TestFleets is the short form of `make simulate ARGS=-fleet`.
func TestFleets(t *testing.T) {
	for _, f := range []Fleet{
		{1, 365, 5, false}, {1, 365, 2, true}, {4, 365, 5, true}, {5, 365, 10, false}, {20, 365, 2, false}, {100, 180, 1, false}, {1000, 15, 1, false},
	} {
		r := RunFleet(f, 1)
		if r.False != 0 || r.Late != 0 || r.Found != r.Revoked || r.OnHold != 0 {
			t.Errorf("fleet of %d, canary %v: %d false deactivations, %d of %d revocations found, %d late, %d told on hold: %q",
				f.Size, f.Canary, r.False, r.Found, r.Revoked, r.Late, r.OnHold, r.falseAt)
		}
		if r.Revoked == 0 || f.Size > 4 && r.Storms > 0 && r.Holds == 0 {
			t.Errorf("fleet of %d: %d revocations and %d holds prove little", f.Size, r.Revoked, r.Holds)
		}
	}
}
