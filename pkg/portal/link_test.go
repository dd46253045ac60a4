package portal_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/portal"
)

func TestOpeningTheLinkDoesNothing(t *testing.T) {
	w := mustWorld(t, nil)
	before := w.mustIntegration()
	for range 100 { // scanners and previews
		v := w.visitor()
		if a := v.get("/l/" + w.token); a.StatusCode != 200 || len(a.Cookies()) != 0 {
			t.Fatalf("status %d, %d cookies", a.StatusCode, len(a.Cookies()))
		}
	}
	if w.mustIntegration().Version != before.Version {
		t.Error("opening the link wrote something")
	}
	w.visitor().enter()
}

func TestTheLinksPageIsTheSameForEveryToken(t *testing.T) {
	w := mustWorld(t, nil)
	other, _ := integration.NewLinkToken(rand.Reader)
	good, bad := w.visitor().get("/l/"+w.token), w.visitor().get("/l/"+other)
	if strings.ReplaceAll(good.body, w.token, "") != strings.ReplaceAll(bad.body, other, "") || good.StatusCode != bad.StatusCode {
		t.Error("the page tells a good token from a bad one")
	}
	if a := w.visitor().get("/l/not-a-token<script>"); a.StatusCode != 200 || strings.Contains(a.body, "not-a-token") {
		t.Errorf("a malformed token is echoed, or refused with %d", a.StatusCode)
	}
}

func TestContinueWorksRepeatedlyAndOnSeveralDevices(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter().enter()
	other := w.visitor().enter()
	for _, v := range []*visitor{v, other} {
		if a := v.get("/setup"); a.StatusCode != 200 || !strings.Contains(a.body, "Example GmbH, iOS app") {
			t.Errorf("status %d", a.StatusCode)
		}
	}
}

func TestTheCookieIsStrict(t *testing.T) {
	for _, c := range []struct{ name, public, cookie string }{
		{"https", "https://keys.example.com", "__Host-keyward"},
		{"http", "", "keyward"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := mustWorld(t, func(cfg *portal.Config, _ *integration.Draft) { cfg.PublicURL = c.public })
			a := w.visitor().post("/continue", url.Values{"token": {w.token}})
			if len(a.Cookies()) != 1 {
				t.Fatalf("%d cookies", len(a.Cookies()))
			}
			got := a.Cookies()[0]
			if got.Name != c.cookie || got.Value != w.token || !got.HttpOnly || got.SameSite != http.SameSiteStrictMode ||
				got.Path != "/" || got.Domain != "" || got.Secure != (c.public != "") {
				t.Errorf("cookie %s, HttpOnly %v, SameSite %v, Secure %v", got.Name, got.HttpOnly, got.SameSite, got.Secure)
			}
			if life := time.Duration(got.MaxAge) * time.Second; life <= 0 || life > integration.LinkLife {
				t.Errorf("the cookie lives %v", life)
			}
			if a.Header.Get("Location") != "/setup" {
				t.Errorf("leads to %q", a.Header.Get("Location"))
			}
		})
	}
}

