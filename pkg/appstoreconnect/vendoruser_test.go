package appstoreconnect

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"keyward/pkg/integration"
)

const vendorAddress = "builds+acme@vendor.example"

// asking is a level that asks for the vendor's user.
func asking(required ...integration.Capability) integration.AccessLevel {
	l := level(required...)
	l.User = integration.VendorUser{Address: vendorAddress, Role: "App Manager", Needs: integration.UserRights()}
	return l
}

// people is a list with one user or invitation.
func people(attributes string) string {
	return `{"data":[{"id":"1","attributes":{` + attributes + `}}]}`
}

func user(access integration.UserAccess, missing ...integration.UserRight) integration.UserFinding {
	return integration.UserFinding{Access: access, Missing: missing}
}

func TestVendorUserIsFound(t *testing.T) {
	both := `"roles":["APP_MANAGER","CLOUD_MANAGED_APP_DISTRIBUTION"],"provisioningAllowed":true`
	users := func(body string) handlers { return handlers{"/v1/users": says(200, body)} }
	invited := func(body string) handlers { return handlers{"/v1/userInvitations": says(200, body)} }
	for name, tc := range map[string]struct {
		answers handlers
		want    integration.UserFinding
	}{
		"with every right":         {users(people(`"username":"` + vendorAddress + `",` + both)), user(integration.UserActive)},
		"written otherwise":        {users(people(`"username":"Builds+ACME@vendor.example",` + both)), user(integration.UserActive)},
		"an admin":                 {users(people(`"username":"` + vendorAddress + `","roles":["ADMIN"],"provisioningAllowed":false`)), user(integration.UserActive)},
		"without provisioning":     {users(people(`"username":"` + vendorAddress + `","roles":["CLOUD_MANAGED_APP_DISTRIBUTION"],"provisioningAllowed":false`)), user(integration.UserIncomplete, integration.Provisioning)},
		"without cloud signing":    {users(people(`"username":"` + vendorAddress + `","roles":["APP_MANAGER"],"provisioningAllowed":true`)), user(integration.UserIncomplete, integration.CloudSigning)},
		"without attributes":       {users(people(`"username":"` + vendorAddress + `"`)), user(integration.UserIncomplete, integration.UserRights()...)},
		"with odd attributes":      {users(people(`"username":"` + vendorAddress + `","roles":"ADMIN","provisioningAllowed":"true"`)), user(integration.UserIncomplete, integration.UserRights()...)},
		"somebody else":            {users(people(`"username":"more-` + vendorAddress + `",` + both)), user(integration.UserMissing)},
		"invited":                  {invited(people(`"email":"` + vendorAddress + `",` + both)), user(integration.UserInvited)},
		"invited, lacks something": {invited(people(`"email":"` + vendorAddress + `","roles":["DEVELOPER"]`)), user(integration.UserInvited, integration.UserRights()...)},
		"invitation in force":      {invited(people(`"email":"` + vendorAddress + `","expirationDate":"2026-03-02T12:00:00.000+0000",` + both)), user(integration.UserInvited)},
		"invitation has run out":   {invited(people(`"email":"` + vendorAddress + `","expirationDate":"2026-02-28T12:00:00.000+0000",` + both)), user(integration.UserMissing)},
		"invitation ends now":      {invited(people(`"email":"` + vendorAddress + `","expirationDate":"2026-03-01T12:00:00Z",` + both)), user(integration.UserMissing)},
		"invited once more": {invited(`{"data":[{"id":"1","attributes":{"email":"` + vendorAddress + `","expirationDate":"2026-01-01T00:00:00Z"}},` +
			`{"id":"2","attributes":{"email":"` + vendorAddress + `","expirationDate":"2026-03-20T00:00:00Z",` + both + `}}]}`), user(integration.UserInvited)},
		"nowhere": {nil, user(integration.UserMissing)},
	} {
		t.Run(name, func(t *testing.T) {
			o := clientOf(&script{answers: tc.answers}).Check(t.Context(), teamCreds(t), Plan{Level: asking("apps"), Depth: Full})
			if diff := cmp.Diff(tc.want, o.User); diff != "" || o.Verdict != integration.OK {
				t.Errorf("verdict %s, user (-want +got):\n%s", o.Verdict, diff)
			}
		})
	}
}

