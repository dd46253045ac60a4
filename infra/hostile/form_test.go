package hostile

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// tampered are presigned forms with one thing other than it was signed.
func tampered(f postForm) map[string]postForm {
	out := map[string]postForm{}
	change := func(what, field, value string) {
		c := postForm{f.action, slices.Clone(f.names), maps.Clone(f.values)}
		c.values[field] = value
		if !slices.Contains(c.names, field) {
			c.names = append(c.names, field)
		}
		out[what] = c
	}
	for _, n := range f.names {
		change(n+" empty", n, "")
		change(n+" longer", n, f.values[n]+"x")
		change(n+" with NUL", n, f.values[n]+"\x00")
		change(n+" huge", n, strings.Repeat("x", 30_000))
		without := postForm{f.action, slices.DeleteFunc(slices.Clone(f.names), func(o string) bool { return o == n }), f.values}
		out[n+" missing"] = without
		twice := postForm{f.action, append(slices.Clone(f.names), n), f.values}
		out[n+" twice"] = twice
		spelled := postForm{f.action, append(slices.Clone(f.names), strings.ToUpper(n)), maps.Clone(f.values)}
		spelled.values[strings.ToUpper(n)] = "other"
		out[n+" in capitals"] = spelled
	}
	policy, _ := base64.StdEncoding.DecodeString(f.values["policy"])
	for old, other := range map[string]string{"10485760": "99999999", "eq": "starts-with", "2026": "2099", `"aws:kms"`: `"none"`, "incoming/": "outgoing/"} {
		change("policy with "+other, "policy", base64.StdEncoding.EncodeToString(bytes.Replace(policy, []byte(old), []byte(other), 1)))
	}
	for _, to := range []string{"https://evil.example/", "javascript:alert(1)", "//evil.example", f.values["success_action_redirect"] + "@evil.example"} {
		change("redirect to "+to, "success_action_redirect", to)
	}
	for _, key := range []string{"incoming/int_x/upl_y", "../../etc/passwd", "incoming/${filename}", "/", "x"} {
		change("key "+key, "key", key)
	}
	change("acl", "acl", "public-read")
	change("storage class", "x-amz-storage-class", "GLACIER")
	change("another's metadata", "x-amz-meta-other", "x")
	change("website redirect", "x-amz-website-redirect-location", "https://evil.example/")
	change("other success", "success_action_status", "200")
	return out
}

// TestTamperedFormsAreRefused posts each to the upload store: none is stored,
// and none leads anywhere.
func TestTamperedFormsAreRefused(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	forms := tampered(b.form)
	if len(forms) < 60 {
		t.Fatalf("%d forms", len(forms))
	}
	for what, f := range forms {
		a := b.send(f, "key.p8", b.key.PEM)
		if strings.HasPrefix(what, "x-amz-meta-filename") && a.StatusCode == http.StatusSeeOther {
			b.settle() // the file's name is the sender's to choose
			continue
		}
		if a.StatusCode < 400 || a.StatusCode >= 500 || a.Header.Get("Location") != "" || !strings.Contains(a.body, "<Code>") || strings.Contains(a.body, "evil") {
			t.Errorf("%s: status %d", what, a.StatusCode)
		}
		if b.objects() != 0 {
			t.Fatalf("%s: stored", what)
		}
	}
}

// TestAFormLivesAQuarterOfAnHour, and no longer, nor for another upload.
func TestAFormLivesAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	old := b.form
	b.tick(15 * time.Minute)
	if a := b.send(old, "key.p8", b.key.PEM); a.StatusCode != http.StatusForbidden || b.objects() != 0 {
		t.Errorf("after 15 minutes: status %d", a.StatusCode)
	}
	b.fresh()
	spent := b.form
	if a, _ := b.hand(file{"the key", b.key.FileName, b.key.PEM}); a.State != integration.UploadAccepted {
		t.Fatalf("the key is %s", a.State)
	}
	for range 3 { // the policy still lives; the link does not
		b.send(spent, "again.p8", b.key.PEM)
	}
	b.advance(15 * time.Minute)
	if len(b.secrets()) != 1 || b.objects() != 0 {
		t.Errorf("after a replay: %d keys in the vault, %d files in the bucket", len(b.secrets()), b.objects())
	}
}

