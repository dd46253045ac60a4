package appstoreconnect

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"keyward/pkg/integration"
)

// ok, no and so on shorten the tables of findings.
func ok(c integration.Capability) integration.Finding {
	return integration.Finding{Capability: c, Verdict: integration.OK}
}

func no(c integration.Capability, r integration.Reason) integration.Finding {
	return integration.Finding{Capability: c, Verdict: integration.Blocked, Reason: r}
}

func open(c integration.Capability, r integration.Reason) integration.Finding {
	return integration.Finding{Capability: c, Verdict: integration.Inconclusive, Reason: r}
}

func TestFullCheckProbesWhatTheLevelWants(t *testing.T) {
	all := integration.Capabilities()
	for name, tc := range map[string]struct {
		level   integration.AccessLevel
		answers handlers
		want    integration.Outcome
		calls   int
	}{
		"everything": {
			level(all...), handlers{"/v1/apps": says(200, oneApp)},
			integration.Outcome{Verdict: integration.OK, Findings: []integration.Finding{
				ok("apps"), ok("bundle_ids"), ok("certificates"), ok("profiles"), ok("users"), ok("builds"), ok("reviews"), ok("reports")}}, 8,
		},
		"role too low for some": {
			level("apps", "users", "certificates"), handlers{"/v1/apps": says(200, oneApp), "/v1/users": says(403, roleTooLow), "/v1/certificates": says(403, roleTooLow)},
			integration.Outcome{Verdict: integration.Blocked, Reason: integration.Role, Missing: []integration.Capability{"certificates", "users"},
				Findings: []integration.Finding{ok("apps"), no("certificates", "role"), no("users", "role")}}, 3,
		},
		"role too low for a useful one": {
			integration.AccessLevel{Required: []integration.Capability{"apps"}, Useful: []integration.Capability{"users"}},
			handlers{"/v1/apps": says(200, oneApp), "/v1/users": says(403, roleTooLow)},
			integration.Outcome{Verdict: integration.OK, Findings: []integration.Finding{ok("apps"), no("users", "role")}}, 2,
		},
		"agreement for a required one": {
			level("apps", "certificates", "users"), handlers{"/v1/apps": says(200, oneApp), "/v1/certificates": says(403, noAgreement), "/v1/users": says(403, roleTooLow)},
			integration.Outcome{Verdict: integration.Blocked, Reason: integration.Agreement,
				Findings: []integration.Finding{ok("apps"), no("certificates", "agreement"), no("users", "role")}}, 3,
		},
		"agreement for a useful one": {
			integration.AccessLevel{Required: []integration.Capability{"apps"}, Useful: []integration.Capability{"profiles"}},
			handlers{"/v1/apps": says(200, oneApp), "/v1/profiles": says(403, noAgreement)},
			integration.Outcome{Verdict: integration.OK, Findings: []integration.Finding{ok("apps"), no("profiles", "agreement")}}, 2,
		},
		"a required one did not answer": {
			level("apps", "profiles"), handlers{"/v1/apps": says(200, oneApp), "/v1/profiles": says(500, "")},
			integration.Outcome{Verdict: integration.Inconclusive, Reason: integration.Outage,
				Findings: []integration.Finding{ok("apps"), open("profiles", "outage")}}, 2,
		},
		"below an app that is not listed": {
			level("reviews"), handlers{"/v1/apps": says(403, roleTooLow), "/v1/bundleIds": says(403, roleTooLow), "/v1/users": says(403, roleTooLow)},
			integration.Outcome{Verdict: integration.Blocked, Reason: integration.Role, Missing: []integration.Capability{"reviews"},
				Findings: []integration.Finding{no("apps", "role"), no("reviews", "role"), no("bundle_ids", "role"), ok("certificates"), no("users", "role")}}, 4,
		},
		"refused to an Admin key": {
			level("apps", "certificates", "profiles", "bundle_ids"), handlers{"/v1/apps": says(200, oneApp),
				"/v1/certificates": says(403, noTeam), "/v1/profiles": says(403, noTeam), "/v1/bundleIds": says(403, noTeam)},
			integration.Outcome{Verdict: integration.Inconclusive, Reason: integration.NotTheRole, Findings: []integration.Finding{
				ok("apps"), open("bundle_ids", "not_the_role"), open("certificates", "not_the_role"), open("profiles", "not_the_role"), ok("users")}}, 5,
		},
		"refused to an Admin key, apps among them": {
			level("apps"), handlers{"/v1/apps": says(403, noTeam)},
			integration.Outcome{Verdict: integration.Inconclusive, Reason: integration.NotTheRole, Findings: []integration.Finding{
				open("apps", "not_the_role"), ok("bundle_ids"), ok("users")}}, 3,
		},
		"refused to an Admin key, and useful": {
			integration.AccessLevel{Required: []integration.Capability{"apps"}, Useful: []integration.Capability{"profiles", "users"}},
			handlers{"/v1/apps": says(200, oneApp), "/v1/profiles": says(403, noTeam)},
			integration.Outcome{Verdict: integration.OK, Findings: []integration.Finding{ok("apps"), open("profiles", "not_the_role"), ok("users")}}, 3,
		},
		"refused to an Admin key, asked for users first": {
			level("users"), handlers{"/v1/apps": says(403, noTeam)},
			integration.Outcome{Verdict: integration.OK, Findings: []integration.Finding{ok("users"), open("apps", "not_the_role")}}, 2,
		},
		"users did not answer": {
			level("apps", "profiles"), handlers{"/v1/apps": says(200, oneApp), "/v1/profiles": says(403, roleTooLow), "/v1/users": says(503, "")},
			integration.Outcome{Verdict: integration.Inconclusive, Reason: integration.Outage,
				Findings: []integration.Finding{ok("apps"), open("profiles", "outage"), open("users", "outage")}}, 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: tc.answers}
			got := clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: tc.level, Depth: Full})
			tc.want.Kind = integration.TeamKey
			got.Apps = nil
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if len(s.requests) != tc.calls {
				t.Errorf("asked for %v", s.paths())
			}
		})
	}
}

