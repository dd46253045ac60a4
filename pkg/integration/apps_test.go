package integration

import (
	"strings"
	"testing"
	"time"
)

func seeing(apps ...string) Outcome {
	o := Outcome{Verdict: OK, Kind: TeamKey, Findings: []Finding{{Capability: Apps, Verdict: OK}}}
	for _, a := range apps {
		o.Apps = append(o.Apps, App{ID: a, BundleID: "com.example." + a})
	}
	return o
}

func (l *life) apps() string {
	var ids []string
	for _, a := range l.it.Apps {
		ids = append(ids, a.ID)
	}
	return strings.Join(ids, " ")
}

func TestAppsAreNotForgottenOnOneAnswer(t *testing.T) {
	unlisted := Outcome{Verdict: OK, Kind: TeamKey, Findings: []Finding{{Apps, Inconclusive, Outage}, {Profiles, OK, ""}}}
	l := newLife(t, "publish")
	l.accept(seeing("1", "2"))
	for _, step := range []struct {
		name   string
		o      Outcome
		want   string
		doubts bool
	}{
		{"apps were not listed", unlisted, "1 2", false},
		{"none is listed", seeing(), "1 2", true},
		{"listed again", seeing("1", "2"), "1 2", false},
		{"one is not", seeing("2"), "2 1", true},
		{"nor now", seeing("2"), "2", false},
		{"a new one", seeing("2", "3"), "2 3", false},
		{"none", seeing(), "2 3", true},
		{"none again", seeing(), "", false},
	} {
		l.pass(time.Hour)
		l.check(step.o)
		if got := l.apps(); got != step.want || l.it.LooksAgain() != step.doubts {
			t.Errorf("%s: apps %q, looks again %v; want %q, %v", step.name, got, l.it.LooksAgain(), step.want, step.doubts)
		}
	}
}

// TestAFullListOfAppsHasNoRoomForMore than 25: what it lacks proves nothing,
// and is not asked about again.
func TestAFullListOfAppsHasNoRoomForMore(t *testing.T) {
	for n, want := range map[int]string{24: "25 apps, asked again", 25: "25 apps", 23: "24 apps, asked again"} {
		var shown []string
		for i := range n {
			shown = append(shown, itoa(100+i))
		}
		l := newLife(t, "publish")
		l.accept(seeing("1"))
		l.check(seeing(shown...))
		got := itoa(len(l.it.Apps)) + " apps"
		if l.it.LooksAgain() {
			got += ", asked again"
		}
		if got != want {
			t.Errorf("one app is known and %d others are listed: %s, want %s", n, got, want)
		}
	}
	var two []string
	for i := range 24 {
		two = append(two, itoa(100+i))
	}
	l := newLife(t, "publish")
	l.accept(seeing("1", "2"))
	l.check(seeing(two...))
	if len(l.it.Apps) != 25 {
		t.Errorf("%d apps are remembered, want 25", len(l.it.Apps))
	}
}

func TestTheVendorsUserIsNotMissedOnOneAnswer(t *testing.T) {
	l := newLife(t, "publish")
	l.it.Access.User = VendorUser{Address: "builds@vendor.example", Role: "App Manager"}
	l.accept(fine)
	for _, step := range []struct {
		found, want UserAccess
	}{
		{UserMissing, UserMissing}, // never there: said at once
		{UserActive, UserActive},
		{UserMissing, UserActive},
		{UserActive, UserActive},
		{UserMissing, UserActive},
		{UserNotAsked, UserActive}, // no answer
		{UserMissing, UserMissing},
		{UserInvited, UserInvited},
		{UserMissing, UserInvited},
		{UserMissing, UserMissing},
	} {
		l.pass(time.Hour)
		o := seeing("1")
		o.User.Access = step.found
		l.check(o)
		if l.it.User.Access != step.want {
			t.Errorf("found %q: now %q, want %q", step.found, l.it.User.Access, step.want)
		}
	}
}

// TestWhichAppsAreTheSame: by Apple's number or by bundle ID, where there is one.
func TestWhichAppsAreTheSame(t *testing.T) {
	for _, tc := range []struct {
		known, seen App
		want        bool
	}{
		{App{ID: "1", BundleID: "a"}, App{ID: "1", BundleID: "b"}, true},
		{App{ID: "1", BundleID: "a"}, App{ID: "2", BundleID: "A"}, true},
		{App{ID: "1", BundleID: "a"}, App{ID: "2", BundleID: "b"}, false},
		{App{BundleID: "a"}, App{BundleID: "b"}, false},
		{App{ID: "1"}, App{ID: "2"}, false},
		{App{ID: "1"}, App{ID: "1"}, true},
		{App{BundleID: "a"}, App{BundleID: "a"}, true},
	} {
		it := Integration{Apps: []App{tc.known}}
		if got := it.seesKnownApp(Outcome{Apps: []App{tc.seen}}); got != tc.want {
			t.Errorf("%+v and %+v are the same: %v, want %v", tc.known, tc.seen, got, tc.want)
		}
	}
	it := Integration{BundleIDs: of("com.a"), Apps: []App{{BundleID: "com.b"}}, TeamID: "T", TeamName: "N", TeamFrom: TeamSeedID}
	if got := strings.Join(it.WantedApps(), " "); got != "com.a com.b" || (it.Team() != Team{ID: "T", Name: "N", From: "seed_id"}) {
		t.Errorf("looked for are %s, of team %+v", got, it.Team())
	}
}
