package integration

import (
	"errors"
	"strings"
	"testing"
)

// shows is a good outcome with evidence: certificates' teams, seed IDs, apps.
func shows(teams, seeds, bundleIDs []string) Outcome {
	o := Outcome{Verdict: OK, TeamIDs: teams, SeedIDs: seeds}
	if bundleIDs != nil {
		o.Findings = []Finding{{Capability: Apps, Verdict: OK}}
		for _, b := range bundleIDs {
			o.Apps = append(o.Apps, App{ID: "id-" + b, BundleID: b})
		}
	}
	return o
}

func of(ids ...string) []string { return append([]string{}, ids...) }

const issuerA, issuerB = "issuer-a", "issuer-b"

// offer is a key with what was typed beside it.
func (l *life) offer(typed, issuer string, o Outcome) error {
	l.uploads++
	key := Key{Upload: UploadID("upl_" + itoa(l.uploads)), KeyID: "KEY000000" + itoa(l.uploads), IssuerID: issuer, Kind: TeamKey}
	return l.try(KeyAccepted{Key: key, TeamID: typed, TeamName: "Acme", Outcome: o, Contact: "con_a", Epoch: l.it.LinkEpoch})
}

// TestFirstKeyFixesTheTeam: which team an integration has after its first key,
// and where that is known from.
func TestFirstKeyFixesTheTeam(t *testing.T) {
	for _, c := range []struct {
		name, invited, typed string
		bundleIDs            []string
		o                    Outcome
		want                 string // the team and its source, or the refusal and what Apple shows
	}{
		{"a certificate", "", "TEAMAAAAAA", nil, shows(of("TEAMAAAAAA"), nil, nil), "TEAMAAAAAA certificate"},
		{"a certificate counts more than a seed ID", "", "TEAMAAAAAA", nil, shows(of("TEAMAAAAAA"), of("LEGACYSEED"), nil), "TEAMAAAAAA certificate"},
		{"a seed ID", "", "TEAMAAAAAA", nil, shows(nil, of("LEGACYSEED", "TEAMAAAAAA"), nil), "TEAMAAAAAA seed_id"},
		{"nothing but what was typed", "", "TEAMAAAAAA", nil, shows(nil, nil, of()), "TEAMAAAAAA entered"},
		{"another certificate", "", "TEAMAAAAAA", nil, shows(of("TEAMBBBBBB"), nil, nil), "team_mismatch TEAMBBBBBB"},
		{"another seed ID", "", "TEAMAAAAAA", nil, shows(nil, of("TEAMBBBBBB"), nil), "team_mismatch TEAMBBBBBB"},
		{"as invited, proven", "TEAMAAAAAA", "TEAMAAAAAA", nil, shows(of("TEAMAAAAAA"), nil, nil), "TEAMAAAAAA certificate"},
		{"as invited, not shown", "TEAMAAAAAA", "TEAMAAAAAA", nil, shows(nil, nil, nil), "TEAMAAAAAA invitation"},
		{"not as invited", "TEAMAAAAAA", "TEAMAAAAAA", nil, shows(of("TEAMBBBBBB"), nil, nil), "other_team TEAMBBBBBB"},
		{"not as invited, by the seed ID", "TEAMAAAAAA", "TEAMAAAAAA", nil, shows(nil, of("TEAMBBBBBB"), nil), "other_team TEAMBBBBBB"},
		{"another one typed than invited, nothing shown", "TEAMAAAAAA", "TEAMBBBBBB", nil, shows(nil, nil, nil), "other_team"},
		{"the invited one, another one typed", "TEAMAAAAAA", "TEAMBBBBBB", nil, shows(of("TEAMAAAAAA"), nil, nil), "team_mismatch TEAMAAAAAA"},
		{"sees an expected app", "", "TEAMAAAAAA", of("com.acme.one", "com.acme.two"), shows(nil, nil, of("com.other", "COM.acme.two")), "TEAMAAAAAA entered"},
		{"sees other apps alone", "", "TEAMAAAAAA", of("com.acme.one"), shows(of("TEAMAAAAAA"), nil, of("com.other")), "unexpected_apps"},
		{"sees no app yet", "", "TEAMAAAAAA", of("com.acme.one"), shows(nil, nil, of()), "TEAMAAAAAA entered"},
		{"the list of apps was not read", "", "TEAMAAAAAA", of("com.acme.one"), shows(nil, nil, nil), "TEAMAAAAAA entered"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLife(t, "publish")
			ch, err := New("int_test", Draft{Reference: "r", Label: "L", Customer: "c", Access: l.it.Access, TeamID: c.invited, BundleIDs: c.bundleIDs}, start)
			if err != nil {
				t.Fatal(err)
			}
			l.it = *ch.Integration.After
			got := l.verdict(l.offer(c.typed, issuerA, c.o))
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if _, refused := l.refusal(nil); !refused && l.it.Key == nil && l.it.State != AwaitingKey {
				t.Errorf("refused, and the state is %s", l.it.State)
			}
		})
	}
}