// oddBodies are what may stand in a request in the place of a form.
func oddBodies() map[string]func() io.Reader {
	return map[string]func() io.Reader{
		"nothing": func() io.Reader { return http.NoBody }, "NUL": func() io.Reader { return strings.NewReader("\x00") }, "half an escape": func() io.Reader { return strings.NewReader("token=%z") },
		"UTF-16": func() io.Reader { return strings.NewReader("t\x00o\x00k\x00") }, "many fields": func() io.Reader { return strings.NewReader(strings.Repeat("a=b&", 7000)) }, "one long field": func() io.Reader { return strings.NewReader("a=" + strings.Repeat("x", 31_000)) },
		"too much": func() io.Reader { return strings.NewReader("a=" + strings.Repeat("x", 100_000)) }, "JSON": func() io.Reader { return strings.NewReader(`{"token":"x"}`) }, "chunked": func() io.Reader { return io.MultiReader(strings.NewReader("token=a"), strings.NewReader("b&x=y")) },
		"chunked, too much": func() io.Reader {
			return io.MultiReader(strings.NewReader("a="), strings.NewReader(strings.Repeat("x", 100_000)))
		},
		"fields twice": func() io.Reader {
			return strings.NewReader("token=a&token=b&form_token=x&form_token=y&draft=a&draft=b&key_id=a&key_id=b")
		},
		"brackets": func() io.Reader { return strings.NewReader("token[]=a&token[x]=b&form_token[$ne]=1") }, "semicolons": func() io.Reader { return strings.NewReader("token=a;form_token=b") },
	}
}

// TestHostilePostsToThePortal sends odd bodies with odd content types to every
// route that takes a form, with a session and without: each is refused, and
// nothing comes of it.
func TestHostilePostsToThePortal(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	before := b.version(t)
	n := 0
	for _, r := range routesIn(t, portalRoutes) {
		if r.method != http.MethodPost || r.path == "/link-request" {
			continue
		}
		path := r.concrete(map[string]string{"id": strings.TrimPrefix(b.path, "/uploads/")})
		for what, body := range oddBodies() {
			for _, kind := range []string{"application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-16", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "application/json", "", "x/y/z", "application/x-www-form-urlencoded; charset=\"\x7f"} {
				for _, v := range []*visitor{b.visitor, b.world.visitor()} {
					n++
					b.tick(5 * time.Second)
					q := v.request(http.MethodPost, path, body())
					q.Header["Content-Type"] = []string{strings.ReplaceAll(kind, "\x7f", "")}
					q.Header.Set("Sec-Fetch-Site", "same-origin")
					if a := v.do(q); a.StatusCode < 400 || a.StatusCode >= 500 || len(a.Cookies()) > 0 {
						t.Errorf("%s, %s as %q: status %d", r.path, what, kind, a.StatusCode)
					}
				}
			}
		}
	}
	if after := b.version(t); n < 900 || after != before {
		t.Errorf("%d requests; the integration and its uploads were %s and are %s", n, before, after)
	}
}

// version is how the integration and its uploads stand.
func (b *bench) version(t *testing.T) string {
	t.Helper()
	it, err := b.as(operator.Support).Get(t.Context(), b.id)
	if err != nil {
		t.Fatal(err)
	}
	uploads, err := b.host.Store().Uploads(context.Background(), integration.ID(b.id))
	if err != nil {
		t.Fatal(err)
	}
	out := fmt.Sprintf("%d", it.Version)
	for _, u := range uploads {
		out += fmt.Sprintf(" %s@%d", u.State, u.Version)
	}
	return out
}