// noTeam is what Apple says of some teams' provisioning, whoever asks.
var noTeam = apiErrors("403", "FORBIDDEN_ERROR", "no team for this content provider")

func TestRevokedOrRoleTooLow(t *testing.T) {
	everything := says(403, roleTooLow)
	for name, tc := range map[string]struct {
		level   integration.AccessLevel
		answers handlers
		verdict integration.Verdict
		reason  integration.Reason
	}{
		"everything refused":               {level("apps", "certificates"), handlers{"*": everything}, integration.Rejected, integration.ForbiddenAtAll},
		"everything refused, one required": {level("certificates"), handlers{"*": everything}, integration.Rejected, integration.ForbiddenAtAll},
		"everything refused by nobody":     {level("apps", "certificates"), handlers{"*": says(403, "")}, integration.Inconclusive, integration.Outage},
		"something else is allowed":        {level("apps"), handlers{"*": everything, "/v1/builds": says(200, emptyList)}, integration.Blocked, integration.Role},
		"something does not answer":        {level("apps", "certificates"), handlers{"*": everything, "/v1/certificates": says(502, page)}, integration.Inconclusive, integration.Outage},
		"an agreement where it is useful":  {level("users"), handlers{"*": everything, "/v1/apps": says(403, noAgreement)}, integration.Blocked, integration.Agreement},
		"an agreement somewhere":           {level("apps", "certificates"), handlers{"*": everything, "/v1/certificates": says(403, noAgreement)}, integration.Blocked, integration.Agreement},
	} {
		t.Run(name, func(t *testing.T) {
			for _, depth := range []Depth{Quick, Full} {
				s := &script{answers: tc.answers}
				o := clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: tc.level, Depth: depth})
				if o.Verdict != tc.verdict || o.Reason != tc.reason {
					t.Errorf("%s: got %s, %s; want %s, %s", depth, o.Verdict, o.Reason, tc.verdict, tc.reason)
				}
				if o.Verdict == integration.Inconclusive && o.Kind != "" {
					t.Errorf("%s: kind %q, although nothing shows that Apple knows the key", depth, o.Kind)
				}
				if o.Reason == integration.ForbiddenAtAll && (o.Kind != "" || len(slices.Compact(slices.Sorted(slices.Values(s.paths())))) < 3) {
					t.Errorf("%s: kind %q after asking for %v", depth, o.Kind, s.paths())
				}
			}
		})
	}
}

