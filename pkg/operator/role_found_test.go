package operator_test

import (
	"context"
	"strings"
	"testing"

	"keyward/pkg/integration"
)

// What support and automation hear of the key's role, for each thing that a
// check may have read.
func TestTheRoleOfTheKeyIsSaidAsFarAsItWasSeen(t *testing.T) {
	found := func(v integration.Verdict, why integration.Reason, cs ...integration.Capability) (fs []integration.Finding) {
		for _, c := range cs {
			fs = append(fs, integration.Finding{Capability: c, Verdict: v, Reason: why})
		}
		return fs
	}
	signing := []integration.Capability{"apps", "certificates", "profiles", "bundle_ids"}
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	if it.Role != nil {
		t.Fatalf("without a key: %+v", it.Role)
	}
	if !strings.Contains(it.AccessLevel.RoleWhy, "Developer can only upload builds") {
		t.Errorf("the level says why: %q", it.AccessLevel.RoleWhy)
	}
	r.MustActivate(it.ID)
	for _, tt := range []struct {
		name     string
		findings []integration.Finding
		found    string
		words    string
	}{
		{"the key reads what is required", found("ok", "", signing...), "not_verified", "couldn't verify that this key has the role App Manager"},
		{"it reads the users too", found("ok", "", append(signing, "users")...), "yes", "fits the role App Manager"},
		{"certificates are refused", append(found("ok", "", "apps"), found("blocked", "role", "certificates")...), "no", "at least the role App Manager"},
		{"an agreement is missing", found("blocked", "agreement", signing...), "not_verified", "couldn't look yet whether the key has the role App Manager"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.MustSet(it.ID, func(it *integration.Integration) { it.Findings = tt.findings })
			got, err := r.support.Get(context.Background(), it.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got.Role == nil || got.Role.Found != tt.found || !strings.Contains(got.Role.Words, tt.words) {
				t.Errorf("got %+v, want %s, %q", got.Role, tt.found, tt.words)
			}
		})
	}
}
