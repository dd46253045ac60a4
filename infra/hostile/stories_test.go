package hostile

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"keyward/infra/hostile/leak"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/embedded"
	"keyward/pkg/operator"
)

// weather is trouble that a test turns on and off.
type weather struct {
	trouble atomic.Pointer[embedded.Hooks]
	panics  atomic.Pointer[string] // in calls of the store that the portal makes
}

func (w *weather) hooks() embedded.Hooks {
	return embedded.Hooks{
		Before: func(op string) error {
			if text := w.panics.Load(); text != nil && (op == "store.Link" || op == "store.Contacts") {
				panic(*text)
			}
			if h := w.trouble.Load(); h != nil {
				return h.Before(op)
			}
			return nil
		},
		After: func(op string) error {
			if h := w.trouble.Load(); h != nil {
				return h.After(op)
			}
			return nil
		},
	}
}

// A tale is a customer with canaries for everything, in a world with weather.
type tale struct {
	*canaryWorld
	*visitor
	sky  *weather
	team asctest.Team
	id   string
}

func mustTale(t *testing.T) *tale {
	t.Helper()
	sky := &weather{}
	path := quickDir(t) + "/keyward.db"
	w := &canaryWorld{world: mustWorld(t, options{path: path, hooks: sky.hooks()}), path: path}
	w.tape.record()
	a := &tale{canaryWorld: w, visitor: w.visitor(), sky: sky, team: w.apple.AddTeam(asctest.Team{Name: "Canary Team"})}
	a.id = w.invite("canary", "canary.4f9a2c71d3e8@leak.customer.example").ID
	return a
}

func (a *tale) key() asctest.Key {
	k := must(a.Apple().NewKey(a.team.TeamID))
	return k
}

func (a *tale) ids(k asctest.Key) ids {
	return ids{k.KeyID, a.team.IssuerID, a.team.TeamID, a.team.Name}
}

// badlyWrapped is a key in ways in which it is not taken.
func badlyWrapped(key []byte) []string {
	return []string{
		base64.StdEncoding.EncodeToString(key), `"` + string(key) + `"`, strings.ReplaceAll(string(key), "\n", `\n`), string(key) + string(key), string(key[:200]),
		"Hello, this is our key:\n" + string(key), strings.ReplaceAll(string(key), "PRIVATE", "PUBLIC"), fmt.Sprintf(`{"key":%q}`, key), fmt.Sprintf("%x", key), "<p>" + string(key),
	}
}

// TestStoriesLeakNothing sends a key everywhere that a person might put it, in
// fair weather and foul.
func TestStoriesLeakNothing(t *testing.T) {
	t.Parallel()
	a := mustTale(t)
	token, first := a.linkFor(a.id), a.key()
	a.enter(token)
	a.misplace(token, first)
	path := a.begin(a.ids(first))
	for _, wrong := range badlyWrapped(first.PEM) {
		a.tick(time.Second)
		a.send(a.form(path), "AuthKey.p8", []byte(wrong))
		a.settle()
		a.get(path + "/status")
	}
	a.panicking(token, first)
	a.accept(t, path, first)
	a.tokens(t)
	a.replace(t)
	a.foul(t)
	if _, err := a.as(operator.Support).Disconnect(t.Context(), a.id); err != nil {
		t.Fatal(err)
	}
	a.advance(48 * time.Hour)
	if n := len(a.secrets()); n != 0 {
		t.Errorf("after the end %d keys are in the vault", n)
	}
	a.look()
	a.nowhere(t)
}

// misplace puts the key where it does not belong: inputs, paths, queries,
// headers, cookies, names of files.
func (a *tale) misplace(token string, k asctest.Key) {
	text := string(k.PEM)
	body := strings.Join(strings.Split(text, "\n")[1:4], "")
	for _, in := range []string{text, body, body[40:104], body[20:80], strings.ToLower(body), base64.StdEncoding.EncodeToString(k.PEM)} {
		for _, name := range []string{"key_id", "issuer_id", "team_id", "team_name", "draft", "form_token"} {
			a.tick(5 * time.Second)
			form := a.setup(a.ids(k))
			form.Set(name, in)
			a.post("/setup", form)
		}
		a.post("/continue", url.Values{"token": {in}})
		a.post("/link-request", url.Values{"address": {in}})
		a.get("/l/" + url.PathEscape(in))
		a.get("/uploads/" + url.PathEscape(in) + "/status?etag=" + url.QueryEscape(in))
		a.get("/setup?key=" + url.QueryEscape(in))
		a.get("/" + url.PathEscape(in))
		r := a.request(http.MethodGet, "/setup", nil)
		r.Header.Set("X-Request-Id", strings.ReplaceAll(in, "\n", ""))
		r.Header.Set("User-Agent", strings.ReplaceAll(in, "\n", ""))
		r.Header.Set("Cookie", "keyward="+strings.ReplaceAll(in, "\n", ""))
		a.do(r)
		a.operatorSays(in, token)
	}
}

