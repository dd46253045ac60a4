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
