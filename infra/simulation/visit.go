package simulation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"time"

	"keyward/pkg/integration"
)

// A browser is a person in front of the portal.
type browser struct {
	w       *World
	t       *task
	cookies map[string]*http.Cookie // by name
}

// An answer is what the browser got: status 0 when nobody answered.
type answer struct {
	status   int
	body     string
	location string
}

// page asks a function behind a URL, as a task of its own, and waits.
func (b *browser) page(fn string, h http.Handler, r *http.Request) answer {
	w, rec := b.w, httptest.NewRecorder()
	child := &task{name: fn + " " + r.Method + " " + firstPart(r.URL.Path), fn: fn, until: w.now().Add(webLimit)}
	child.done = func(*task) { w.after(0, func() { w.resume(b.t) }) }
	w.after(w.between(50*time.Millisecond, 2*time.Second), func() {
		w.start(child, func(ctx context.Context) { h.ServeHTTP(rec, r.WithContext(ctx)) })
	})
	w.yield(b.t)
	w.tally.Invocations[fn]++
	if child.dead {
		return answer{}
	}
	for _, c := range rec.Result().Cookies() {
		b.cookies[c.Name] = c
	}
	return answer{rec.Code, rec.Body.String(), rec.Header().Get("Location")}
}

func firstPart(path string) string {
	part, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return "/" + part
}

func (b *browser) get(path string) answer {
	return b.page("portal", b.w.rig.portal, b.request(http.MethodGet, path, nil))
}

func (b *browser) post(path string, form url.Values) answer {
	return b.page("portal", b.w.rig.portal, b.request(http.MethodPost, path, form))
}