func (l *life) refusal(err error) (*TeamError, bool) {
	var te *TeamError
	return te, errors.As(err, &te)
}

func (l *life) verdict(err error) string {
	if te, ok := l.refusal(err); ok {
		if te.Found != "" {
			return te.Code + " " + te.Found
		}
		return te.Code
	}
	if err != nil {
		return err.Error()
	}
	return l.it.TeamID + " " + string(l.it.TeamFrom)
}

// TestReplacementMustBeOfTheTeam: an integration with a key of team A, and a
// second key.
func TestReplacementMustBeOfTheTeam(t *testing.T) {
	apps := of("com.acme.one")
	proven, typedOnly := shows(of("TEAMAAAAAA"), nil, apps), shows(nil, nil, apps)
	bare := shows(nil, nil, nil)
	for _, c := range []struct {
		name          string
		first         Outcome
		typed, issuer string
		second        Outcome
		want, moved   string // without, and with, support's word
	}{
		{"same team", proven, "TEAMAAAAAA", issuerA, proven, "TEAMAAAAAA certificate", "TEAMAAAAAA certificate"},
		{"same team, nothing shown now", proven, "TEAMAAAAAA", issuerA, bare, "TEAMAAAAAA certificate", "TEAMAAAAAA certificate"},
		{"another team's certificate", proven, "TEAMAAAAAA", issuerB, shows(of("TEAMBBBBBB"), nil, of("com.evil")), "other_team TEAMBBBBBB", "TEAMBBBBBB certificate"},
		{"another team's certificate, after a typed one", bare, "TEAMAAAAAA", issuerB, shows(of("TEAMBBBBBB"), nil, nil), "other_team TEAMBBBBBB", "TEAMBBBBBB certificate"},
		{"another team's seed ID", proven, "TEAMAAAAAA", issuerB, shows(nil, of("TEAMBBBBBB"), nil), "other_team TEAMBBBBBB", "TEAMAAAAAA certificate"},
		{"an old prefix, and the same app", proven, "TEAMAAAAAA", issuerB, shows(nil, of("LEGACYSEED"), apps), "TEAMAAAAAA certificate", "TEAMAAAAAA certificate"},
		{"an old prefix, and the same issuer", bare, "TEAMAAAAAA", issuerA, shows(nil, of("LEGACYSEED"), nil), "TEAMAAAAAA entered", "TEAMAAAAAA entered"},
		{"another issuer alone", bare, "TEAMAAAAAA", issuerB, bare, "other_team", "TEAMAAAAAA entered"},
		{"an individual key, nothing shown", bare, "TEAMAAAAAA", "", bare, "TEAMAAAAAA entered", "TEAMAAAAAA entered"},
		{"other apps", typedOnly, "TEAMAAAAAA", issuerA, shows(nil, nil, of("com.evil")), "other_apps", "TEAMAAAAAA entered"},
		{"other apps of the same team", proven, "TEAMAAAAAA", issuerA, shows(of("TEAMAAAAAA"), nil, of("com.evil")), "other_apps", "TEAMAAAAAA certificate"},
		{"no app at all", typedOnly, "TEAMAAAAAA", issuerA, shows(nil, nil, of()), "other_apps", "TEAMAAAAAA entered"},
		{"one app of several", shows(nil, nil, of("com.acme.one", "com.acme.two")), "TEAMAAAAAA", issuerA, shows(nil, nil, of("com.acme.two")), "TEAMAAAAAA entered", "TEAMAAAAAA entered"},
		{"a typed ID that was wrong all the time", typedOnly, "TEAMAAAAAA", issuerA, shows(of("TEAMCCCCCC"), nil, apps), "TEAMCCCCCC certificate", "TEAMCCCCCC certificate"},
		{"another ID typed, nothing shown", bare, "TEAMBBBBBB", "", bare, "other_team", "TEAMBBBBBB entered"},
		{"another ID typed, the same issuer, nothing shown", bare, "TEAMBBBBBB", issuerA, bare, "team_mismatch TEAMAAAAAA", "TEAMBBBBBB entered"},
		{"a seed ID, nothing shown now", shows(nil, of("TEAMAAAAAA"), nil), "TEAMAAAAAA", issuerA, bare, "TEAMAAAAAA seed_id", "TEAMAAAAAA seed_id"},
		{"a typed ID, a seed ID now", bare, "TEAMAAAAAA", issuerA, shows(nil, of("TEAMAAAAAA"), nil), "TEAMAAAAAA seed_id", "TEAMAAAAAA seed_id"},
		{"a seed ID, a certificate now", shows(nil, of("TEAMAAAAAA"), nil), "TEAMAAAAAA", issuerA, proven, "TEAMAAAAAA certificate", "TEAMAAAAAA certificate"},
		{"another ID typed beside the right key", proven, "TEAMBBBBBB", issuerA, proven, "team_mismatch TEAMAAAAAA", "TEAMAAAAAA certificate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLife(t, "publish")
			if err := l.offer("TEAMAAAAAA", issuerA, c.first); err != nil {
				t.Fatal(err)
			}
			again := *l
			l.pass(day)
			first := l.it.Key.Upload
			err := l.offer(c.typed, c.issuer, c.second)
			if got := l.verdict(err); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if err != nil && !l.it.Key.is(first) {
				t.Error("the refused key is in force")
			}
			again.do(TeamMoveAllowed{By: "support jane"})
			if got := again.verdict(again.offer(c.typed, c.issuer, c.second)); got != c.moved {
				t.Errorf("with support's word: got %q, want %q", got, c.moved)
			}
			if again.it.TeamMove.Allowed() {
				t.Error("support's word is not used up")
			}
		})
	}
}

