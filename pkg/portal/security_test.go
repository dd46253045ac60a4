package portal_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"keyward/pkg/integration"
	"keyward/pkg/portal"
)

// tour visits every route, with and without a link, in every way that ends
// otherwise.
func (w *world) tour() map[string]answer {
	v := w.visitor().enter()
	u := v.mustBegin()
	up := "/uploads/" + string(u.ID)
	got := map[string]answer{
		"setup sent": v.post("/setup", v.form()), "setup wrong": v.post("/setup", url.Values{}), "continue": v.post("/continue", url.Values{"token": {w.token}}),
		"continue void": v.post("/continue", nil), "request": v.post("/link-request", nil), "renew": v.post(up+"/renew", v.form()),
		"reauthorise": v.post("/reauthorise", v.form()), "too large": v.post("/setup", url.Values{"x": {strings.Repeat("a", 40000)}}),
		"wrong method": v.post("/l/"+w.token, nil), "long": v.get("/l/" + strings.Repeat("a", 4000)), "stranger": w.visitor().get("/setup"),
	}
	for _, path := range []string{"/", "/healthz", "/robots.txt", "/l/" + w.token, "/setup", up, up + "/status", up + "/status.json", "/nowhere", "/assets/none.css", "//setup"} {
		got[path] = v.get(path)
	}
	return got
}

func TestEveryRouteHasTheSecurityHeaders(t *testing.T) {
	w := mustWorld(t, func(c *portal.Config, _ *integration.Draft) { c.PublicURL = "https://keys.example.com" })
	// The visitor speaks HTTP; it must not drop the secure cookie.
	for name, a := range w.tourSecurely() {
		want := map[string]string{
			"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Cross-Origin-Opener-Policy": "same-origin", "X-Robots-Tag": "noindex, nofollow, noarchive",
		}
		for header, value := range want {
			if a.Header.Get(header) != value {
				t.Errorf("%s: %s is %q", name, header, a.Header.Get(header))
			}
		}
		csp := a.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(csp, part) {
				t.Errorf("%s: the policy lacks %s", name, part)
			}
		}
		if strings.Contains(csp, "unsafe") || !strings.HasPrefix(a.Header.Get("Strict-Transport-Security"), "max-age=") || a.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: policy %q, HSTS %q", name, csp, a.Header.Get("Strict-Transport-Security"))
		}
	}
}

// tourSecurely is tour for a portal that believes in HTTPS.
func (w *world) tourSecurely() map[string]answer {
	w.t.Helper()
	v := w.visitor()
	got := map[string]answer{}
	with := func(r *http.Request) answer {
		r.AddCookie(&http.Cookie{Name: "__Host-keyward", Value: w.token})
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		return v.do(r)
	}
	for _, path := range []string{"/", "/healthz", "/robots.txt", "/l/" + w.token, "/setup", "/uploads/upl_00000000000000000000000000000000",
		"/uploads/upl_00000000000000000000000000000000/status", "/uploads/x/status.json", "/nowhere", "/assets/none.css", "/l/" + strings.Repeat("a", 4000)} {
		got["GET "+path[:min(len(path), 60)]] = with(w.request(http.MethodGet, path, nil))
	}
	for _, path := range []string{"/continue", "/link-request", "/setup", "/uploads/x/renew", "/reauthorise", "/", "/setup?" + strings.Repeat("a", 4000)} {
		got["POST "+path[:min(len(path), 60)]] = with(w.request(http.MethodPost, path, nil))
	}
	return got
}