// voidTokens are one token of each kind that cannot be used.
func voidTokens(t *testing.T) map[string]func(w *world) string {
	t.Helper()
	return map[string]func(w *world) string{
		"unknown": func(*world) string { token, _ := integration.NewLinkToken(rand.Reader); return token },
		"used": func(w *world) string {
			w.mustAccept(w.visitor().enter().mustBegin(), fine())
			return w.token
		},
		"expired": func(w *world) string { w.advance(integration.LinkLife + time.Second); return w.token },
		"revoked": func(w *world) string { w.mustDecide(integration.LinksRevoked{By: "support"}, nil); return w.token },
		"disconnected": func(w *world) string {
			w.mustDecide(integration.DisconnectRequested{By: "support"}, nil)
			return w.token
		},
		"of an erased contact": func(w *world) string { w.mustErase("con_1"); return w.token },
		"of no contact":        func(w *world) string { return w.mustLinkTo("con_unknown") },
		"malformed":            func(*world) string { return "../../etc/passwd" },
		"overlong":             func(*world) string { return strings.Repeat("A", 20000) },
		"empty":                func(*world) string { return "" },
		"not canonical": func(w *world) string { // the last character's spare bits set: decodes alike, is not the token
			last := strings.IndexByte(alphabet, w.token[42])
			return w.token[:42] + string(alphabet[last|1])
		},
	}
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func TestVoidLinksAnswerAlike(t *testing.T) {
	var body string
	for name, token := range voidTokens(t) {
		t.Run(name, func(t *testing.T) {
			w := mustWorld(t, nil)
			a := w.visitor().post("/continue", url.Values{"token": {token(w)}})
			if a.StatusCode != http.StatusNotFound || len(a.Cookies()) != 0 {
				t.Fatalf("status %d, %d cookies", a.StatusCode, len(a.Cookies()))
			}
			if body == "" {
				body = a.body
			}
			if a.body != body {
				t.Error("the page differs from that of another kind of void link")
			}
			if !strings.Contains(a.body, "/link-request") {
				t.Error("there is no way to ask for a new link")
			}
		})
	}
}

func TestVoidCookiesAnswerAlike(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	none := w.visitor().get("/setup")
	w.mustDecide(integration.LinksRevoked{By: "support"}, nil)
	for _, path := range []string{"/setup", "/uploads/upl_00000000000000000000000000000000"} {
		if a := v.get(path); a.StatusCode != http.StatusNotFound || a.body != none.body {
			t.Errorf("%s with a revoked link: status %d, or another page", path, a.StatusCode)
		}
	}
}

func TestErasureEndsWhatIsOpen(t *testing.T) {
	w := mustWorld(t, nil)
	none := w.visitor().get("/setup")
	w.mustCommit(integration.Change{Contacts: []integration.Edit[integration.Contact]{integration.Create(integration.Contact{
		Integration: w.id, ID: "con_2", Name: "Ben", Address: "ben@customer.example", Duties: []integration.Duty{integration.Admin},
	})}})
	v := w.visitor().enter()
	upload := v.mustBegin()
	form := v.form()
	w.mustErase("con_1")
	path := "/uploads/" + string(upload.ID)
	for name, a := range map[string]answer{
		"setup": v.get("/setup"), "form": v.post("/setup", form), "upload": v.get(path), "status": v.get(path + "/status"),
	} {
		if a.StatusCode != http.StatusNotFound || a.body != none.body {
			t.Errorf("%s: status %d, or another page", name, a.StatusCode)
		}
	}
	w.token = w.mustLinkTo("con_2")
	w.visitor().enter()
}

func TestGuessesAnswerAlikeWhateverTheRate(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor()
	first := v.post("/continue", url.Values{"token": {"x"}})
	for range 400 { // more than the limit
		token, _ := integration.NewLinkToken(rand.Reader)
		if a := v.post("/continue", url.Values{"token": {token}}); a.StatusCode != first.StatusCode || a.body != first.body {
			t.Fatalf("a guess was answered otherwise: status %d", a.StatusCode)
		}
	}
	if a := v.post("/continue", url.Values{"token": {w.token}}); a.StatusCode != first.StatusCode {
		t.Errorf("after 400 guesses the address is not limited: status %d", a.StatusCode)
	}
	w.advance(time.Hour)
	v.enter()
}

func TestALinkIsAskedForByAddress(t *testing.T) {
	for _, c := range []struct {
		name, address string
		before        func(w *world)
		invited       int
	}{
		{"a contact", contactAddress, nil, 1},
		{"a contact, written otherwise", "  Ann@Customer.example ", nil, 1},
		{"somebody else", "mallory@evil.example", nil, 0},
		{"no address", "hello", nil, 0},
		{"a header", "ann@customer.example\r\nBcc: x@evil.example", nil, 0},
		{"a contact of one that is over", contactAddress, func(w *world) {
			w.mustDecide(integration.DisconnectRequested{By: "support"}, nil)
		}, 0},
		{"asked within the hour", contactAddress, func(w *world) { w.mustDecide(integration.Invited{By: "support"}, nil) }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := mustWorld(t, nil)
			if c.before != nil {
				c.before(w)
			}
			before := w.mustIntegration().Invitation.Count
			unknown := w.visitor().post("/link-request", url.Values{"address": {"nobody@nowhere.example"}})
			for range 3 {
				a := w.visitor().post("/link-request", url.Values{"address": {c.address}})
				if a.StatusCode != 200 || a.body != unknown.body {
					t.Errorf("the answer tells whether the address is known: status %d", a.StatusCode)
				}
			}
			if got := w.mustIntegration().Invitation.Count - before; got != c.invited {
				t.Errorf("invited %d times, want %d", got, c.invited)
			}
			if strings.Contains(w.log.String(), "customer.example") {
				t.Error("the address is in the log")
			}
		})
	}
}

// staleStore finds the integration by every address, as an index may that
// lags behind.
type staleStore struct {
	portal.Store
	id integration.ID
}

func (s *staleStore) Find(context.Context, string) ([]integration.ID, error) {
	return []integration.ID{s.id, "int_gone"}, nil
}

func TestAnAddressThatWasErasedInvitesNobody(t *testing.T) {
	stale := &staleStore{}
	w := mustWorld(t, func(c *portal.Config, _ *integration.Draft) { stale.Store, c.Store = c.Store, stale })
	stale.id = w.id
	a := w.visitor().post("/link-request", url.Values{"address": {"former@customer.example"}})
	if a.StatusCode != 200 || w.mustIntegration().Invitation.Count != 1 || strings.Contains(w.log.String(), "panic") {
		t.Errorf("status %d, %d invitations", a.StatusCode, w.mustIntegration().Invitation.Count)
	}
}

func TestARequestedLinkGoesToContactsOnly(t *testing.T) {
	w := mustWorld(t, nil)
	w.visitor().post("/link-request", url.Values{"address": {contactAddress}})
	ns, err := w.store.Notices(context.Background(), w.id)
	if err != nil {
		t.Fatal(err)
	}
	last := ns[len(ns)-1]
	if len(ns) != 2 || last.Kind != integration.NoticeInvitation || last.Audience != integration.ToAdmin || !last.Link {
		t.Errorf("%d notices, the last is %s to %s", len(ns), last.Kind, last.Audience)
	}
}

func TestRequestsForLinksAreLimited(t *testing.T) {
	w := mustWorld(t, func(c *portal.Config, _ *integration.Draft) {
		c.Limits.Requests = portal.Rate{Every: time.Hour, Burst: 2}
	})
	for range 2 {
		w.visitor().post("/link-request", url.Values{"address": {"x@nowhere.example"}})
	}
	a := w.visitor().post("/link-request", url.Values{"address": {contactAddress}})
	if a.StatusCode != 200 || w.mustIntegration().Invitation.Count != 1 {
		t.Errorf("status %d, %d invitations", a.StatusCode, w.mustIntegration().Invitation.Count)
	}
}
