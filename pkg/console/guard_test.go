package console_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

func contains(page, text string) bool { return strings.Contains(page, text) }

func TestOtherSitesChangeNothing(t *testing.T) {
	r := newRig(t)
	id := r.MustInvite("acme-ios", "Acme Learning", "acme")
	for _, tt := range []struct {
		name    string
		headers map[string]string
		status  int
	}{
		{"another site", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"another port of this machine", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"an old browser, another site", map[string]string{"Origin": "https://evil.example"}, 403},
		{"a sandboxed frame", map[string]string{"Origin": "null"}, 403},
		{"an old browser, our page", map[string]string{"Origin": r.server.URL}, 303},
		{"our page", map[string]string{"Sec-Fetch-Site": "same-origin"}, 303},
		{"a name that points here", map[string]string{"Sec-Fetch-Site": "same-origin", "Host": "evil.example"}, 421},
		{"localhost", map[string]string{"Sec-Fetch-Site": "same-origin", "Host": "localhost:8081"}, 303},
		{"IPv6", map[string]string{"Sec-Fetch-Site": "same-origin", "Host": "[::1]:8081"}, 303},
	} {
		t.Run(tt.name, func(t *testing.T) {
			epoch := r.stored(id).LinkEpoch
			status, _ := r.raw(http.MethodPost, "/integrations/"+id+"/revoke", tt.headers)
			if status != tt.status {
				t.Errorf("got %d, want %d", status, tt.status)
			}
			if changed := r.stored(id).LinkEpoch != epoch; changed != (tt.status == 303) {
				t.Errorf("changed: %v", changed)
			}
		})
	}
}

func TestOtherNamesReadNothing(t *testing.T) {
	r := newRig(t)
	r.MustInvite("acme-ios", "Acme Learning", "acme")
	status, body := r.raw(http.MethodGet, "/integrations", map[string]string{"Host": "evil.example"})
	if status != 421 || contains(body, "Acme") {
		t.Errorf("got %d", status)
	}
}

// raw sends a request as somebody else's page may, and follows nothing.
func (r *rig) raw(method, path string, headers map[string]string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, r.server.URL+path, nil)
	must(r.t, err)
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	req.Host = headers["Host"]
	resp, err := http.DefaultTransport.RoundTrip(req)
	must(r.t, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	must(r.t, err)
	return resp.StatusCode, string(b)
}

// TestPagesNeedNoScript also holds pages to the policy that they send.
func TestPagesNeedNoScript(t *testing.T) {
	r := newRig(t)
	ids := r.MustSeed()
	one := "/integrations/" + ids["active"]
	r.MustHold(24 * time.Hour)
	for _, path := range []string{"/", "/fleet/end-hold", "/integrations", "/invite", one, one + "/history", one + "/link", one + "/disconnect", one + "/contacts/new"} {
		page := r.get(path, 200)
		for _, bad := range []string{"<script", "<style", " style=", " onclick=", "javascript:", "ZgotmplZ"} {
			if contains(page, bad) {
				t.Errorf("%s has %q", path, bad)
			}
		}
	}
	resp, err := http.Get(r.server.URL + one)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	if csp := resp.Header.Get("Content-Security-Policy"); !contains(csp, "default-src 'none'") || contains(csp, "unsafe") || !contains(csp, "frame-ancestors 'none'") {
		t.Errorf("policy: %q", csp)
	}
	if resp.Header.Get("Cache-Control") != "no-store" {
		t.Error("pages with addresses are kept in caches")
	}
}

func TestHostileNamesStayText(t *testing.T) {
	r := newRig(t)
	id := r.MustInvite("acme-ios", `"><script>alert(1)</script>`, "acme")
	r.MustActivate(id, "ACME123456")
	it := r.stored(id)
	r.MustCommit(integration.Change{Integration: integration.Put(it, it), Certificates: []integration.Certificate{
		{Integration: it.ID, Serial: `"><script>`, Type: "DISTRIBUTION", Name: "<script>alert(2)</script>", NotAfter: r.now},
	}})
	for _, path := range []string{"/", "/integrations", "/integrations/" + id, "/integrations/" + id + "/link", "/integrations/" + id + "/contacts/new"} {
		if contains(r.get(path, 200), "<script") {
			t.Errorf("%s lets a name out of its quotes", path)
		}
	}
}

func TestNoAddressIsLogged(t *testing.T) {
	r := newRig(t)
	ids := r.MustSeed()
	form := invitation()
	form.Set("reference", "golf")
	r.post("/invite", form, 200)
	r.get("/integrations/"+ids["active"], 200)
	if logs := r.logs.String(); contains(logs, "@") || !contains(logs, "/integrations/{id}") {
		t.Errorf("log: %s", logs)
	}
}
