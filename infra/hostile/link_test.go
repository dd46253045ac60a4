package hostile

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
	"keyward/pkg/operator"
	"keyward/pkg/pages/pagestest"
)

// fingerprint is all that an answer shows, but for the time and the request's
// number.
func (a answer) fingerprint() string {
	h := a.Header.Clone()
	h.Del("Date")
	h.Del("X-Request-Id")
	var b strings.Builder
	h.Write(&b)
	return fmt.Sprintf("%d %x %d", a.StatusCode, sha256.Sum256([]byte(b.String()+a.body)), len(a.body))
}

// voided are tokens of links that cannot be used any more, each in a way of
// its own.
func voided(t *testing.T, w *world) []string {
	t.Helper()
	support, ctx := w.as(operator.Support), t.Context()
	revoked, gone, used := w.invite("revoked", "a@x.example"), w.invite("gone", "b@x.example"), w.invite("used", "c@x.example")
	tokens := []string{w.linkFor(revoked.ID), w.linkFor(gone.ID), w.linkFor(used.ID)}
	if _, err := support.RevokeLinks(ctx, revoked.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := support.Disconnect(ctx, gone.ID); err != nil {
		t.Fatal(err)
	}
	handOver(t, w, tokens[2])
	return append(tokens, "", "x", "../../etc/passwd", strings.Repeat("A", 43), strings.Repeat("A", 42)+"=", strings.Repeat("é", 43), "<script>", tokens[0][:42])
}

// handOver goes the whole way with a good key.
func handOver(t *testing.T, w *world, token string) {
	t.Helper()
	team := w.apple.AddTeam(asctest.Team{})
	key, err := w.apple.NewKey(team.TeamID)
	if err != nil {
		t.Fatal(err)
	}
	v := w.visitor().enter(token)
	path := v.begin(ids{key.KeyID, team.IssuerID, team.TeamID, team.Name})
	v.send(v.form(path), key.FileName, key.PEM)
	w.settle()
	if a := v.get(path + "/status"); !strings.Contains(a.body, "Your key works") {
		t.Fatalf("a good key is not accepted: status %d", a.StatusCode)
	}
}

// TestTenThousandGuessesAreAnsweredAlike tries them from one address, mixed
// with tokens that were good once.
func TestTenThousandGuessesAreAnsweredAlike(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, options{})
	old := voided(t, w)
	good := w.linkFor(w.invite("good", "d@x.example").ID)
	w.tick(time.Hour)
	want := w.visitor().post("/continue", url.Values{"token": {"first"}}).fingerprint()
	const guesses, workers = 10_000, 4
	var done sync.WaitGroup
	for n := range workers {
		v := w.visitor()
		done.Go(func() {
			for i := n; i < guesses; i += workers {
				token, _ := integration.NewLinkToken(rand.Reader)
				if i%50 < len(old) {
					token = old[i%50]
				}
				if got := v.post("/continue", url.Values{"token": {token}}).fingerprint(); got != want {
					t.Errorf("guess %d is answered otherwise", i)
					return
				}
			}
		})
	}
	done.Wait()
	if got := w.visitor().post("/continue", url.Values{"token": {good}}).fingerprint(); got != want {
		t.Error("an address that guessed 10,000 times is still let in")
	}
	w.tick(time.Hour)
	w.visitor().enter(good)
}

// TestGuessedCookiesAreAnsweredAlike tries them where the cookie is read, no
// faster than one address may.
func TestGuessedCookiesAreAnsweredAlike(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, options{})
	old := voided(t, w)
	paths := []string{"/setup", "/uploads/upl_00000000000000000000000000000000", "/uploads/upl_00000000000000000000000000000000/status?again=1", "/uploads/x/status.json"}
	first := map[string]string{}
	for i := range 1000 {
		w.tick(time.Second)
		token, _ := integration.NewLinkToken(rand.Reader)
		path := paths[i%len(paths)]
		voidButKnown := !strings.Contains(path, "status") && i%50 < len(old)
		if voidButKnown {
			token = url.QueryEscape(old[i%50])
		}
		v := w.visitor()
		r := v.request(http.MethodGet, path, nil)
		r.Header.Set("Cookie", "keyward="+token)
		got := v.do(r).fingerprint()
		if first[path] == "" {
			first[path] = got
		}
		if got != first[path] {
			t.Fatalf("%s: guess %d is answered otherwise", path, i)
		}
	}
}

