package operator_test

import (
	"context"
	"testing"

	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// TestTheTeamThatSupportMaySet: not against what a certificate shows of the key
// in force.
func TestTheTeamThatSupportMaySet(t *testing.T) {
	const one, other = "AAAAA11111", "BBBBB22222"
	proven := &integration.Team{ID: one, From: integration.TeamProven}
	entered := &integration.Team{ID: one, From: integration.TeamEntered}
	for _, tt := range []struct {
		name     string
		key      *integration.Team // of the key in force; nil: none
		from, to string
		source   string // after the change
		refused  string
	}{
		{"a team", nil, "", one, "invitation", ""},
		{"another team", nil, one, other, "invitation", ""},
		{"no team any more", nil, one, "", "", ""},
		{"no team, with a key", entered, one, "", "entered", "The team of a key that is in force cannot be forgotten."},
		{"another than the customer entered", entered, one, other, "invitation", ""},
		{"another than Apple shows", proven, one, other, "entered",
			"The key in force belongs to the team AAAAA11111, as a certificate at Apple shows. To move to another team, allow it for one upload and ask for a key of that team."},
		{"the one that Apple shows", proven, other, one, "invitation", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, ctx := newRig(t), context.Background()
			id := r.MustInvite("acme-ios").ID
			if tt.key != nil {
				r.MustActivate(id)
			}
			r.MustSet(id, func(it *integration.Integration) { // as it was stored before sources were kept
				it.TeamID, it.TeamFrom = tt.from, ""
				if tt.key != nil {
					key := *it.Key
					key.Team = *tt.key
					it.Key = &key
				}
			})
			_, err := r.support.Change(ctx, id, operator.Patch{TeamID: &tt.to}, 0)
			want := tt.to
			if tt.refused != "" {
				want = tt.from
				if p := wantCode(t, err, operator.CodeInvalid); p.Field != "team_id" || p.Detail != tt.refused {
					t.Errorf("refused for %q: %s", p.Field, p.Detail)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if got, err := r.support.Get(ctx, id); err != nil || got.TeamID != want || got.TeamSource != tt.source || (got.TeamWords == "") != (tt.source == "") {
				t.Errorf("team %q from %q, %q, %v; want %q from %q", got.TeamID, got.TeamSource, got.TeamWords, err, want, tt.source)
			}
		})
	}
}

// TestTeamIsShownAndChanged follows the team through the API: the invitation,
// a move that is allowed and taken back, a change by hand.
func TestTeamIsShownAndChanged(t *testing.T) {
	r, ctx := newRig(t), context.Background()
	n := invitation("acme-ios")
	n.TeamID, n.BundleIDs = " a1b2c3d4e5 ", []string{"com.acme.app"}
	it, err := r.support.Create(ctx, n, "")
	if err != nil {
		t.Fatal(err)
	}
	if it.TeamID != "A1B2C3D4E5" || it.TeamSource != "invitation" || it.TeamWords != "Support gave the team ID." || len(it.BundleIDs) != 1 || it.TeamMove != nil {
		t.Errorf("after the invitation: %q from %q, %q, apps %q, move %v", it.TeamID, it.TeamSource, it.TeamWords, it.BundleIDs, it.TeamMove)
	}
	done, err := r.support.AllowTeamMove(ctx, it.ID)
	if err != nil || done.Integration.TeamMove == nil || done.Integration.TeamMove.By == "" {
		t.Fatalf("the move that was allowed: %+v, %v", done.Integration.TeamMove, err)
	}
	done, err = r.support.WithdrawTeamMove(ctx, it.ID)
	if err != nil || done.Integration.TeamMove != nil {
		t.Fatalf("the move that was withdrawn: %+v, %v", done.Integration.TeamMove, err)
	}
	team, none := "zzzzz11111", []string{}
	changed, err := r.support.Change(ctx, it.ID, operator.Patch{TeamID: &team, BundleIDs: &none}, 0)
	if err != nil || changed.TeamID != "ZZZZZ11111" || len(changed.BundleIDs) != 0 {
		t.Errorf("after the change: %q, %q, %v", changed.TeamID, changed.BundleIDs, err)
	}
	h, err := r.support.History(ctx, it.ID, "", 20)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{}
	for _, e := range h.Entries {
		lines[e.What] = e.Actor
	}
	for _, what := range []string{"team_move_allowed", "team_move_withdrawn", "team_changed", "bundle_ids_changed"} {
		if lines[what] == "" || lines[what] == "keyward" {
			t.Errorf("the history says of %s: %q", what, lines[what])
		}
	}
}
