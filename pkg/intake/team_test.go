package intake

import (
	"context"
	"slices"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
)

// TestKeyOfAnotherCompanyIsRefused is the attack: somebody with a link to
// replace a key uploads one of another company, beside the IDs of the right
// team. Its tokens would open the other company's apps.
func TestKeyOfAnotherCompanyIsRefused(t *testing.T) {
	noApps, noUsers := []asctest.App{}, []asctest.User(nil)
	for _, tc := range []struct {
		name         string
		own, foreign asctest.Team
		want         string
	}{
		{"with apps and bundle IDs", asctest.Team{}, asctest.Team{Name: "Rival"}, "refused other_team"},
		{"with nothing at Apple", asctest.Team{}, asctest.Team{Name: "Rival", Apps: noApps, Users: noUsers}, "refused other_team"},
		{"neither has anything", asctest.Team{Apps: noApps}, asctest.Team{Apps: noApps}, "refused other_team"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.team = w.apple.AddTeam(tc.own)
			w.invite("int_a", "acme", "publish")
			first := w.key()
			w.post(w.formFor("int_a", uplA, first), first.FileName, first.PEM)
			w.settle()
			w.pass(time.Hour)
			rival := w.apple.AddTeam(tc.foreign)
			k, err := w.apple.NewKey(rival.TeamID)
			must(t, err)
			u := w.form("int_a", uplB, k.KeyID, k.IssuerID, w.team.TeamID)
			w.post(u, k.FileName, k.PEM)
			w.settle()
			if got := w.verdict("int_a", uplB); got != tc.want {
				t.Errorf("the upload is %q, want %q", got, tc.want)
			}
			it := w.integration("int_a")
			if it.Key.KeyID != first.KeyID || it.TeamID != w.team.TeamID {
				t.Errorf("the key %s of the team %s is in force", it.Key.KeyID, it.TeamID)
			}
			if n := w.notices("int_a", integration.NoticeWrongTeam); n != 1 {
				t.Errorf("support was told %d times", n)
			}
			if got := w.secrets(); !slices.Equal(got, []string{string(uplA)}) {
				t.Errorf("the vault holds %v", got)
			}
			w.wantEmptyBucket()

			w.decide("int_a", integration.TeamMoveAllowed{By: "support jane"})
			w.post(w.form("int_a", "upl_33333333333333333333333333333333", k.KeyID, k.IssuerID, rival.TeamID), k.FileName, k.PEM)
			w.settle()
			it = w.integration("int_a")
			if it.Key.KeyID != k.KeyID || it.TeamID != rival.TeamID || it.TeamMove.Allowed() {
				t.Errorf("after support's word: key %s, team %s, another move allowed %v", it.Key.KeyID, it.TeamID, it.TeamMove.Allowed())
			}
			if got := w.detailOf("int_a", "key_accepted"); got != "team "+w.team.TeamID+" became "+rival.TeamID {
				t.Errorf("the history says %q", got)
			}
		})
	}
}

// TestInvitationNamesTheTeam: the first key must be of the team, and see one
// of the apps, that support named.
func TestInvitationNamesTheTeam(t *testing.T) {
	for _, tc := range []struct {
		name       string
		teamID     string // of the invitation; empty: the right one
		bundleIDs  []string
		want, from string
	}{
		{"the right ones", "", []string{"com.acme.app"}, "accepted", "seed_id"},
		{"another team", "OTHERTEAM1", nil, "refused other_team", ""},
		{"other apps", "", []string{"com.acme.another"}, "refused unexpected_apps", ""},
		{"one app of several", "", []string{"com.acme.another", "com.acme.app"}, "accepted", "seed_id"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.team = w.apple.AddTeam(asctest.Team{Apps: []asctest.App{{BundleID: "com.acme.app", Name: "Acme"}}})
			access, err := integration.LevelNamed(integration.Levels(), "publish")
			must(t, err)
			d := integration.Draft{Reference: "a", Label: "Acme", Customer: "acme", Access: access, By: "support", TeamID: tc.teamID, BundleIDs: tc.bundleIDs}
			if d.TeamID == "" {
				d.TeamID = w.team.TeamID
			}
			ch, err := integration.New("int_a", d, w.clock())
			must(t, err)
			w.commit(ch)
			k := w.key()
			w.post(w.form("int_a", uplA, k.KeyID, k.IssuerID, d.TeamID), k.FileName, k.PEM)
			w.settle()
			if got := w.verdict("int_a", uplA); got != tc.want {
				t.Errorf("the upload is %q, want %q", got, tc.want)
			}
			if it := w.integration("int_a"); it.Key != nil && string(it.Key.Team.From) != tc.from {
				t.Errorf("the key's team is known from %q, want %q", it.Key.Team.From, tc.from)
			}
		})
	}
}

// TestOneEmptyListOfAppsRefusesNothing: one answer is not believed.
func TestOneEmptyListOfAppsRefusesNothing(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	first, second := w.key(), w.key()
	w.post(w.formFor("int_a", uplA, first), first.FileName, first.PEM)
	w.settle()
	w.pass(time.Hour)
	it := w.integration("int_a")
	after := it
	after.Apps = []integration.App{{ID: "1", BundleID: "com.acme.gone"}}
	w.commit(integration.Change{Integration: integration.Put(it, after)})
	w.post(w.formFor("int_a", uplB, second), second.FileName, second.PEM)
	calls := w.apple.Calls()
	w.settle()
	if got := w.verdict("int_a", uplB); got != "refused other_apps" {
		t.Errorf("the upload is %q", got)
	}
	if lists := w.apple.Calls() - calls; lists < 2 {
		t.Errorf("Apple was asked %d times", lists)
	}
}

func (w *world) decide(id integration.ID, ev integration.Event) {
	w.t.Helper()
	ch, err := integration.Decide(w.integration(id), ev, w.clock())
	must(w.t, err)
	w.commit(ch)
}

// detailOf is the detail of the newest entry of that name in the history.
func (w *world) detailOf(id integration.ID, what string) string {
	w.t.Helper()
	entries, _, err := w.store.History(context.Background(), id, "", 50)
	must(w.t, err)
	for _, e := range entries {
		if e.What == what {
			return e.Detail
		}
	}
	return "no such entry"
}