// TestScannersLeaveTheLinkUsable: a hundred programs open the link, follow
// what is on the page, and a browser presses all that can be pressed.
func TestScannersLeaveTheLinkUsable(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, options{})
	it := w.invite("scanned", "e@x.example")
	token := w.linkFor(it.ID)
	href := regexp.MustCompile(`(?:href|src|action)="(/[^"]*)"`)
	for i := range 100 {
		w.tick(time.Second)
		v := w.visitor()
		methods := []string{http.MethodGet, http.MethodHead, http.MethodOptions, "PROPFIND", http.MethodGet}
		r := v.request(methods[i%len(methods)], "/l/"+token, nil)
		r.Header.Set("User-Agent", fmt.Sprintf("Scanner/%d", i))
		r.Header.Set("Purpose", "prefetch")
		r.Header.Set("Range", "bytes=0-10")
		a := v.do(r)
		if len(a.Cookies()) != 0 {
			t.Fatalf("%s sets a cookie", r.Method)
		}
		for _, m := range href.FindAllStringSubmatch(a.body, -1) {
			v.get(m[1])
			v.post(m[1], nil)
		}
		v.post("/continue", url.Values{"token": {token}})
		v.get("/setup")
	}
	pressEverything(t, w, token)
	after, err := w.as(operator.Support).Get(t.Context(), it.ID)
	if err != nil || after.Version != it.Version && after.State != it.State {
		t.Errorf("the integration was changed: %s, %v", after.State, err)
	}
	w.tick(time.Hour)
	handOver(t, w, token)
}

// pressEverything opens the link in a browser with script, and presses each
// button, link and box on the page, again and again.
func pressEverything(t *testing.T, w *world, token string) {
	t.Helper()
	b := pagestest.Open(t)
	for i := range 6 {
		w.tick(time.Minute)
		b.Go(w.portal + "/l/" + token)
		n := pagestest.Eval[int](b, `document.querySelectorAll("button, input, summary, a[href^='/']").length`)
		if n == 0 {
			t.Fatal("there is nothing to press")
		}
		pagestest.Eval[bool](b, fmt.Sprintf(`(() => { const all = document.querySelectorAll("button, input, summary, a[href^='/']"); all[%d %% all.length].click(); document.forms.length && document.forms[0].requestSubmit && document.forms[0].requestSubmit(); return true })()`, i))
		b.See("App Store Connect")
	}
}

// TestTwoUploadsRacingHaveOneWinner lets two people with the same link send
// two good keys at the same moment.
func TestTwoUploadsRacingHaveOneWinner(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, options{})
	for round := range 40 {
		it := w.invite(fmt.Sprintf("race-%d", round), fmt.Sprintf("r%d@x.example", round))
		token, team := w.linkFor(it.ID), w.apple.AddTeam(asctest.Team{})
		var visitors [2]*visitor
		var paths [2]string
		var send [2]func()
		for i := range visitors {
			w.tick(10 * time.Second)
			key, err := w.apple.NewKey(team.TeamID)
			if err != nil {
				t.Fatal(err)
			}
			v := w.visitor().enter(token)
			paths[i], visitors[i] = v.begin(ids{key.KeyID, team.IssuerID, team.TeamID, team.Name}), v
			form := v.form(paths[i])
			send[i] = func() {
				v.send(form, key.FileName, key.PEM)
				_ = w.host.Settle(t.Context())
			}
		}
		var both sync.WaitGroup
		both.Go(send[0])
		both.Go(send[1])
		both.Wait()
		w.advance(2 * time.Minute)
		w.oneWinner(t, round, it.ID)
		for i, v := range visitors {
			if a := v.get(paths[i] + "/status"); a.StatusCode != http.StatusOK {
				t.Errorf("round %d: uploader %d gets no verdict: status %d", round, i, a.StatusCode)
			}
		}
	}
}

func (w *world) oneWinner(t *testing.T, round int, id string) {
	t.Helper()
	uploads, err := w.as(operator.Support).Uploads(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]int{}
	for _, u := range uploads {
		states[u.State]++
	}
	keys := 0
	for _, name := range w.secrets() {
		if strings.Contains(name, "/"+id+"/") {
			keys++
		}
	}
	if states["accepted"] != 1 || states["refused"] != 1 || keys != 1 || w.objects() != 0 {
		t.Errorf("round %d: uploads %v, %d keys in the vault, %d files in the bucket", round, states, keys, w.objects())
	}
}
