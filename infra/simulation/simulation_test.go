package simulation

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"keyward/pkg/integration"
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
	s, err := runSeeds(Options{From: *from, Seeds: n, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s.print(&out)
	if len(s.failures) > 0 {
		t.Error(out.String())
	}
	t.Log(out.String())
	if n >= 1000 && len(s.failures) == 0 {
		reachesAll(t, s.total)
	}
}

// reachesAll fails where no world came to a state, an event or a kind of
// notice: the invariants about it have then proved nothing.
func reachesAll(t *testing.T, tally *Tally) {
	t.Helper()
	names := slices.Concat(declared(t, "notice.go", "notice ", noticeKind), declared(t, "event_key.go", "event ", eventName), declared(t, "event_check.go", "event ", eventName))
	for _, s := range integration.States() {
		names = append(names, "state "+string(s))
	}
	if len(names) < 60 {
		t.Fatalf("only %d names were found in the domain", len(names))
	}
	for _, name := range names {
		rare := name == "notice fleet_unanswered" && tally.Worlds < 5000 // four times in a thousand
		if tally.Reached[name] == 0 && !rare {
			t.Errorf("no world came to %s", name)
		}
	}
}

var (
	noticeKind = regexp.MustCompile(`(?m)^\tNotice\w+ +NoticeKind = "(\w+)"`)
	eventName  = regexp.MustCompile(`(?m)^func \(\w+\) event\(\) string +{ return "(\w+)" }`)
)

// declared are the names that a file of the domain declares: a new one cannot
// be forgotten here.
func declared(t *testing.T, file, prefix string, form *regexp.Regexp) []string {
	t.Helper()
	text, err := os.ReadFile("../../pkg/integration/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, found := range form.FindAllStringSubmatch(string(text), -1) {
		names = append(names, prefix+found[1])
	}
	return names
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
