package operator_test

import (
	"context"
	"testing"

	"keyward/pkg/operator"
)

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
