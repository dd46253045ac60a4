package portal_test

import (
	"bytes"
	"html"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

var formFields = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// send posts a file by the form on an upload's page, as a browser does.
func (v *visitor) send(page, name, contents string) answer {
	v.w.t.Helper()
	form := page[strings.Index(page, `id="upload"`):]
	form = form[:strings.Index(form, "</form>")]
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for _, f := range formFields.FindAllStringSubmatch(form, -1) {
		if err := m.WriteField(f[1], html.UnescapeString(f[2])); err != nil {
			v.w.t.Fatal(err)
		}
	}
	part, err := m.CreateFormFile("file", name)
	if err != nil {
		v.w.t.Fatal(err)
	}
	if _, err := part.Write([]byte(contents)); err != nil {
		v.w.t.Fatal(err)
	}
	m.Close()
	r, err := http.NewRequest(http.MethodPost, v.w.bucket.URL+"/", &body)
	if err != nil {
		v.w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", m.FormDataContentType())
	return v.do(r)
}

func TestTheFormSendsTheFileStraightToTheStore(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	u := v.mustBegin()
	page := v.get("/uploads/" + string(u.ID))
	if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' "+w.bucket.URL+";") {
		t.Errorf("policy %q", csp)
	}
	if csp := v.get("/setup").Header.Get("Content-Security-Policy"); strings.Contains(csp, w.bucket.URL) {
		t.Error("other pages may post to the store too")
	}
	if strings.Contains(page.body, w.token) {
		t.Error("the token is in the page")
	}
	a := v.send(page.body, "AuthKey_ABC1234567.p8", "hello")
	back := a.Header.Get("Location")
	if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(back, w.site.URL+"/uploads/"+string(u.ID)+"/status?") {
		t.Fatalf("status %d, leads to %q", a.StatusCode, back)
	}
	if got := v.get(strings.TrimPrefix(back, w.site.URL)); !strings.Contains(got.body, "We are looking at your file") {
		t.Error("after the redirect the page does not know that a file was sent")
	}
	w.mustETag(u)
}

func TestAFormThatTimedOutCanBeRenewed(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	u := v.mustBegin()
	path := "/uploads/" + string(u.ID)
	old := v.get(path).body
	w.advance(15 * time.Minute)
	if page := v.get(path).body; !strings.Contains(page, "timed out") || strings.Contains(page, `type="file"`) {
		t.Error("the page still has the form, or does not say that it timed out")
	}
	if a := v.send(old, "AuthKey_ABC1234567.p8", "hello"); a.StatusCode != http.StatusForbidden {
		t.Errorf("the old form was taken: status %d", a.StatusCode)
	}
	if a := v.post(path+"/renew", v.form()); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != path {
		t.Fatalf("renewing: status %d", a.StatusCode)
	}
	if got := w.mustUploads()[0].FormExpires; !got.Equal(w.Now().Add(15 * time.Minute)) {
		t.Errorf("the renewed form lives until %v", got)
	}
	if a := v.send(v.get(path).body, "AuthKey_ABC1234567.p8", "hello"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the new form: status %d", a.StatusCode)
	}
}

func TestOnlyWhatMayBeSentHasAForm(t *testing.T) {
	for _, c := range []struct {
		state integration.UploadState
		form  bool
	}{
		{integration.UploadOpen, true}, {integration.UploadRefused, true},
		{integration.UploadWaiting, false}, {integration.UploadExpired, false},
	} {
		t.Run(string(c.state), func(t *testing.T) {
			w := mustWorld(t, nil)
			v := w.visitor().enter()
			u := v.mustBegin()
			if c.state != integration.UploadOpen {
				w.mustJudge(u, integration.Attempt{ETag: "e1", State: c.state, Diagnosis: "outage"})
			}
			before := w.mustUploads()[0]
			a := v.get("/uploads/" + string(u.ID))
			if got := a.StatusCode == 200; got != c.form {
				t.Errorf("status %d", a.StatusCode)
			}
			w.advance(time.Minute)
			v.post("/uploads/"+string(u.ID)+"/renew", v.form())
			if renewed := !w.mustUploads()[0].FormExpires.Equal(before.FormExpires); renewed != c.form {
				t.Errorf("renewed: %v", renewed)
			}
		})
	}
}

func TestTheFormsPageIsUsableWithoutScript(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	page := html.UnescapeString(v.get("/uploads/" + string(v.mustBegin().ID)).body)
	for _, want := range []string{`accept=".p8"`, `enctype="multipart/form-data"`, "AuthKey_ABC1234567.p8", "a page of code", "SubscriptionKey_", "about 15 minutes", "Get a fresh form"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.LastIndex(page, `type="hidden" name="x-amz-signature"`) > strings.Index(page, `type="file"`) {
		t.Error("fields come after the file: S3 ignores them")
	}
}
