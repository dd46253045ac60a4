package console_test

import (
	"strings"
	"testing"

	"keyward/pkg/integration"
)

func TestDetailShowsTheVendorsUser(t *testing.T) {
	u, err := integration.NewVendorUser("builds@vendor.example")
	must(t, err)
	r := newRig(t)
	id := r.MustInvite("acme-ios", "Acme", "acme")
	if strings.Contains(r.get("/integrations/"+id, 200), "Vendor’s user") {
		t.Error("a user is shown where none is asked for")
	}
	for _, tt := range []struct {
		name, badge, says string
		found             integration.UserFinding
	}{
		{"no answer", "badge warn", "Unknown", integration.UserFinding{}},
		{"active", "badge ok", "Active", integration.UserFinding{Access: integration.UserActive}},
		{"invited", "badge info", "Accept the invitation", integration.UserFinding{Access: integration.UserInvited}},
		{"missing", "badge bad", "has to add it", integration.UserFinding{Access: integration.UserMissing}},
		{"incomplete", "badge bad", "Access to Cloud Managed", integration.UserFinding{Access: integration.UserIncomplete, Missing: []integration.UserRight{integration.CloudSigning}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := r.stored(id)
			after := before
			after.Access.User, after.User = u, tt.found
			r.MustCommit(integration.Change{Integration: integration.Put(before, after)})
			_, row, _ := strings.Cut(r.get("/integrations/"+id, 200), "Vendor’s user")
			row, _, _ = strings.Cut(row, "</dd>")
			wantText(t, row, `class="`+tt.badge+`"`, "builds@vendor.example", tt.says)
		})
	}
}