// TestWhatAMoveForgets of the team before: what was seen of it, and what was
// expected.
func TestWhatAMoveForgets(t *testing.T) {
	two := of("com.acme.one", "com.acme.two")
	for _, tc := range []struct {
		name, before, typed string
		second              Outcome
		apps, expected      string
		watches             bool
	}{
		{"another team with its own apps", "TEAMAAAAAA", "TEAMBBBBBB", shows(of("TEAMBBBBBB"), nil, of("com.new")), "com.new", "", false},
		{"another team, apps not read", "TEAMAAAAAA", "TEAMBBBBBB", shows(of("TEAMBBBBBB"), nil, nil), "", "com.acme.one", false},
		{"another team, which shows the expected app", "TEAMAAAAAA", "TEAMBBBBBB", shows(of("TEAMBBBBBB"), nil, of("com.acme.one")), "com.acme.one", "com.acme.one", false},
		{"the same team, other apps", "TEAMAAAAAA", "TEAMAAAAAA", shows(of("TEAMAAAAAA"), nil, of("com.new")), "com.new", "", true},
		{"the same team, one of its apps", "TEAMAAAAAA", "TEAMAAAAAA", shows(of("TEAMAAAAAA"), nil, of("com.acme.two")), "com.acme.two com.acme.one", "", true},
		{"the same team, apps not read", "TEAMAAAAAA", "TEAMAAAAAA", shows(of("TEAMAAAAAA"), nil, nil), "com.acme.one com.acme.two", "com.acme.one", true},
		{"no team was known", "", "TEAMBBBBBB", shows(of("TEAMBBBBBB"), nil, of("com.new")), "com.new", "", true},
	} {
		l := newLife(t, "publish")
		l.it.BundleIDs = of("com.acme.one")
		if err := l.offer(tc.before, issuerA, shows(nil, nil, two)); err != nil {
			t.Fatal(err)
		}
		l.it.User = UserFinding{Access: UserActive}
		l.list(dist("A1", l.now.Add(300*day)))
		l.it.Certificates.Episode = 4
		l.do(TeamMoveAllowed{By: "support jane"})
		if err := l.offer(tc.typed, issuerB, tc.second); err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		var apps []string
		for _, a := range l.it.Apps {
			apps = append(apps, a.BundleID)
		}
		if got := strings.Join(apps, " "); got != tc.apps {
			t.Errorf("%s: its apps are %q, want %q", tc.name, got, tc.apps)
		}
		if got := strings.Join(l.it.BundleIDs, " "); got != tc.expected {
			t.Errorf("%s: %q are expected, want %q", tc.name, got, tc.expected)
		}
		watches, user := l.it.Certificates.Serial == "A1", l.it.User.Access == UserActive
		if watches != tc.watches || user != tc.watches || l.it.Certificates.Episode != 4 {
			t.Errorf("%s: still watches the old certificate %v, still knows the user %v, want %v; episode %d", tc.name, watches, user, tc.watches, l.it.Certificates.Episode)
		}
	}
}

