package operator_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

const userAddress = "builds@vendor.example"

func vendorUser(t *testing.T) integration.VendorUser {
	t.Helper()
	u, err := integration.NewVendorUser(userAddress)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestLevelsTellOfTheVendorsUser(t *testing.T) {
	r := newRig(t)
	r.service.Levels = integration.AskForUser(integration.Levels(), vendorUser(t))
	levels, err := r.support.AccessLevels(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range levels {
		switch asked := l.Name != "insights"; {
		case asked != (l.User != nil):
			t.Errorf("level %s asks for a user: %v", l.Name, !asked)
		case asked && (l.User.Address != userAddress || l.User.Role != "App Manager" || !slices.Equal(l.User.Needs, []string{"provisioning", "cloud_signing"})):
			t.Errorf("level %s: %+v", l.Name, l.User)
		}
	}
	it := r.MustInvite("acme-ios")
	if it.AccessLevel.User == nil || it.VendorUser == nil || it.VendorUser.Access != "unknown" || !strings.Contains(it.VendorUser.Words, "No check") {
		t.Errorf("before the first check: %+v", it.VendorUser)
	}
}

func TestIntegrationsTellWhatWasFound(t *testing.T) {
	lacks := []integration.UserRight{integration.CloudSigning}
	r := newRig(t)
	id := r.MustInvite("acme-ios").ID
	for _, tt := range []struct {
		name, access, says string
		found              integration.UserFinding
	}{
		{"active", "active", "with the access that it needs", integration.UserFinding{Access: integration.UserActive}},
		{"invited", "invited", "Accept the invitation", integration.UserFinding{Access: integration.UserInvited}},
		{"invited, lacks", "invited", `invited to the team, but lacks "Access to Cloud`, integration.UserFinding{Access: integration.UserInvited, Missing: lacks}},
		{"missing", "missing", "has to add it", integration.UserFinding{Access: integration.UserMissing}},
		{"incomplete", "incomplete", `a user of the team, but lacks "Access to Cloud`, integration.UserFinding{Access: integration.UserIncomplete, Missing: lacks}},
		{"unknown", "unknown", "may not read", integration.UserFinding{Access: integration.UserUnknown}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.MustSet(id, func(it *integration.Integration) { it.Access.User, it.User = vendorUser(t), tt.found })
			it, err := r.support.Get(context.Background(), id)
			if err != nil || it.VendorUser == nil {
				t.Fatalf("got %+v, %v", it.VendorUser, err)
			}
			got := it.VendorUser
			if got.Access != tt.access || !strings.Contains(got.Words, tt.says) || !strings.HasSuffix(got.Words, ".") || len(got.Missing) != len(tt.found.Missing) {
				t.Errorf("got %+v", got)
			}
		})
	}
	r.MustSet(id, func(it *integration.Integration) { it.Access.User = integration.VendorUser{} })
	if it, err := r.support.Get(context.Background(), id); err != nil || it.VendorUser != nil || it.AccessLevel.User != nil {
		t.Errorf("where none is asked: %+v, %v", it.VendorUser, err)
	}
	if strings.Contains(r.logs.String(), userAddress) {
		t.Error("the address is in the log")
	}
}

func TestConfigRefusesAUserWhoCannotBe(t *testing.T) {
	levels := integration.AskForUser(integration.Levels(), integration.VendorUser{Address: "secret-name", Needs: []integration.UserRight{"everything"}})
	_, err := operator.New(operator.Config{Levels: levels})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`"publish"`, `"full"`, "no e-mail address", `"everything"`, "provisioning"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "secret-name") || strings.Contains(err.Error(), "insights") {
		t.Errorf("the error says too much: %v", err)
	}
}
