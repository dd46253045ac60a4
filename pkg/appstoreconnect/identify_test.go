package appstoreconnect

import (
	"net/http"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"keyward/pkg/integration"
)

// appleKnows answers as if the key were known at one host as one kind alone.
type appleKnows struct {
	script

	host, claim, value string
	accepted           string // the answer for that key: 200 or 403
	otherwise          int
}

func (a *appleKnows) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := a.script.RoundTrip(r); err != nil {
		return nil, err
	}
	var claims jwt.MapClaims
	token := r.Header.Get("Authorization")[len("Bearer "):]
	if _, _, err := jwt.NewParser().ParseUnverified(token, &claims); err != nil {
		return nil, err
	}
	if r.URL.Host != a.host || claims[a.claim] != a.value {
		return answer(a.otherwise, unauthorized), nil
	}
	if a.accepted == "" {
		return answer(200, oneApp), nil
	}
	return answer(403, a.accepted), nil
}

func TestIdentify(t *testing.T) {
	const standard, enterprise = "api.appstoreconnect.apple.com", "api.enterprise.developer.apple.com"
	team := teamCreds(t)
	issuer := team.IssuerID
	individual, atEnterprise := team, team
	individual.Kind = integration.IndividualKey
	atEnterprise.Program = integration.Enterprise
	for name, tc := range map[string]struct {
		given   Credentials
		apple   *appleKnows
		verdict integration.Verdict
		reason  integration.Reason
		kind    integration.KeyKind
		program integration.Program
		calls   int
	}{
		"an individual key": {team, &appleKnows{host: standard, claim: "sub", value: "user", otherwise: 401},
			integration.Rejected, integration.WrongKeyKind, integration.IndividualKey, integration.Standard, 1},
		"an individual key without an agreement": {team, &appleKnows{host: standard, claim: "sub", value: "user", otherwise: 401, accepted: noAgreement},
			integration.Rejected, integration.WrongKeyKind, integration.IndividualKey, integration.Standard, 1},
		"an individual key of a lapsed team": {team, &appleKnows{host: standard, claim: "sub", value: "user", otherwise: 401, accepted: apiErrors("403", "FORBIDDEN_ERROR", "not associated with an active membership")},
			integration.Rejected, integration.WrongKeyKind, integration.IndividualKey, integration.Standard, 1},
		"refused as an individual key too": {team, &appleKnows{host: standard, claim: "sub", value: "user", otherwise: 401, accepted: roleTooLow},
			integration.Inconclusive, integration.Role, "", integration.Standard, 2},
		"refused at the other program too": {team, &appleKnows{host: enterprise, claim: "iss", value: issuer, otherwise: 401, accepted: roleTooLow},
			integration.Inconclusive, integration.Role, "", integration.Standard, 2},
		"an Enterprise key": {team, &appleKnows{host: enterprise, claim: "iss", value: issuer, otherwise: 401},
			integration.Rejected, integration.WrongProgram, integration.TeamKey, integration.Enterprise, 2},
		"a team key after all": {individual, &appleKnows{host: standard, claim: "iss", value: issuer, otherwise: 401},
			integration.Rejected, integration.WrongKeyKind, integration.TeamKey, integration.Standard, 1},
		"a standard key": {atEnterprise, &appleKnows{host: standard, claim: "iss", value: issuer, otherwise: 401},
			integration.Rejected, integration.WrongProgram, integration.TeamKey, integration.Standard, 2},
		"nobody's": {team, &appleKnows{otherwise: 401},
			integration.Rejected, integration.NotAuthorized, "", integration.Standard, 2},
		"not to be told": {team, &appleKnows{otherwise: 503},
			integration.Inconclusive, integration.Outage, "", integration.Standard, 2},
	} {
		t.Run(name, func(t *testing.T) {
			creds, o := New(Config{HTTPClient: &http.Client{Transport: tc.apple}, Now: clientOf(nil).now}).Identify(t.Context(), tc.given)
			if o.Verdict != tc.verdict || o.Reason != tc.reason || o.Kind != tc.kind {
				t.Errorf("got %s, %s, kind %q", o.Verdict, o.Reason, o.Kind)
			}
			if creds.Program != tc.program || tc.kind != "" && creds.Kind != tc.kind {
				t.Errorf("credentials are %s, %s", creds.Kind, creds.Program)
			}
			if len(tc.apple.requests) != tc.calls {
				t.Errorf("%d calls, want %d", len(tc.apple.requests), tc.calls)
			}
		})
	}
}

// With a server of its own, nothing else is called: not for the other program,
// not where a redirect leads, not where a list goes on.
func TestNoOtherHostIsCalled(t *testing.T) {
	for name, tc := range map[string]func() *http.Response{
		"an unknown key": func() *http.Response { return answer(401, unauthorized) },
		"refused":        func() *http.Response { return answer(403, roleTooLow) },
		"a redirect": func() *http.Response {
			return answer(302, "", "Location", "https://api.appstoreconnect.apple.com/v1/apps")
		},
		"a permanent one":     func() *http.Response { return answer(308, "", "Location", "//evil.example/v1/apps") },
		"a list that goes on": func() *http.Response { return pageWith("1", DefaultBaseURL+"/v1/certificates?cursor=2") },
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: handlers{"*": always(tc)}}
			c := New(Config{BaseURL: "http://127.0.0.1:9/sim", HTTPClient: &http.Client{Transport: s}})
			creds := teamCreds(t)
			c.Check(t.Context(), creds, Plan{Level: asking(integration.Capabilities()...), Depth: Full})
			_, _ = c.Certificates(t.Context(), creds)
			c.Identify(t.Context(), creds)
			creds.Program = integration.Enterprise
			if o := c.Check(t.Context(), creds, Plan{Level: level("apps")}); o.Verdict != integration.Inconclusive {
				t.Errorf("an Enterprise key is %s, %s", o.Verdict, o.Reason)
			}
			for _, r := range s.requests {
				if r.URL.Host != "127.0.0.1:9" {
					t.Errorf("called %s", r.URL)
				}
			}
			if len(s.requests) == 0 {
				t.Error("nothing was called")
			}
		})
	}
}

func TestIdentifyNeedsAnIssuerForTeamKeys(t *testing.T) {
	creds := teamCreds(t)
	creds.Kind, creds.IssuerID = integration.IndividualKey, ""
	s := &script{answers: handlers{"*": says(401, unauthorized)}}
	if _, o := clientOf(s).Identify(t.Context(), creds); o.Reason != integration.NotAuthorized || len(s.requests) != 1 {
		t.Errorf("got %s after %d calls, want one at the other program", o.Reason, len(s.requests))
	}
}