func TestWithdrawnMoveCountsNoMore(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(shows(of("TEAM000001"), nil, nil))
	l.do(TeamMoveAllowed{By: "support jane"})
	l.pass(day)
	l.do(TeamMoveAllowed{By: "support joe"})
	if m := l.it.TeamMove; m.By != "support jane" || !m.At.Equal(start) {
		t.Errorf("said twice, the move is allowed by %s at %s", m.By, m.At)
	}
	l.do(TeamMoveWithdrawn{By: "support joe"})
	if got := l.verdict(l.offer("TEAM000001", issuerA, shows(of("TEAMBBBBBB"), nil, nil))); got != "other_team TEAMBBBBBB" {
		t.Errorf("got %q", got)
	}
}

// TestTeamOutlivesTheKey: after a key is dead and deleted, the next one must
// still be of its team.
func TestTeamOutlivesTheKey(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(shows(of("TEAM000001"), nil, nil))
	l.untilState(Deactivated, unauthorized)
	foreign := shows(of("TEAMBBBBBB"), nil, nil)
	if got := l.verdict(l.offer("TEAM000001", issuerB, foreign)); got != "other_team TEAMBBBBBB" {
		t.Errorf("deactivated: got %q", got)
	}
	l.pass(91 * day)
	l.do(Tick{Fleet: big})
	if l.it.Key != nil {
		t.Fatal("the dead key is still there")
	}
	if got := l.verdict(l.offer("TEAM000001", issuerB, foreign)); got != "other_team TEAMBBBBBB" {
		t.Errorf("deleted: got %q", got)
	}
}

