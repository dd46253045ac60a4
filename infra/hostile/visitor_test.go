package hostile

import (
	"bytes"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// A visitor is a browser without script: it keeps cookies and follows nothing
// by itself.
type visitor struct {
	t      testing.TB
	w      *world
	client *http.Client
}

// An answer is a response, read.
type answer struct {
	*http.Response
	body string
}

func (w *world) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &visitor{t: w.t, w: w, client: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (v *visitor) do(r *http.Request) answer {
	v.t.Helper()
	resp, err := v.client.Do(r)
	if err != nil {
		v.t.Fatalf("%s %s: no answer: %T", r.Method, masked(r.URL.Path), err)
	}
	defer resp.Body.Close()
	return answer{resp, string(mustRead(v.t, resp.Body))}
}

func (v *visitor) request(method, path string, body io.Reader) *http.Request {
	v.t.Helper()
	r, err := http.NewRequest(method, v.w.portal+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	return r
}

func (v *visitor) get(path string) answer {
	v.t.Helper()
	return v.do(v.request(http.MethodGet, path, nil))
}

func (v *visitor) post(path string, form url.Values) answer {
	v.t.Helper()
	r := v.request(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.do(r)
}

// enter presses Continue.
func (v *visitor) enter(token string) *visitor {
	v.t.Helper()
	if a := v.post("/continue", url.Values{"token": {token}}); a.StatusCode != http.StatusSeeOther {
		v.t.Fatalf("Continue: status %d", a.StatusCode)
	}
	return v
}

// ids are what a customer types.
type ids struct{ keyID, issuerID, teamID, teamName string }

// setup is the form of /setup, filled in.
func (v *visitor) setup(i ids) url.Values {
	v.t.Helper()
	a := v.get("/setup")
	form := url.Values{"key_id": {i.keyID}, "issuer_id": {i.issuerID}, "team_id": {i.teamID}, "team_name": {i.teamName}}
	for _, in := range inputs(a.body) {
		if in["type"] == "hidden" {
			form.Set(in["name"], in["value"])
		}
	}
	if a.StatusCode != http.StatusOK || form.Get("draft") == "" {
		v.t.Fatalf("/setup: status %d, or no form", a.StatusCode)
	}
	return form
}

// begin fills in the IDs and gives the path of the upload.
func (v *visitor) begin(i ids) string {
	v.t.Helper()
	a := v.post("/setup", v.setup(i))
	path := a.Header.Get("Location")
	if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(path, "/uploads/upl_") {
		v.t.Fatalf("setup: status %d", a.StatusCode)
	}
	return path
}

// A postForm is a presigned form: its fields in the page's order.
type postForm struct {
	action string
	names  []string
	values map[string]string
}

var (
	formAction = regexp.MustCompile(`<form id="upload"[^>]* action="([^"]*)"`)
	inputTag   = regexp.MustCompile(`<input [^>]*>`)
	attribute  = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
)

func inputs(page string) []map[string]string {
	var all []map[string]string
	for _, tag := range inputTag.FindAllString(page, -1) {
		in := map[string]string{}
		for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
			in[m[1]] = html.UnescapeString(m[2])
		}
		all = append(all, in)
	}
	return all
}

// form is the presigned form on the upload's page.
func (v *visitor) form(path string) postForm {
	v.t.Helper()
	a := v.get(path)
	m := formAction.FindStringSubmatch(a.body)
	if m == nil {
		v.t.Fatalf("%s: status %d, and no upload form", path, a.StatusCode)
	}
	page, _, _ := strings.Cut(a.body[strings.Index(a.body, m[0]):], "</form>")
	f := postForm{action: html.UnescapeString(m[1]), values: map[string]string{}}
	for _, in := range inputs(page) {
		if in["type"] == "hidden" {
			f.names = append(f.names, in["name"])
			f.values[in["name"]] = in["value"]
		}
	}
	return f
}

// write is the form with a file, as a browser sends it.
func (f postForm) write(name string, content []byte) (body []byte, contentType string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, n := range f.names {
		w.WriteField(n, f.values[n])
	}
	part, _ := w.CreateFormFile("file", name)
	part.Write(content)
	w.Close()
	return b.Bytes(), w.FormDataContentType()
}

// send posts the form with a file.
func (v *visitor) send(f postForm, name string, content []byte) answer {
	v.t.Helper()
	body, kind := f.write(name, content)
	r, err := http.NewRequest(http.MethodPost, f.action, bytes.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	return v.do(r)
}