func TestIndividualKeys(t *testing.T) {
	creds := teamCreds(t)
	creds.Kind, creds.IssuerID = integration.IndividualKey, ""
	insights := level("apps", "reviews")
	insights.AllowIndividual = true
	insights.Useful = []integration.Capability{"profiles"}
	signing := level("apps", "certificates")
	signing.AllowIndividual = true
	for name, tc := range map[string]struct {
		level   integration.AccessLevel
		apps    func(int) (*http.Response, error)
		verdict integration.Verdict
		reason  integration.Reason
	}{
		"will do":                         {insights, says(200, oneApp), integration.OK, ""},
		"are not wanted":                  {level("apps"), says(200, oneApp), integration.Rejected, integration.WrongKeyKind},
		"cannot do what is required":      {signing, says(200, oneApp), integration.Rejected, integration.WrongKeyKind},
		"will do, without the agreement":  {insights, says(403, noAgreement), integration.Blocked, integration.Agreement},
		"not wanted, nor is an agreement": {level("apps"), says(403, noAgreement), integration.Rejected, integration.WrongKeyKind},
	} {
		t.Run(name, func(t *testing.T) {
			for _, depth := range []Depth{Quick, Full} {
				s := &script{answers: handlers{"/v1/apps": tc.apps}}
				o := clientOf(s).Check(t.Context(), creds, Plan{Level: tc.level, Depth: depth})
				if o.Verdict != tc.verdict || o.Reason != tc.reason || o.Kind != integration.IndividualKey {
					t.Errorf("%s: got %s, %s, kind %q", depth, o.Verdict, o.Reason, o.Kind)
				}
				if slices.Contains(s.paths(), "/v1/certificates") || slices.Contains(s.paths(), "/v1/profiles") {
					t.Errorf("asked for %v, which Apple refuses to individual keys", s.paths())
				}
			}
		})
	}
}

func TestEnterpriseHasNoAppStore(t *testing.T) {
	creds := teamCreds(t)
	creds.Program = integration.Enterprise
	s := &script{answers: handlers{"/v1/apps": says(404, apiErrors("404", "NOT_FOUND", ""))}}
	plan := Plan{Level: level("apps", "certificates", "reviews"), Depth: Full}
	o := clientOf(s).Check(t.Context(), creds, plan)
	if o.Verdict != integration.OK || s.requests[0].URL.Host != "api.enterprise.developer.apple.com" {
		t.Errorf("got %s, %s from %s", o.Verdict, o.Reason, s.requests[0].URL.Host)
	}
	plan.Level.NeedsApp = true
	for _, plan.Depth = range []Depth{Quick, Full} {
		if o := clientOf(s).Check(t.Context(), creds, plan); o.Verdict != integration.Blocked || o.Reason != integration.NoApps {
			t.Errorf("%s: got %s, %s where an app is needed", plan.Depth, o.Verdict, o.Reason)
		}
	}
	s.requests, plan.Depth, plan.Level.Required = nil, Full, []integration.Capability{"apps"}
	if clientOf(s).Check(t.Context(), creds, plan); len(s.requests) != 1 {
		t.Errorf("asked for %v: that there is no App Store is no refusal", s.paths())
	}
}