// TestRollBackBringsTheTeamBack: the team is that of the key in force.
func TestRollBackBringsTheTeamBack(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(shows(of("TEAM000001"), nil, of("com.acme.one")))
	l.pass(day)
	l.do(TeamMoveAllowed{By: "support"})
	if err := l.offer("TEAMBBBBBB", issuerB, shows(of("TEAMBBBBBB"), nil, of("com.new"))); err != nil {
		t.Fatal(err)
	}
	l.now = l.it.Check.DueAt
	old := fine
	l.checkBoth(unauthorized, &old)
	if l.it.TeamID != "TEAM000001" || l.it.TeamFrom != TeamProven || len(l.it.Apps) != 0 {
		t.Errorf("after the roll-back the team is %s (%s), its apps %v", l.it.TeamID, l.it.TeamFrom, l.it.Apps)
	}
	l.now = l.it.Check.DueAt
	good := fine
	l.checkBoth(fine, &good)
	if l.it.TeamID != "TEAMBBBBBB" {
		t.Errorf("with the new key in force the team is %s", l.it.TeamID)
	}
}

// TestCheckSeesAnotherTeam: what a scheduled check, or a list of certificates,
// shows later.
func TestCheckSeesAnotherTeam(t *testing.T) {
	t.Run("a typed ID is corrected", func(t *testing.T) {
		l := newLife(t, "publish")
		l.accept(shows(nil, nil, nil))
		wantNotices(t, l.check(shows(of("TEAMBBBBBB"), nil, nil)), "team_differs>support")
		l.inState(Active, "")
		if l.it.TeamID != "TEAMBBBBBB" || l.it.TeamFrom != TeamProven {
			t.Errorf("the team is %s (%s)", l.it.TeamID, l.it.TeamFrom)
		}
	})
	t.Run("a typed ID is confirmed", func(t *testing.T) {
		l := newLife(t, "publish")
		l.accept(shows(nil, nil, nil))
		wantNotices(t, l.check(shows(of("TEAM000001"), nil, nil)), "")
		if l.it.TeamFrom != TeamProven || l.it.Key.Team.From != TeamProven {
			t.Errorf("the team is known from %s, the key's from %s", l.it.TeamFrom, l.it.Key.Team.From)
		}
	})
	t.Run("a typed ID is confirmed by a seed ID", func(t *testing.T) {
		l := newLife(t, "publish")
		l.accept(shows(nil, nil, nil))
		wantNotices(t, l.check(shows(nil, of("TEAM000001"), nil)), "")
		if l.it.TeamFrom != TeamSeedID || l.it.Key.Team.From != TeamSeedID {
			t.Errorf("the team is known from %s, the key's from %s", l.it.TeamFrom, l.it.Key.Team.From)
		}
	})
	t.Run("a check that shows less leaves what is known", func(t *testing.T) {
		for _, first := range []Outcome{shows(of("TEAM000001"), nil, nil), shows(nil, of("TEAM000001"), nil)} {
			for _, then := range []Outcome{shows(nil, nil, nil), shows(nil, of("OTHERSEED1"), nil)} {
				l := newLife(t, "publish")
				l.accept(first)
				before := l.it.Key.Team
				wantNotices(t, l.check(then), "")
				if l.it.TeamFrom != before.From || l.it.TeamID != "TEAM000001" {
					t.Errorf("known from %s, and after a check from %s: %s", before.From, l.it.TeamFrom, l.it.TeamID)
				}
			}
		}
	})
	t.Run("a proven team is contradicted, and the agreement is missing", func(t *testing.T) {
		for verdict, want := range map[Verdict]Reason{Blocked: "wrong_team", Rejected: "not_authorized"} {
			l := newLife(t, "publish")
			l.accept(shows(of("TEAM000001"), nil, nil))
			o := shows(of("TEAMBBBBBB"), nil, nil)
			o.Verdict, o.Reason = verdict, map[Verdict]Reason{Blocked: Agreement, Rejected: NotAuthorized}[verdict]
			l.check(o)
			l.inState(Suspect, want)
		}
	})
	t.Run("a proven team is contradicted", func(t *testing.T) {
		l := newLife(t, "publish")
		l.accept(shows(of("TEAM000001"), nil, nil))
		l.accept(shows(nil, nil, nil)) // the second shows nothing yet
		l.now = l.it.Check.DueAt
		l.check(shows(of("TEAMBBBBBB"), nil, nil))
		l.inState(Suspect, WrongTeam)
		if _, ok := l.it.TokensAllowed(); ok {
			t.Error("tokens for another company's apps are handed out")
		}
		l.notices = nil
		l.untilState(ActionRequired, fine) // one proof is enough, whatever later checks read
		l.inState(ActionRequired, WrongTeam)
		wantNotices(t, l.notices, "action_required>support action_required>admin")
		if !l.notices[1].Link {
			t.Error("the customer is asked for a new key without a link")
		}
		if _, ok := l.it.TokensAllowed(); ok {
			t.Error("tokens for another company's apps are handed out")
		}
		l.do(TeamMoveAllowed{By: "support"})
		l.check(fine)
		l.inState(Active, "")
		if l.it.TeamID != "TEAMBBBBBB" || l.it.TeamMove.Allowed() {
			t.Errorf("after the move the team is %s, another move allowed: %v", l.it.TeamID, l.it.TeamMove.Allowed())
		}
	})
	t.Run("a list of certificates makes a check due", func(t *testing.T) {
		l := newLife(t, "publish")
		l.accept(shows(of("TEAM000001"), nil, nil))
		l.check(fine)
		l.do(CertificatesLeased{Check: "chk_c", Until: l.now.Add(day)})
		l.do(CertificatesListed{Check: "chk_c", Used: l.it.Key.Upload, Listed: []Certificate{{Serial: "1", TeamID: "TEAMBBBBBB", NotAfter: l.now.Add(300 * day)}}})
		if !l.it.Check.DueAt.Equal(l.now) || !l.it.ProbedAt.IsZero() {
			t.Errorf("the next check is due at %s, probed %s", l.it.Check.DueAt, l.it.ProbedAt)
		}
	})
}

