package appstoreconnect_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// An apple is a simulated App Store Connect behind TLS, with one team.
type apple struct {
	*asctest.Server

	client  *appstoreconnect.Client
	project asctest.Team
}

func mustApple(t *testing.T, conf asctest.Config, team asctest.Team, scoping appstoreconnect.Scoping) *apple {
	t.Helper()
	server := asctest.New(conf)
	web := httptest.NewUnstartedServer(server.Site())
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.EnableHTTP2 = true
	web.StartTLS()
	t.Cleanup(web.Close)
	trust := web.Client().Transport.(*http.Transport).TLSClientConfig
	client := appstoreconnect.New(appstoreconnect.Config{
		BaseURL: web.URL, EnterpriseURL: web.URL + "/enterprise", Scoping: scoping,
		HTTPClient: &http.Client{Transport: appstoreconnect.NewTransport(trust)},
	})
	return &apple{Server: server, client: client, project: server.AddTeam(team)}
}

// mustCreds are the credentials that a customer would hand over for a new key
// with the roles.
func (a *apple) mustCreds(t *testing.T, roles ...asctest.Role) appstoreconnect.Credentials {
	t.Helper()
	key, err := a.NewKey(a.project.TeamID, roles...)
	if err != nil {
		t.Fatal(err)
	}
	return mustHandOver(t, key)
}

func mustHandOver(t *testing.T, key asctest.Key) appstoreconnect.Credentials {
	t.Helper()
	private, err := keyfile.Parse(key.PEM)
	if err != nil {
		t.Fatal(err)
	}
	return appstoreconnect.Credentials{KeyID: key.KeyID, IssuerID: key.IssuerID, Kind: key.Kind, Program: key.Program, Key: private}
}

