package appstoreconnect

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"keyward/pkg/integration"
)

type handlers = map[string]func(int) (*http.Response, error)

func TestHealthyQuickCheckIsOneCall(t *testing.T) {
	for name, tc := range map[string]struct {
		level integration.AccessLevel
		path  string
		query string
	}{
		"apps":               {level(integration.Certificates, integration.Apps), "/v1/apps", "fields%5Bapps%5D=bundleId&limit=1"},
		"no apps required":   {level(integration.Certificates, integration.BundleIDs), "/v1/bundleIds", "fields%5BbundleIds%5D=identifier&limit=1"},
		"certificates alone": {level(integration.Certificates), "/v1/certificates", "fields%5Bcertificates%5D=certificateContent&limit=1"},
		"below an app":       {level(integration.Reviews), "/v1/apps", "fields%5Bapps%5D=bundleId&limit=1"},
		"nothing required":   {level(), "/v1/apps", "fields%5Bapps%5D=bundleId&limit=1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{}
			o := clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: tc.level, Depth: Quick})
			if diff := cmp.Diff(integration.Outcome{Verdict: integration.OK, Kind: integration.TeamKey}, o); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if len(s.requests) != 1 {
				t.Fatalf("asked for %v", s.paths())
			}
			u := s.requests[0].URL
			if u.Host != "api.appstoreconnect.apple.com" || u.Path != tc.path || u.RawQuery != tc.query {
				t.Errorf("asked for %s", u)
			}
		})
	}
}

func TestChecksReuseTheirToken(t *testing.T) {
	s, creds := &script{}, teamCreds(t)
	c := clientOf(s)
	plan := Plan{Level: level(integration.Apps)}
	c.Check(t.Context(), creds, plan)
	c.Check(t.Context(), creds, plan)
	plan.FreshToken = true
	c.Check(t.Context(), creds, plan)
	plan.Depth = Full
	plan.Level = level(integration.Apps, integration.Users)
	c.Check(t.Context(), creds, plan)
	got := s.bearers()
	if len(got) != 5 || got[0] != got[1] || got[1] == got[2] || got[2] == got[3] || got[3] != got[4] {
		t.Errorf("want one token for two checks, and one new one for each that wants fresh ones; %d requests, reuse %v %v %v %v",
			len(got), got[0] == got[1], got[1] == got[2], got[2] == got[3], got[3] == got[4])
	}
}

func TestScopedTokensNameTheRequest(t *testing.T) {
	s, creds := &script{}, teamCreds(t)
	c := New(Config{HTTPClient: &http.Client{Transport: s}, Scoping: PerTarget})
	c.Check(t.Context(), creds, Plan{Level: level(integration.Apps, integration.Users), Depth: Full})
	got := s.bearers()
	slices.Sort(got)
	if len(got) != 2 || len(slices.Compact(got)) != 2 {
		t.Errorf("%d tokens for two endpoints", len(got))
	}
}

func TestUnauthorized(t *testing.T) {
	for name, tc := range map[string]struct {
		answers handlers
		depth   Depth
		calls   int
		verdict integration.Verdict
		reason  integration.Reason
	}{
		"always, quick": {handlers{"*": says(401, unauthorized)}, Quick, 2, integration.Rejected, integration.NotAuthorized},
		"always, full":  {handlers{"*": says(401, unauthorized)}, Full, 2, integration.Rejected, integration.NotAuthorized},
		"once": {handlers{"/v1/apps": func(n int) (*http.Response, error) {
			return answer(map[bool]int{true: 401, false: 200}[n == 1], map[bool]string{true: unauthorized, false: oneApp}[n == 1]), nil
		}}, Quick, 2, integration.OK, ""},
		"on one endpoint that is required": {handlers{"/v1/certificates": says(401, unauthorized)}, Full, 3, integration.Inconclusive, integration.Outage},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: tc.answers}
			o := clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: level(integration.Apps, integration.Certificates), Depth: tc.depth})
			if o.Verdict != tc.verdict || o.Reason != tc.reason || len(s.requests) != tc.calls {
				t.Errorf("got %s, %s after %d calls; want %s, %s after %d", o.Verdict, o.Reason, len(s.requests), tc.verdict, tc.reason, tc.calls)
			}
			if (o.Kind == "") != (o.Verdict == integration.Rejected) {
				t.Errorf("kind is %q for %s", o.Kind, o.Verdict)
			}
			tokens := s.bearers()
			slices.Sort(tokens)
			if tc.calls == 2 && len(slices.Compact(tokens)) != 2 {
				t.Error("a 401 was asked again with the same token")
			}
		})
	}
}

func TestQuickCheckLooksCloser(t *testing.T) {
	publish := level(integration.Apps, integration.Certificates)
	blocked := []integration.Finding{{Capability: integration.Certificates, Verdict: integration.Blocked, Reason: integration.Role}}
	useful := []integration.Finding{{Capability: integration.Users, Verdict: integration.Blocked, Reason: integration.Role}}
	for name, tc := range map[string]struct {
		answers handlers
		known   []integration.Finding
		full    bool
	}{
		"at a 403":                          {handlers{"/v1/apps": says(403, roleTooLow)}, nil, true},
		"at a 403 for an agreement":         {handlers{"/v1/apps": says(403, noAgreement)}, nil, true},
		"when a required one was blocked":   {nil, blocked, true},
		"not when a useful one was blocked": {nil, useful, false},
		"not at an outage":                  {handlers{"/v1/apps": says(503, page)}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: tc.answers}
			clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: publish, Known: tc.known})
			if full := slices.Contains(s.paths(), "/v1/certificates"); full != tc.full {
				t.Errorf("asked for %v; full check is %v, want %v", s.paths(), full, tc.full)
			}
		})
	}
}

func TestNoApps(t *testing.T) {
	needs := level(integration.Apps)
	needs.NeedsApp = true
	for _, depth := range []Depth{Quick, Full} {
		s := &script{}
		o := clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: needs, Depth: depth})
		if o.Verdict != integration.Blocked || o.Reason != integration.NoApps {
			t.Errorf("%s: got %s, %s where an app is needed", depth, o.Verdict, o.Reason)
		}
		o = clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: level(integration.Apps, integration.Reviews), Depth: depth})
		if o.Verdict != integration.OK {
			t.Errorf("%s: got %s, %s where none is", depth, o.Verdict, o.Reason)
		}
	}
}

func TestCheckNeverAsksWithoutAKey(t *testing.T) {
	s := &script{}
	o := clientOf(s).Check(t.Context(), Credentials{KeyID: "X", IssuerID: "Y"}, Plan{Level: level(integration.Apps)})
	if o.Verdict != integration.Inconclusive || o.Reason != integration.Nonsense || len(s.requests) != 0 {
		t.Errorf("got %+v after %d requests", o, len(s.requests))
	}
}
