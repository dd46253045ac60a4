package hostile

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"keyward/pkg/app"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/pages"
	"keyward/pkg/portal"
)

// fuzzEvents hands any bytes to a handler as its event: it never panics, and
// keeps nothing.
func fuzzEvents(f *testing.F, name string) {
	all := payloads()
	for i := 0; i < len(all); i += 29 {
		f.Add([]byte(all[i]))
	}
	fs := mustFunctions(f)
	f.Fuzz(func(t *testing.T, payload []byte) {
		if strings.HasPrefix(strings.TrimSpace(string(payload)), "null") && (name == "portal" || name == "operator") {
			t.Skip("lambdaurl dereferences a null, whatever follows it; function URLs never send one")
		}
		_, err := invoke(fs.all[name], string(payload))
		var died panicked
		if errors.As(err, &died) {
			t.Error(died)
		}
		if names, _ := fs.db.Vault().Names(context.Background()); len(names) > 0 {
			t.Error("something was kept")
		}
	})
}

func FuzzPortalEvent(f *testing.F)       { fuzzEvents(f, "portal") }
func FuzzOperatorEvent(f *testing.F)     { fuzzEvents(f, "operator") }
func FuzzIntakeEvent(f *testing.F)       { fuzzEvents(f, "intake") }
func FuzzValidateEvent(f *testing.F)     { fuzzEvents(f, "validate") }
func FuzzCertificatesEvent(f *testing.F) { fuzzEvents(f, "certificates") }
func FuzzSweepEvent(f *testing.F)        { fuzzEvents(f, "sweep") }
func FuzzNotifyEvent(f *testing.F)       { fuzzEvents(f, "notify") }
func FuzzFeedbackEvent(f *testing.F)     { fuzzEvents(f, "feedback") }

// FuzzLinkToken tries any text as a link's token, in the form and as cookie:
// all are answered as one that nobody ever had.
func FuzzLinkToken(f *testing.F) {
	good, _ := integration.NewLinkToken(rand.Reader)
	for _, s := range []string{"", good, good[:42], good + "=", strings.Repeat("A", 43), "../..", "\x00", "é", "a b", "<script>", strings.Repeat("x", 30_000)} {
		f.Add(s)
	}
	db := must(embedded.Open(embedded.Config{}))
	f.Cleanup(func() { db.Close() })
	settings := hostileSettings("https://keys.example.com")
	settings.Limits.PerAddress, settings.Limits.PerLink = portal.Rate{Every: 1, Burst: 1 << 30}, portal.Rate{Every: 1, Burst: 1 << 30}
	forms := must(db.Objects(embedded.ObjectsConfig{URL: "http://127.0.0.1:1/"}))
	h := must(app.Portal(app.Ports{Store: db.Store(), Forms: forms, Now: time.Now}, settings))
	ask := func(method, path, body, cookie string) string {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", "__Host-keyward="+cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return answer{w.Result(), w.Body.String()}.fingerprint()
	}
	void, closed := ask("POST", "/continue", "token=x", ""), ask("GET", "/setup", "", "x")
	f.Fuzz(func(t *testing.T, token string) {
		if body := "token=" + url.QueryEscape(token); len(body) < 30<<10 && ask("POST", "/continue", body, "") != void {
			t.Error("answered otherwise in the form")
		}
		if ask("GET", "/setup", "", token) != closed {
			t.Error("answered otherwise as cookie")
		}
	})
}

// FuzzSetupForm sends any form to the page that takes the IDs, with a link
// that opens: it never fails, and begins nothing without its token.
func FuzzSetupForm(f *testing.F) {
	for _, s := range []string{"", "key_id=ABC1234567&issuer_id=57246542-96fe-1a63-e053-0824d011072a&team_id=TEAM123456&team_name=X&draft=x&form_token=x", "key_id=a&key_id=b", "%zz", "a=%ff%fe", "team_name=<script>", "form_token[]=1", strings.Repeat("a=b&", 5000)} {
		f.Add(s, "application/x-www-form-urlencoded")
	}
	f.Add("--b\r\nContent-Disposition: form-data; name=\"key_id\"\r\n\r\nx\r\n--b--", "multipart/form-data; boundary=b")
	w := mustWorld(f, options{})
	token := w.linkFor(w.invite("fuzz", "g@x.example").ID)
	h := w.host.Portal()
	f.Fuzz(func(t *testing.T, body, kind string) {
		w.tick(5 * time.Second)
		if w.clock.Now().Year() > 2026 || w.clock.Now().YearDay() > 70 {
			t.Skip("the link has run out")
		}
		r := httptest.NewRequest(http.MethodPost, "/setup", strings.NewReader(body))
		r.Header["Content-Type"] = []string{kind}
		r.Header.Set("Cookie", "keyward="+token)
		out := httptest.NewRecorder()
		h.ServeHTTP(out, r)
		if out.Code < 400 || out.Code >= 500 {
			t.Errorf("status %d", out.Code)
		}
	})
}

// FuzzBearer tries any text as a role's token at the operator's door.
func FuzzBearer(f *testing.F) {
	for _, s := range []string{"", "Bearer ", "Bearer x", "AWS4-HMAC-SHA256 Credential=a/b/c", "Bearer \x00", "Basic QTpC"} {
		f.Add(s)
	}
	w := mustWorld(f, options{})
	h := w.host.Operator()
	f.Fuzz(func(t *testing.T, authorization string) {
		r := httptest.NewRequest(http.MethodGet, "/v1/fleet", nil)
		r.Header["Authorization"] = []string{authorization}
		out := httptest.NewRecorder()
		h.ServeHTTP(out, r)
		if out.Code != http.StatusForbidden {
			t.Errorf("status %d", out.Code)
		}
	})
}

// FuzzOperatorBody sends any JSON to what support and automation may do: it is
// answered with a problem that says which, and never with our fault.
func FuzzOperatorBody(f *testing.F) {
	for _, s := range []string{"", "{}", "null", "[]", `{"reference":1}`, `{"reference":"a","label":"b","access_level":"publish","contacts":[{"address":"x"}]}`, `{"ttl_seconds":9999999999999999999}`, `{"scope":["GET /"]}`, `{"label":null}`, "{}{}", `{"a":{"b":[[[`, "\xff"} {
		f.Add([]byte(s))
	}
	w := mustWorld(f, options{})
	id := w.invite("fuzz", "h@x.example").ID
	h := w.host.Operator()
	paths := []string{"/v1/integrations", "/v1/find", "/v1/integrations/" + id + "/contacts", "/v1/integrations/" + id + "/token"}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, path := range paths {
			for _, token := range w.host.Credentials() {
				r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(string(body)))
				r.Header.Set("Authorization", "Bearer "+token)
				r.Header.Set("Content-Type", "application/json")
				out := httptest.NewRecorder()
				h.ServeHTTP(out, r)
				if out.Code >= 500 {
					t.Errorf("%s: status %d", path, out.Code)
				}
			}
		}
	})
}

// FuzzOrigin reads origins, which go into policies: what is one has nothing
// beside scheme and host.
func FuzzOrigin(f *testing.F) {
	for _, s := range []string{"https://a.example", "http://a.example:80/x", "https://a.example; script-src *", "javascript:x", "//a", "https://a b", "https://[::1]:8080", "https://a'", "https://a\u2028b", "HTTPS://A.EXAMPLE"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if o := pages.Origin(raw); strings.ContainsAny(o, " ;,'\"\r\n\t") || o != "" && !strings.HasPrefix(o, "http") {
			t.Errorf("an origin of %d bytes that would widen a policy", len(o))
		}
	})
}
