package portal_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"

	"keyward/pkg/integration"
)

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(form_token|draft)" value="([^"]+)"`)

// An answer is a response, read.
type answer struct {
	*http.Response
	body string
}

// A visitor is a browser without script: it keeps cookies, follows nothing.
type visitor struct {
	w      *world
	client *http.Client
}

func (w *world) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &visitor{w: w, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (v *visitor) do(r *http.Request) answer {
	v.w.t.Helper()
	resp, err := v.client.Do(r)
	if err != nil {
		v.w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.w.t.Fatal(err)
	}
	return answer{resp, string(body)}
}

func (v *visitor) get(path string) answer {
	v.w.t.Helper()
	return v.do(v.w.request(http.MethodGet, path, nil))
}

func (v *visitor) post(path string, form url.Values) answer {
	v.w.t.Helper()
	r := v.w.request(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.do(r)
}

func (w *world) request(method, path string, body io.Reader) *http.Request {
	w.t.Helper()
	r, err := http.NewRequest(method, w.site.URL+path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// enter presses Continue.
func (v *visitor) enter() *visitor {
	v.w.t.Helper()
	if a := v.post("/continue", url.Values{"token": {v.w.token}}); a.StatusCode != http.StatusSeeOther {
		v.w.t.Fatalf("Continue: status %d", a.StatusCode)
	}
	return v
}

// form is what the setup page's form carries, filled in well.
func (v *visitor) form() url.Values {
	v.w.t.Helper()
	a := v.get("/setup")
	form := url.Values{"key_id": {"ABC1234567"}, "issuer_id": {"57246542-96fe-1a63-e053-0824d011072a"}, "team_id": {"TEAM123456"}, "team_name": {"Example GmbH"}}
	for _, m := range hiddenField.FindAllStringSubmatch(a.body, -1) {
		form.Set(m[1], m[2])
	}
	if a.StatusCode != 200 || form.Get("form_token") == "" || form.Get("draft") == "" {
		v.w.t.Fatalf("the setup page has no form: status %d", a.StatusCode)
	}
	return form
}

// mustBegin fills in the setup form and returns the upload.
func (v *visitor) mustBegin() integration.Upload {
	v.w.t.Helper()
	a := v.post("/setup", v.form())
	path := a.Header.Get("Location")
	if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(path, "/uploads/upl_") {
		v.w.t.Fatalf("setup: status %d, location %q", a.StatusCode, path)
	}
	u, err := v.w.store.Upload(context.Background(), v.w.id, integration.UploadID(strings.TrimPrefix(path, "/uploads/")))
	if err != nil {
		v.w.t.Fatal(err)
	}
	return u
}