func TestNothingIsInline(t *testing.T) {
	w := mustWorld(t, nil)
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script(?: [^>]*)?>[^<]|javascript:`)
	for name, a := range w.tour() {
		if m := inline.FindString(a.body); m != "" {
			t.Errorf("%s has %q", name, m)
		}
		if a.StatusCode >= 400 && !strings.HasPrefix(name, "/assets") && !strings.Contains(name, ".json") && !strings.Contains(a.body, `<html lang="en">`) {
			t.Errorf("%s: status %d is not a page", name, a.StatusCode)
		}
	}
}

func TestErrorsHaveTheirStatus(t *testing.T) {
	w := mustWorld(t, nil)
	got := w.tour()
	for name, status := range map[string]int{"/nowhere": 404, "wrong method": 405, "too large": 413, "long": 414, "setup wrong": 403, "/healthz": 200, "stranger": 404} {
		if got[name].StatusCode != status {
			t.Errorf("%s: status %d, want %d", name, got[name].StatusCode, status)
		}
	}
}

func TestTheLogHoldsNoSecrets(t *testing.T) {
	w := mustWorld(t, nil)
	w.tour()
	w.visitor().post("/link-request", url.Values{"address": {contactAddress}})
	log := w.log.String()
	for _, secret := range []string{w.token, contactAddress, "127.0.0.1", "57246542", "Example GmbH"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if !strings.Contains(log, `"route":"GET /l/{token}"`) || !strings.Contains(log, `"request":"`) {
		t.Error("the log lacks routes or request IDs")
	}
}

func TestFormsFromOtherPagesAreRefused(t *testing.T) {
	for _, c := range []struct {
		name, site, origin string
		status             int
	}{
		{"ours", "same-origin", "null", 303},
		{"another site", "cross-site", "https://evil.example", 403},
		{"a sibling domain", "same-site", "", 403},
		{"an older browser on another site", "", "https://evil.example", 403},
		{"a sandboxed frame", "", "null", 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := mustWorld(t, nil)
			v := w.visitor().enter()
			u := v.mustBegin()
			for path, form := range map[string]url.Values{
				"/continue": {"token": {w.token}}, "/setup": v.form(), "/uploads/" + string(u.ID) + "/renew": v.form(),
			} {
				r := w.request(http.MethodPost, path, strings.NewReader(form.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Origin", c.origin)
				if c.site != "" {
					r.Header.Set("Sec-Fetch-Site", c.site)
				}
				if a := v.do(r); a.StatusCode != c.status {
					t.Errorf("%s: status %d", path, a.StatusCode)
				}
			}
		})
	}
}

func TestFormsNeedTheTokenOfTheirSession(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	u := v.mustBegin()
	form := v.form()
	first := form.Get("form_token")
	w.token = w.mustLink()
	other := w.visitor().enter()
	for name, token := range map[string]string{"none": "", "another session's": first, "the link's": w.token} {
		form := other.form()
		form.Set("form_token", token)
		for _, path := range []string{"/setup", "/uploads/" + string(u.ID) + "/renew", "/reauthorise"} {
			if a := other.post(path, form); a.StatusCode != http.StatusForbidden {
				t.Errorf("%s at %s: status %d", name, path, a.StatusCode)
			}
		}
	}
}

func TestRedirectsStayHere(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor()
	for _, host := range []string{"evil.example", "127.0.0.1:1"} {
		r := w.request(http.MethodPost, "/continue?next=https://evil.example/", strings.NewReader(url.Values{"token": {w.token}, "next": {"//evil.example"}}.Encode()))
		r.Host = host
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-Host", "evil.example")
		if a := v.do(r); a.Header.Get("Location") != "/setup" {
			t.Errorf("leads to %q", a.Header.Get("Location"))
		}
	}
}

func TestTheStoresTroubleIsAPage(t *testing.T) {
	broken := &brokenStore{}
	w := mustWorld(t, func(c *portal.Config, _ *integration.Draft) { broken.Store, c.Store = c.Store, broken })
	v := w.visitor().enter()
	for _, c := range []struct {
		name string
		set  func()
	}{
		{"an error", func() { broken.fail, broken.panics = true, false }},
		{"a panic", func() { broken.fail, broken.panics = false, true }},
	} {
		c.set()
		a := v.get("/setup")
		if a.StatusCode != 500 || !strings.Contains(a.body, a.Header.Get("X-Request-Id")) || strings.Contains(a.body, "store") {
			t.Errorf("%s: status %d, or the page lacks the request's ID, or says too much", c.name, a.StatusCode)
		}
	}
	broken.panics = false
	if a := v.get("/setup"); a.StatusCode != 200 {
		t.Errorf("afterwards: status %d", a.StatusCode)
	}
}