func mustLevel(t *testing.T, name string) integration.AccessLevel {
	t.Helper()
	l, err := integration.LevelNamed(integration.Levels(), name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSimulatorHealthy(t *testing.T) {
	for _, scoping := range []appstoreconnect.Scoping{appstoreconnect.Unscoped, appstoreconnect.PerTarget} {
		for _, program := range []integration.Program{integration.Standard, integration.Enterprise} {
			t.Run(string(program)+" "+string(scoping), func(t *testing.T) {
				a := mustApple(t, asctest.Config{}, asctest.Team{Program: program}, scoping)
				creds := a.mustCreds(t, asctest.Admin)
				_, err := a.IssueCertificate(a.project.TeamID, "DISTRIBUTION", nil, 0)
				must(t, err)

				o := a.client.Check(t.Context(), creds, appstoreconnect.Plan{Level: mustLevel(t, "full")})
				want := integration.Outcome{Verdict: integration.OK, Kind: integration.TeamKey}
				if diff := cmp.Diff(want, o); diff != "" || a.Calls() != 1 {
					t.Errorf("quick check, %d calls (-want +got):\n%s", a.Calls(), diff)
				}
				o = a.client.Check(t.Context(), creds, appstoreconnect.Plan{Level: mustLevel(t, "full"), Depth: appstoreconnect.Full})
				for _, c := range integration.Capabilities() {
					if !o.Can(c) {
						t.Errorf("full check does not find %s: %v", c, o.Findings)
					}
				}
				if diff := cmp.Diff([]string{a.project.TeamID}, o.TeamIDs); diff != "" || len(o.Apps) != len(a.project.Apps) || a.Calls() != 9 {
					t.Errorf("%d apps after %d calls, team IDs (-want +got):\n%s", len(o.Apps), a.Calls(), diff)
				}
			})
		}
	}
}

func TestSimulatorRefusals(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil   func(t *testing.T, a *apple, keyID string)
		verdict integration.Verdict
		reason  integration.Reason
	}{
		"revoked":                      {func(t *testing.T, a *apple, id string) { must(t, a.Revoke(id)) }, integration.Rejected, integration.NotAuthorized},
		"agreement expired":            {agreement(asctest.AgreementExpired), integration.Blocked, integration.Agreement},
		"licence not accepted":         {agreement(asctest.AgreementNewLicense), integration.Blocked, integration.Agreement},
		"licence, older form":          {agreement(asctest.AgreementNewOld), integration.Blocked, integration.Agreement},
		"membership lapsed":            {lapse, integration.Blocked, integration.Membership},
		"forbidden at all":             {fault(asctest.Fault{Effect: asctest.Forbid403}), integration.Rejected, integration.ForbiddenAtAll},
		"one spurious 401":             {fault(asctest.Fault{Effect: asctest.Spurious401, Count: 1}), integration.OK, ""},
		"spurious 401s":                {fault(asctest.Fault{Effect: asctest.Spurious401}), integration.Rejected, integration.NotAuthorized},
		"rate limit":                   {fault(asctest.Fault{Effect: asctest.Limit429, RetryAfter: time.Hour}), integration.Inconclusive, integration.RateLimited},
		"outage":                       {fault(asctest.Fault{Effect: asctest.Outage}), integration.Inconclusive, integration.Outage},
		"500":                          {fault(asctest.Fault{Effect: asctest.Outage, Status: 500}), integration.Inconclusive, integration.Outage},
		"HTML":                         {fault(asctest.Fault{Effect: asctest.HTMLError}), integration.Inconclusive, integration.Outage},
		"HTML with 403":                {fault(asctest.Fault{Effect: asctest.HTMLError, Status: 403}), integration.Inconclusive, integration.Outage},
		"empty 502":                    {fault(asctest.Fault{Effect: asctest.EmptyBody}), integration.Inconclusive, integration.Outage},
		"huge body":                    {fault(asctest.Fault{Effect: asctest.HugeBody}), integration.Inconclusive, integration.Nonsense},
		"truncated":                    {fault(asctest.Fault{Effect: asctest.Truncated}), integration.Inconclusive, integration.Nonsense},
		"closed in the body":           {fault(asctest.Fault{Effect: asctest.CloseMidBody}), integration.Inconclusive, integration.Outage},
		"wrong content type":           {fault(asctest.Fault{Effect: asctest.WrongContentType}), integration.Inconclusive, integration.Outage},
		"a hostile next page, unasked": {fault(asctest.Fault{Effect: asctest.HostileNext}), integration.OK, ""},
		"slow":                         {fault(asctest.Fault{Effect: asctest.Slow, Latency: time.Minute}), integration.Inconclusive, integration.Timeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, depth := range []appstoreconnect.Depth{appstoreconnect.Quick, appstoreconnect.Full} {
				a := mustApple(t, asctest.Config{}, asctest.Team{}, appstoreconnect.Unscoped)
				creds := a.mustCreds(t, asctest.Admin)
				tc.spoil(t, a, creds.KeyID)
				ctx, cancel := context.WithTimeout(t.Context(), timeFor(tc.reason))
				o := a.client.Check(ctx, creds, appstoreconnect.Plan{Level: mustLevel(t, "full"), Depth: depth})
				cancel()
				if o.Verdict != tc.verdict || o.Reason != tc.reason {
					t.Errorf("%s: got %s, %s; want %s, %s", depth, o.Verdict, o.Reason, tc.verdict, tc.reason)
				}
			}
		})
	}
}

// timeFor is short only where the test is about time.
func timeFor(r integration.Reason) time.Duration {
	if r == integration.Timeout {
		return 100 * time.Millisecond
	}
	return time.Minute
}

func agreement(state asctest.Agreement) func(*testing.T, *apple, string) {
	return func(t *testing.T, a *apple, _ string) { must(t, a.SetAgreement(a.project.TeamID, state)) }
}

func lapse(t *testing.T, a *apple, _ string) {
	must(t, a.SetMembership(a.project.TeamID, asctest.MembershipLapsed))
}

func fault(f asctest.Fault) func(*testing.T, *apple, string) {
	return func(t *testing.T, a *apple, _ string) {
		_, err := a.Fail(f)
		must(t, err)
	}
}