// TestAppsNotReadLeaveWhatIsKnown: an agreement error must not make the apps
// of before forgotten, or a foreign key would pass after it.
func TestAppsNotReadLeaveWhatIsKnown(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(shows(nil, nil, of("com.acme.one")))
	l.check(Outcome{Verdict: Blocked, Reason: Agreement, Findings: []Finding{{Capability: Apps, Verdict: Blocked, Reason: Agreement}}})
	if got := l.verdict(l.offer("TEAM000001", "", shows(nil, nil, of("com.evil")))); got != "other_apps" {
		t.Errorf("got %q", got)
	}
}

func TestRefusedTeamIsToldToSupportAndCustomer(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(shows(of("TEAM000001"), nil, nil))
	l.do(UploadWaits{Upload: "upl_x", Contact: "con_a", Reason: Outage, Epoch: l.it.LinkEpoch})
	ev := KeyOfOtherTeam{Refusal: Refusal{Upload: "upl_x", ETag: "e", Diagnosis: RefusedOtherTeam, Found: "TEAMBBBBBB", Entered: Entered{KeyID: "KEYX"}}, Contact: "con_a"}
	ns := l.do(ev)
	wantNotices(t, ns, "wrong_team>support")
	if f := ns[0].Facts; f.TeamID != "TEAMBBBBBB" || f.OldTeamID != "TEAM000001" || f.KeyID != "KEYX" || f.Contact != "con_a" {
		t.Errorf("support hears %+v", f)
	}
	if len(l.it.Waiting) > 0 {
		t.Error("the refused file is still said to wait")
	}
	if l.it.Refused.Diagnosis != "other_team" {
		t.Errorf("the last refusal is %q", l.it.Refused.Diagnosis)
	}
	ev.Late, ev.ETag = true, "f"
	wantNotices(t, l.do(ev), "wrong_team>support upload_refused>admin") // the store writes support's once: its key is the same
}