func TestVendorUserWithoutAnAnswer(t *testing.T) {
	unknown, nothing := user(integration.UserUnknown), integration.UserFinding{}
	for name, tc := range map[string]struct {
		path   string
		answer func(int) (*http.Response, error)
		want   integration.UserFinding
	}{
		"role too low":                 {"/v1/users", says(403, roleTooLow), unknown},
		"role too low for invitations": {"/v1/userInvitations", says(403, roleTooLow), unknown},
		"not there":                    {"/v1/users", says(404, apiErrors("404", "NOT_FOUND", "")), unknown},
		"refuses the filter":           {"/v1/users", says(400, apiErrors("400", "PARAMETER_ERROR.INVALID", "")), unknown},
		"no list":                      {"/v1/userInvitations", says(200, `{"data":null}`), unknown},
		"outage":                       {"/v1/userInvitations", says(503, ""), nothing},
		"rate limit": {"/v1/users", always(func() *http.Response {
			return answer(429, limited, "Retry-After", "3600")
		}), nothing},
		"a 401":         {"/v1/users", says(401, unauthorized), nothing},
		"an agreement":  {"/v1/users", says(403, noAgreement), nothing},
		"no connection": {"/v1/users", func(int) (*http.Response, error) { return nil, errors.New("broken: " + vendorAddress) }, nothing},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: handlers{tc.path: tc.answer}}
			o := clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: asking("apps"), Depth: Full})
			want := integration.Outcome{
				Verdict: integration.OK, Kind: integration.TeamKey, Findings: []integration.Finding{ok("apps")}, User: tc.want,
			}
			if diff := cmp.Diff(want, o); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVendorUserIsLookedForOnlyWhereItIsAsked(t *testing.T) {
	noUsers := integration.AccessLevel{Required: []integration.Capability{"apps"}, Useful: []integration.Capability{"users"}, User: asking().User}
	for name, tc := range map[string]struct {
		plan    Plan
		answers handlers
		want    []string
	}{
		"quick check":      {Plan{Level: asking("apps")}, nil, []string{"/v1/apps"}},
		"not asked":        {Plan{Level: level("apps"), Depth: Full}, nil, []string{"/v1/apps"}},
		"asked":            {Plan{Level: asking("apps"), Depth: Full}, nil, []string{"/v1/apps", "/v1/users", "/v1/userInvitations"}},
		"key not accepted": {Plan{Level: asking("apps"), Depth: Full}, handlers{"*": says(401, unauthorized)}, []string{"/v1/apps", "/v1/apps"}},
		"role known": {
			Plan{Level: noUsers, Depth: Full}, handlers{"/v1/users": says(403, roleTooLow)}, []string{"/v1/apps", "/v1/users"}},
		"hour nearly used up": {Plan{Level: asking("apps"), Depth: Full}, handlers{"/v1/apps": always(func() *http.Response {
			return answer(200, emptyList, "X-Rate-Limit", "user-hour-lim:3500;user-hour-rem:3;")
		})}, []string{"/v1/apps"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: tc.answers}
			clientOf(s).Check(t.Context(), teamCreds(t), tc.plan)
			if !slices.Equal(s.paths(), tc.want) {
				t.Errorf("asked for %v, want %v", s.paths(), tc.want)
			}
		})
	}
}

func TestVendorUsersAddressIsInTheQueryAlone(t *testing.T) {
	s := &script{}
	clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: asking("apps"), Depth: Full})
	for i, filter := range []string{"", "filter[username]", "filter[email]"} {
		r := s.requests[i]
		if got := r.URL.Query().Get(filter); filter != "" && got != vendorAddress {
			t.Errorf("%s asks with %q", r.URL.Path, got)
		}
		if strings.Contains(r.URL.Path, "@") || strings.Contains(r.UserAgent(), "@") {
			t.Errorf("%s has the address elsewhere", r.URL.Path)
		}
		if fields := r.URL.Query().Get("fields[" + strings.TrimPrefix(r.URL.Path, "/v1/") + "]"); strings.Contains(fields, "Name") {
			t.Errorf("%s asks for people's names: %s", r.URL.Path, fields)
		}
	}
	for _, rt := range []http.RoundTripper{
		&script{answers: handlers{"*": says(400, apiErrors("400", "PARAMETER_ERROR", vendorAddress))}},
		&script{answers: handlers{"*": func(int) (*http.Response, error) { return nil, errors.New("malformed: " + vendorAddress) }}},
	} {
		_, _, err := memberLists[0].find(t.Context(), clientOf(rt).session(teamCreds(t), false), vendorAddress)
		if err == nil || strings.Contains(err.Error(), "vendor.example") {
			t.Errorf("got error %v", err)
		}
	}
}