func (b *browser) request(method, path string, form url.Values) *http.Request {
	r := httptest.NewRequest(method, publicURL+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, name := range sorted(b.cookies) {
		r.AddCookie(b.cookies[name])
	}
	return r
}

// again repeats a step until somebody answers it without a fault of ours.
func (b *browser) again(step func() answer) answer {
	for range 12 {
		if a := step(); a.status != 0 && a.status < 500 {
			return a
		}
		b.w.sleep(b.t, b.w.between(2*time.Second, 40*time.Second))
	}
	return answer{}
}

var hidden = regexp.MustCompile(`name="([^"]+)" value="([^"]*)"`)

// fields are the hidden fields of a page.
func fields(page string) url.Values {
	out := url.Values{}
	for _, f := range hidden.FindAllStringSubmatch(page, -1) {
		out.Set(f[1], unescape.Replace(f[2]))
	}
	return out
}

var unescape = strings.NewReplacer("&#43;", "+", "&amp;", "&", "&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">")

// open follows the link of a mail up to the setup page, and tells whether the
// link could be used.
func (b *browser) open(token string) bool {
	if b.w.chance(.2) { // it does nothing
		b.again(func() answer { return b.get("/l/" + token) })
	}
	a := b.again(func() answer { return b.post("/continue", url.Values{"token": {token}}) })
	return a.status == http.StatusSeeOther
}

// begin types the IDs, and gives the path of the upload.
func (b *browser) begin(k *appleKey, typed *team) string {
	setup := b.again(func() answer { return b.get("/setup") })
	if setup.status != http.StatusOK {
		return ""
	}
	form := fields(setup.body)
	form.Set("issuer_id", k.team.issuer)
	form.Set("key_id", k.id)
	form.Set("team_id", typed.id)
	form.Set("team_name", typed.name)
	a := b.again(func() answer { return b.post("/setup", form) })
	if a.status != http.StatusSeeOther {
		return ""
	}
	return a.location
}

// send sends a file with the form of the upload's page.
func (b *browser) send(path, filename string, data []byte) bool {
	page := b.again(func() answer { return b.get(path) })
	if page.status != http.StatusOK {
		return false
	}
	form := fields(page.body)
	delete(form, "form_token")
	a := b.again(func() answer { return b.store(form, filename, data) })
	return a.status == http.StatusSeeOther
}

// store posts to the bucket. An answer can get lost here too: then the file is
// there, and the person sends it again.
func (b *browser) store(form url.Values, filename string, data []byte) answer {
	w := b.w
	w.sleep(b.t, w.between(100*time.Millisecond, 3*time.Second))
	if !w.still() && w.chance(w.weather.down) {
		w.strike(unavailable)
		return answer{}
	}
	body, kind := multipartForm(form, filename, data)
	r := httptest.NewRequest(http.MethodPost, uploadsURL, body)
	r.Header.Set("Content-Type", kind)
	rec := httptest.NewRecorder()
	w.objects.ServeHTTP(rec, r)
	w.note(b.t.name, "posts a file", fmt.Sprint(rec.Code))
	if !w.still() && w.chance(w.weather.lost) {
		w.strike(answerLost)
		return answer{}
	}
	return answer{status: rec.Code, location: rec.Header().Get("Location")}
}

func multipartForm(form url.Values, filename string, data []byte) (io.Reader, string) {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	_ = m.SetBoundary("keyward-simulation-boundary") // valid, so that it cannot fail
	var err error
	for _, name := range sorted(form) {
		err = errors.Join(err, m.WriteField(name, form.Get(name)))
	}
	part, err2 := m.CreateFormFile("file", filename)
	_, err3 := part.Write(data)
	if errors.Join(err, err2, err3, m.Close()) != nil {
		panic("simulation: a buffer failed")
	}
	return &b, m.FormDataContentType()
}

// visit is a person who hands over a key, with the mistakes that people make.
func (w *World) visit(c *customer, t *task) {
	w.browse(t, func(b *browser) {
		for range 3 {
			if !b.handOver(c) {
				return
			}
			w.sleep(t, w.between(10*time.Minute, 3*time.Hour))
		}
	})
}

// browse is what a person does in a browser of their own.
func (w *World) browse(t *task, do func(*browser)) {
	w.start(t, func(context.Context) { do(&browser{w: w, t: t, cookies: map[string]*http.Cookie{}}) })
}

// handOver tells whether another try is worth while.
func (b *browser) handOver(c *customer) bool {
	w := b.w
	token := c.links[len(c.links)-1]
	if w.chance(.2) {
		token = c.links[w.dice.IntN(len(c.links))]
	}
	if !b.open(token) {
		return false
	}
	k := w.apple.newKey(w, c.team)
	if o := w.apple.newest(w.customers[w.dice.IntN(len(w.customers))].team); o != nil && w.chance(.1) {
		w.tally.Injected["somebody else's key"]++
		k = o // perhaps; it may be a new one of the customer's own
	}
	typed := k.team
	if w.more.Float64() < .5 {
		typed = c.team // beside another company's key, the IDs of the right team
	}
	if c.lends != nil && w.chance(.3) {
		k = c.lends(w)
	}
	if c.moves != nil {
		k = c.movingKey(w)
		typed = k.team
	}
	if c.mistypes && w.now().Before(typed.shows) {
		wrong := *typed
		wrong.id, typed = "MISTYPED00", &wrong
	}
	path := b.begin(k, typed)
	if path == "" {
		return true
	}
	name := "AuthKey_" + k.id + ".p8"
	if w.tempo == ageing {
		b.sendsWrongFiles(path, name, k)
	}
	if w.chance(.25) {
		w.tally.Injected["wrong file"]++
		b.send(path, name, k.pem[:len(k.pem)/2])
		w.sleep(b.t, w.between(time.Second, 2*time.Minute))
	}
	if w.chance(.1) {
		w.tally.Injected["two files race"]++
		b.send(path, name, w.apple.newKey(w, c.team).pem)
	}
	if !b.send(path, name, k.pem) {
		return true
	}
	if w.chance(.1) {
		w.tally.Injected["same file twice"]++
		b.send(path, name, k.pem)
	}
	again := b.verdict(c, path)
	c.moved(w, k)
	return again
}

// sendsWrongFiles is somebody who tries with a dozen files that are no keys.
func (b *browser) sendsWrongFiles(path, name string, k *appleKey) {
	for n := range 12 {
		b.send(path, name, k.pem[:len(k.pem)/3+n])
		b.w.sleep(b.t, 40*time.Second)
	}
}

// verdict waits in front of the status page, and tells whether another try is
// worth while.
func (b *browser) verdict(c *customer, path string) bool {
	for _, d := range []time.Duration{20 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 4 * time.Hour, 18 * time.Hour} {
		b.w.sleep(b.t, d)
		a := b.again(func() answer { return b.get(path + "/status.json") })
		switch {
		case strings.Contains(a.body, `"phase":"new_key"`), strings.Contains(a.body, `"phase":"apple"`):
			b.w.truth.toldToWait(c, integration.UploadID(strings.TrimPrefix(path, "/uploads/")))
		case strings.Contains(a.body, `"phase":"accepted"`), strings.Contains(a.body, `"phase":"key_safe"`):
			b.w.truth.shown(c, strings.TrimPrefix(path, "/uploads/"))
			if b.w.chance(.08) { // while the key before it is still kept
				b.w.after(b.w.between(0, 15*time.Minute), func() { b.w.disconnect(c) })
			} else if b.w.more.Float64() < .15 {
				b.w.revokeNewest(c)
			}
			return false
		case strings.Contains(a.body, `"final":true`):
			return true
		}
	}
	return false
}
