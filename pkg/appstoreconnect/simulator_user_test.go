package appstoreconnect_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
)

// TestSimulatorVendorUser looks for the vendor's user with tokens that are
// good for all, and with ones that are good for that request alone.
func TestSimulatorVendorUser(t *testing.T) {
	const address = "builds+acme@vendor.example"
	holder := asctest.User{Username: "holder@customer.example", FirstName: "A", LastName: "B", Roles: []asctest.Role{asctest.AccountHolder}}
	users := func(u asctest.User) asctest.Team { return asctest.Team{Users: []asctest.User{holder, u}} }
	for name, tc := range map[string]struct {
		team asctest.Team
		role asctest.Role
		want integration.UserFinding
	}{
		"not there":    {asctest.Team{}, asctest.Admin, integration.UserFinding{Access: integration.UserMissing}},
		"may not look": {asctest.Team{}, asctest.AppManager, integration.UserFinding{Access: integration.UserUnknown}},
		"active": {users(asctest.User{Username: address, Roles: []asctest.Role{asctest.AppManager, "CLOUD_MANAGED_APP_DISTRIBUTION"}, Provisioning: true}),
			asctest.Admin, integration.UserFinding{Access: integration.UserActive}},
		"incomplete": {users(asctest.User{Username: address, Roles: []asctest.Role{asctest.AppManager}, Provisioning: true}),
			asctest.Admin, integration.UserFinding{Access: integration.UserIncomplete, Missing: []integration.UserRight{integration.CloudSigning}}},
		"invited": {asctest.Team{Invitations: []asctest.Invitation{{Email: address, Roles: []asctest.Role{asctest.AppManager, "CLOUD_MANAGED_APP_DISTRIBUTION"}, Provisioning: true}}},
			asctest.Admin, integration.UserFinding{Access: integration.UserInvited}},
	} {
		for _, scoping := range []appstoreconnect.Scoping{appstoreconnect.Unscoped, appstoreconnect.PerTarget} {
			t.Run(name+" "+string(scoping), func(t *testing.T) {
				a := mustApple(t, asctest.Config{}, tc.team, scoping)
				asked, err := integration.NewVendorUser(address)
				must(t, err)
				level := mustLevel(t, "publish")
				level.User = asked
				o := a.client.Check(t.Context(), a.mustCreds(t, tc.role), appstoreconnect.Plan{Level: level, Depth: appstoreconnect.Full})
				if diff := cmp.Diff(tc.want, o.User); diff != "" || o.Verdict != integration.OK {
					t.Errorf("verdict %s, %s; user (-want +got):\n%s", o.Verdict, o.Reason, diff)
				}
			})
		}
	}
}
