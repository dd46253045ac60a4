package integration

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// start is when the tests' time begins.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// big is a fleet in which nothing special is going on.
var big = FleetView{Size: 100}

// A life drives one integration through events, and keeps all notices.
type life struct {
	t       *testing.T
	it      Integration
	now     time.Time
	fleet   FleetView
	notices []Notice
	checks  int
	uploads int
}

func newLife(t *testing.T, level string) *life {
	t.Helper()
	access, err := LevelNamed(Levels(), level)
	if err != nil {
		t.Fatal(err)
	}
	ch, err := New("int_test", Draft{Reference: "acme-1", Label: "Acme", Customer: "acme", Access: access, By: "support"}, start)
	if err != nil {
		t.Fatal(err)
	}
	return &life{t: t, it: *ch.Integration.After, now: start, fleet: big, notices: ch.Notices}
}

// do applies an event that must be taken, and returns the new notices.
func (l *life) do(ev Event) []Notice {
	l.t.Helper()
	next, notices, err := Apply(l.it, ev, l.now)
	if err != nil {
		l.t.Fatalf("%s: %v", ev.event(), err)
	}
	l.it = next
	l.notices = append(l.notices, notices...)
	return notices
}

func (l *life) pass(d time.Duration) { l.now = l.now.Add(d) }

// accept uploads a fresh key that Apple accepts.
func (l *life) accept(o Outcome) []Notice {
	l.t.Helper()
	l.uploads++
	id := UploadID("upl_" + itoa(l.uploads))
	key := Key{Upload: id, KeyID: "KEY000000" + itoa(l.uploads), Fingerprint: "fp" + itoa(l.uploads), Kind: TeamKey, Program: Standard}
	return l.do(KeyAccepted{Key: key, TeamID: "TEAM000001", Outcome: o, Contact: "con_a", Epoch: l.it.LinkEpoch})
}

// check runs a whole check: lease, then outcome.
func (l *life) check(o Outcome) []Notice { return l.checkBoth(o, nil) }

func (l *life) checkBoth(o Outcome, other *Outcome) []Notice {
	l.t.Helper()
	l.checks++
	id := CheckID("chk_" + itoa(l.checks))
	l.do(CheckLeased{Check: id, Until: l.now.Add(15 * time.Minute)})
	e := Checked{Check: id, Used: l.it.Key.Upload, Outcome: o, Other: other, Fleet: l.fleet}
	if l.it.Other != nil {
		e.UsedOther = l.it.Other.Upload
	}
	return l.do(e)
}

// untilState repeats the outcome whenever a check is due.
func (l *life) untilState(s State, o Outcome) {
	l.t.Helper()
	for range 50 {
		if l.it.State == s {
			return
		}
		l.now = l.it.Check.DueAt
		l.check(o)
	}
	l.t.Fatalf("still %s, not %s", l.it.State, s)
}

func (l *life) inState(s State, why Reason) {
	l.t.Helper()
	if l.it.State != s || l.it.Cause != why {
		l.t.Fatalf("state is %s (%s), want %s (%s)", l.it.State, l.it.Cause, s, why)
	}
}

func kinds(ns []Notice) string {
	out := make([]string, len(ns))
	for i, n := range ns {
		out[i] = string(n.Kind) + ">" + string(n.Audience)
	}
	return strings.Join(out, " ")
}

func wantNotices(t *testing.T, got []Notice, want string) {
	t.Helper()
	if k := kinds(got); k != want {
		t.Fatalf("notices %q, want %q", k, want)
	}
}

var (
	fine         = Outcome{Verdict: OK}
	unauthorized = Outcome{Verdict: Rejected, Reason: NotAuthorized}
	noAgreement  = Outcome{Verdict: Blocked, Reason: Agreement}
	noMembership = Outcome{Verdict: Blocked, Reason: Membership}
	outage       = Outcome{Verdict: Inconclusive, Reason: Outage}
)

// newTestRandom gives the same bytes for the same seed.
func newTestRandom(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }
