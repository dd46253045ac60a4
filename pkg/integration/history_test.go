package integration

import (
	"testing"
	"time"
)

// TestHistoryExplainsEveryState: whoever reads the entries in order knows how
// the integration came to be what it is.
func TestHistoryExplainsEveryState(t *testing.T) {
	l := newLife(t, "publish")
	state, lines := AwaitingKey, 0
	step := func(ev Event) {
		t.Helper()
		ch, err := Decide(l.it, ev, l.now)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range ch.History {
			lines++
			if e.From != state {
				t.Fatalf("%s is said to begin in %s, after %s", e.What, e.From, state)
			}
			state = e.To
		}
		if ch.Integration.After != nil {
			l.it = *ch.Integration.After
			l.it.Version++
		}
		if l.it.State != state {
			t.Fatalf("%s led to %s, and history says %s", ev.event(), l.it.State, state)
		}
	}
	check := func(o Outcome) {
		l.now, l.checks = later(l.now, l.it.Check.DueAt), l.checks+1
		id := CheckID("c" + itoa(l.checks))
		step(CheckLeased{Check: id, Until: l.now.Add(time.Minute)})
		step(Checked{Check: id, Used: l.it.Key.Upload, Outcome: o, Fleet: big})
	}
	step(l.newKey(fine))
	for _, o := range []Outcome{fine, fine, noAgreement, noAgreement, noAgreement, noAgreement, fine, unauthorized, fine} {
		check(o)
	}
	for range 9 {
		check(unauthorized)
	}
	if l.it.State != Deactivated {
		t.Fatalf("state is %s", l.it.State)
	}
	step(DisconnectRequested{By: "support"})
	if lines > 14 {
		t.Errorf("%d lines for this life: what only repeats should have none", lines)
	}
}

func TestNothingIsWrittenWhenNothingChanged(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	ch, err := Decide(l.it, Checked{Check: "late", Used: "upl_0", Outcome: unauthorized}, l.now)
	if err != nil || !ch.Empty() {
		t.Errorf("%+v, %v", ch, err)
	}
}

func TestRegularChecksSpreadEvenly(t *testing.T) {
	const fleet = 1_000_000
	perMinute := map[int64]int{}
	seen := newTestRandom(1)
	for range fleet {
		at := slot(NewID(seen), start)
		if at.Sub(start) > Interval || !at.After(start) {
			t.Fatalf("next check at %v", at)
		}
		perMinute[at.Unix()/60]++
	}
	mean := float64(fleet) / Interval.Minutes()
	for minute, n := range perMinute {
		if float64(n) > 1.1*mean {
			t.Errorf("minute %d has %d checks, mean is %.0f", minute, n, mean)
		}
	}
}