// TestOtherSitesCannotSendOurForms sends good forms as other sites' pages
// would, with our cookie, to every route that takes one.
func TestOtherSitesCannotSendOurForms(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	good := b.setup(b.ids())
	good.Set("token", b.token)
	good.Set("agree", "yes")
	without := maps.Clone(good)
	delete(without, "form_token")
	delete(without, "token")
	before := b.version(t)
	for _, r := range routesIn(t, portalRoutes) {
		if r.method != http.MethodPost {
			continue
		}
		path := r.concrete(map[string]string{"id": strings.TrimPrefix(b.path, "/uploads/")})
		for name, header := range map[string]map[string]string{
			"cross-site": {"Sec-Fetch-Site": "cross-site"}, "same-site": {"Sec-Fetch-Site": "same-site"}, "foreign origin": {"Origin": "https://evil.example"}, "null origin": {"Origin": "null"},
			"ours, with more": {"Origin": b.portal + ".evil.example"}, "our host as user": {"Origin": "http://evil.example@" + strings.TrimPrefix(b.portal, "http://")}, "invented": {"Sec-Fetch-Site": "trust-me"},
			"another port": {"Origin": "http://127.0.0.1:1"}, "https for http": {"Origin": "https" + strings.TrimPrefix(b.portal, "http")},
		} {
			b.tick(5 * time.Second)
			q := b.request(http.MethodPost, path, strings.NewReader(good.Encode()))
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for k, v := range header {
				q.Header.Set(k, v)
			}
			if a := b.do(q); a.StatusCode != http.StatusForbidden {
				t.Errorf("%s, %s: status %d", r.path, name, a.StatusCode)
			}
		}
		if r.path == "/link-request" {
			continue
		}
		b.tick(5 * time.Second)
		if a := b.post(path, without); a.StatusCode < 400 {
			t.Errorf("%s without its token: status %d", r.path, a.StatusCode)
		}
	}
	if after := b.version(t); after != before {
		t.Errorf("the integration and its uploads were %s and are %s", before, after)
	}
}

// TestWhatIsOnesIsNotAnothers: cookies, forms, drafts and uploads of one
// integration do nothing for another, nor after their link was used.
func TestWhatIsOnesIsNotAnothers(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	mine := b.setup(b.ids())
	other := b.world.visitor().enter(b.linkFor(b.invite("other", "other@x.example").ID))
	theirs := other.setup(b.ids())
	for _, field := range []string{"form_token", "draft"} {
		mixed := maps.Clone(theirs)
		mixed[field] = mine[field]
		if a := other.post("/setup", mixed); a.StatusCode != http.StatusForbidden {
			t.Errorf("another's %s: status %d", field, a.StatusCode)
		}
	}
	for _, path := range []string{b.path, b.path + "/status", b.path + "/status.json"} {
		if a := other.get(path); a.StatusCode != http.StatusNotFound || strings.Contains(a.body, b.key.KeyID) {
			t.Errorf("another's upload: status %d", a.StatusCode)
		}
	}
	if a := other.post(b.path+"/renew", url.Values{"form_token": theirs["form_token"]}); a.StatusCode != http.StatusNotFound {
		t.Errorf("renewing another's upload: status %d", a.StatusCode)
	}
	b.hand(file{"the key", b.key.FileName, b.key.PEM})
	elsewhere := b.world.visitor()
	for path, form := range map[string]url.Values{"/setup": mine, b.path + "/renew": mine, "/continue": {"token": {b.token}}} {
		if a := elsewhere.post(path, form); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s with a used link, from another browser: status %d", path, a.StatusCode)
		}
		a := b.post(path, form)
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != b.path+"/status" {
			t.Errorf("%s with the link that this browser used: status %d", path, a.StatusCode)
		}
	}
	if len(b.secrets()) != 1 {
		t.Errorf("%d keys in the vault", len(b.secrets()))
	}
}

// TestLimitsHold: of one address and of one link, and they end.
func TestLimitsHold(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	pages, forms := 0, 0
	for range 400 {
		if b.get("/setup").StatusCode == http.StatusOK {
			pages++
		}
	}
	b.tick(time.Hour)
	form := url.Values{"form_token": b.setup(b.ids())["form_token"]}
	for range 200 {
		b.tick(600 * time.Millisecond)
		if b.post(b.path+"/renew", form).StatusCode == http.StatusSeeOther {
			forms++
		}
	}
	if pages < 200 || pages > 260 || forms < 40 || forms > 100 {
		t.Errorf("%d of 400 pages, %d of 200 forms let through", pages, forms)
	}
	b.tick(time.Hour)
	if a := b.get("/setup"); a.StatusCode != http.StatusOK {
		t.Errorf("an hour later: status %d", a.StatusCode)
	}
}

// TestSlowSendersHoldNobodyUp keeps connections open with half a request
// each, while others work.
func TestSlowSendersHoldNobodyUp(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	for i := range 50 {
		for _, origin := range []string{b.portal, b.uploads} {
			c, err := net.Dial("tcp", strings.TrimPrefix(origin, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			fmt.Fprintf(c, "POST /continue HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n--b", 1000+i)
		}
	}
	b.stillWorks(t)
}
