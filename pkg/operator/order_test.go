package operator_test

import (
	"context"
	"slices"
	"testing"

	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// TestListIsOrderedByUrgency: what needs attention comes first, on whatever
// page, and nothing is left out or there twice.
func TestListIsOrderedByUrgency(t *testing.T) {
	r := newRig(t)
	ids := map[string]string{}
	for _, name := range []string{"well", "no-link", "lost", "also-well", "ending"} {
		ids[name] = r.MustInvite(name).ID
	}
	for name, need := range map[string]integration.Need{"no-link": "no_link", "lost": "deactivated", "ending": "certificate_ending"} {
		r.MustSet(ids[name], func(it *integration.Integration) {
			it.Attention = integration.Attention{Needs: []integration.Need{need}, Since: r.now}
		})
	}
	well := []string{ids["well"], ids["also-well"]}
	slices.Sort(well)
	urgent := []string{ids["lost"], ids["ending"], ids["no-link"]}
	all := slices.Sorted(slices.Values(append(slices.Clone(urgent), well...)))
	for _, tt := range []struct {
		order, state string
		want         []string
	}{
		{"", "", append(slices.Clone(urgent), well...)}, {"attention", "", urgent}, {"id", "", all},
		{"", "awaiting_key", append(slices.Clone(urgent), well...)}, {"attention", "active", nil},
	} {
		for limit := 1; limit <= 6; limit++ {
			var got []string
			l := operator.Listing{Order: tt.order, State: tt.state, Limit: limit}
			for more := true; more; more = l.Cursor != "" && len(got) < 10 {
				page, err := r.support.List(context.Background(), l)
				if err != nil || len(page.Integrations) > limit {
					t.Fatalf("%d with limit %d, %v", len(page.Integrations), limit, err)
				}
				for _, it := range page.Integrations {
					got = append(got, it.ID)
				}
				l.Cursor = page.Next
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("order %q, state %q, limit %d: got %v, want %v", tt.order, tt.state, limit, got, tt.want)
			}
		}
	}
	_, err := r.support.List(context.Background(), operator.Listing{Order: "label"})
	wantCode(t, err, operator.CodeInvalid)
	_, err = r.support.List(context.Background(), operator.Listing{Cursor: "well.nonsense"})
	wantCode(t, err, operator.CodeInvalid)
}

// TestHistoryOfOneInstantIsInOrder: the clock stands still, and the history has
// the order of what was done all the same.
func TestHistoryOfOneInstantIsInOrder(t *testing.T) {
	r := newRig(t)
	ctx, id := context.Background(), r.MustInvite("acme-ios").ID
	change := func(p operator.Patch) func() error {
		return func() error { _, err := r.support.Change(ctx, id, p, 0); return err }
	}
	label, team, bundles, shares := "Acme", "A1B2C3D4E5", []string{"com.acme.learn"}, true
	var contact string
	want := []string{"created"}
	for _, act := range []struct {
		line string
		do   func() error
	}{
		{"invited", func() error { _, err := r.support.IssueLink(ctx, id); return err }},
		{"label_changed", change(operator.Patch{Label: &label})},
		{"team_changed", change(operator.Patch{TeamID: &team})},
		{"bundle_ids_changed", change(operator.Patch{BundleIDs: &bundles})},
		{"sharing_consent", change(operator.Patch{SharesKeys: &shares})},
		{"contact_added", func() error {
			done, err := r.support.AddContact(ctx, id, operator.NewContact{Address: "bob@acme.example", Duties: []string{"business"}})
			contact = done.Contact.ID
			return err
		}},
		{"links_revoked", func() error { _, err := r.support.RevokeLinks(ctx, id); return err }},
		{"contact_erased", func() error { _, err := r.support.EraseContact(ctx, id, contact); return err }},
	} {
		if err := act.do(); err != nil {
			t.Fatalf("%s: %v", act.line, err)
		}
		want = append(want, act.line)
	}
	h, err := r.support.History(ctx, id, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range slices.Backward(h.Entries) {
		got = append(got, e.What)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the history says %v, want %v", got, want)
	}
}