// operatorSays sends a text to the operator, wherever one may.
func (a *tale) operatorSays(in, token string) {
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/v1/find", quote(in)}, {"POST", "/v1/find", `{"reference":` + quote(in) + `}`}, {"GET", "/v1/integrations/" + url.PathEscape(in), ""}, {"GET", "/v1/integrations?cursor=" + url.QueryEscape(in), ""},
		{"POST", "/v1/integrations", `{"reference":` + quote(in) + `,"label":` + quote(in) + `,"access_level":` + quote(in) + `}`}, {"POST", "/v1/integrations/" + a.id + "/token", `{"scope":[` + quote(in) + `]}`},
		{"POST", "/v1/find", `{"` + token + `":1}`},
	} {
		for _, role := range []operator.Role{operator.Support, operator.Automation} {
			r := must(http.NewRequest(c.method, a.api+c.path, strings.NewReader(c.body)))
			r.Header.Set("Authorization", "Bearer "+a.host.Credentials()[role])
			r.Header.Set("Content-Type", "application/json")
			a.do(r)
		}
	}
}

// panicking makes the portal's store panic with the key in its hand.
func (a *tale) panicking(token string, k asctest.Key) {
	text := string(k.PEM) + token
	a.sky.panics.Store(&text)
	defer a.sky.panics.Store(nil)
	a.get("/setup")
	a.post("/continue", url.Values{"token": {token}})
	r := must(http.NewRequest(http.MethodGet, a.api+"/v1/integrations/"+a.id, nil))
	r.Header.Set("Authorization", "Bearer "+a.host.Credentials()[operator.Support])
	a.do(r)
}

func (a *tale) accept(t *testing.T, path string, k asctest.Key) {
	t.Helper()
	a.tick(time.Minute)
	a.send(a.form(path), k.FileName, k.PEM)
	a.advance(10 * time.Minute)
	if page := a.get(path + "/status"); !strings.Contains(page.body, "Your key works") {
		t.Fatalf("the key is not accepted: status %d", page.StatusCode)
	}
}

func (a *tale) tokens(t *testing.T) {
	t.Helper()
	for _, scope := range [][]string{nil, {"GET /v1/apps"}, {"GET /v1/apps?filter[x]=" + strings.Repeat("y", 100)}} {
		if _, err := a.as(operator.Automation).Token(t.Context(), a.id, operator.TokenRequest{Scope: scope}); err != nil {
			t.Error(err)
		}
	}
}

// replace brings another key, which is then revoked at Apple and replaced.
func (a *tale) replace(t *testing.T) {
	t.Helper()
	for range 2 {
		if _, err := a.as(operator.Support).IssueLink(t.Context(), a.id); err != nil {
			t.Fatal(err)
		}
		a.advance(time.Minute)
		a.enter(a.linkFor(a.id))
		k := a.key()
		a.accept(t, a.begin(a.ids(k)), k)
		a.advance(24 * time.Hour)
		if err := a.apple.Revoke(k.KeyID); err != nil {
			t.Fatal(err)
		}
		a.advance(36 * time.Hour)
	}
}

// foul is a day with everything failing now and then.
func (a *tale) foul(t *testing.T) {
	t.Helper()
	h := embedded.Trouble{Seed: 7, Throttled: 0.05, Unavailable: 0.05, Cancelled: 0.05, Lost: 0.05}.Hooks()
	a.sky.trouble.Store(&h)
	defer a.sky.trouble.Store(nil)
	for range 300 {
		a.tick(5 * time.Minute)
		if err := errors.Join(a.host.Sweep(t.Context()), a.host.Settle(t.Context())); err != nil {
			a.tape.writer("log").Write([]byte(err.Error()))
		}
		for _, p := range []string{"/setup", "/uploads/x/status"} {
			a.get(p)
		}
	}
}

// look reads all that support, export and the customer can read.
func (a *tale) look() {
	for role, paths := range map[operator.Role][]string{
		operator.Support: {"", "/history", "/notices", "/uploads", "/certificates"}, operator.Export: {"", "/history"}, operator.Automation: {"", "/history"},
	} {
		for _, p := range append(paths, "?x") {
			r := must(http.NewRequest(http.MethodGet, a.api+"/v1/integrations/"+a.id+p, nil))
			if p == "?x" {
				r.URL.Path, r.URL.RawQuery = "/v1/integrations", ""
			}
			r.Header.Set("Authorization", "Bearer "+a.host.Credentials()[role])
			a.do(r)
		}
	}
}

// TestPlantedLeaksAreFound: the looking itself is looked at, in the log, in
// answers and in the state.
func TestPlantedLeaksAreFound(t *testing.T) {
	t.Parallel()
	a := mustTale(t)
	token, k := a.linkFor(a.id), a.key()
	a.enter(token)
	s := leakScannerOf(a, token)
	for name, what := range map[string][]byte{
		"log":    append(a.tape.log("log"), fmt.Sprintf(`{"msg":"x","key":%q}`, k.PEM)...),
		"answer": reel{header: http.Header{"X-Leak": {token}}}.text(), "page": reel{header: http.Header{}, body: []byte("<p>" + token[:20])}.text(),
		"item": []byte(`{"a":"` + base64.StdEncoding.EncodeToString([]byte("xy"+token)) + `"}`), "number": []byte(fmt.Sprint([]byte(token))),
	} {
		if len(s.Scan(what)) == 0 {
			t.Errorf("planted in %s: not found", name)
		}
	}
	if hits := s.Scan(bytes.Join([][]byte{a.tape.log("log"), []byte(os.Args[0])}, nil)); len(hits) > 0 {
		t.Errorf("found where nothing was planted: %v", hits)
	}
}

func leakScannerOf(a *tale, token string) *leak.Scanner {
	s := leak.NewScanner()
	s.Text("token", token)
	for _, k := range a.keys {
		if err := s.Key("key", k.PEM); err != nil {
			a.visitor.t.Fatal(err)
		}
	}
	return s
}
