package pages_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"keyward/pkg/pages"
)

// mustSite is a small site with all of the package in use. It returns what
// was logged too.
func mustSite(t *testing.T, mux *http.ServeMux) (http.Handler, *bytes.Buffer) {
	t.Helper()
	assets, err := pages.NewAssets(pages.Base())
	if err != nil {
		t.Fatal(err)
	}
	logged := &bytes.Buffer{}
	log := slog.New(slog.NewTextHandler(logged, nil))
	r, err := pages.NewRenderer(pages.RendererConfig{Assets: assets, Log: log, Templates: fstest.MapFS{
		"word.html": {Data: []byte(`{{define "content"}}<h1>{{.}}</h1>{{end}}`)},
		"bad.html":  {Data: []byte(`{{define "content"}}{{.Nothing.Here}}{{end}}`)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	fail := func(w http.ResponseWriter, _ *http.Request, status int) {
		r.Render(w, status, "word", pages.Page{Title: "Error", Data: http.StatusText(status)})
	}
	mux.Handle("GET /assets/", assets)
	mux.HandleFunc("GET /word", func(w http.ResponseWriter, _ *http.Request) {
		r.Render(w, 200, "word", pages.Page{Title: "A word", Brand: pages.Brand{Name: "Acme"}, Data: "<hello>"})
	})
	mux.HandleFunc("GET /bad", func(w http.ResponseWriter, _ *http.Request) {
		r.Render(w, 200, "bad", pages.Page{Data: "text"})
	})
	return pages.Chain(pages.Routes(mux, fail), pages.Headers(func(*http.Request) bool { return true }),
		pages.RequestIDs(rand.Reader), pages.Recover(log, fail), pages.Log(log, time.Now),
		pages.Bound(pages.Limits{Body: 10, URI: 100}, fail)), logged
}

func get(h http.Handler, method, target string, body io.Reader) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, body))
	return w
}

func TestPageIsEscapedInsideTheLayout(t *testing.T) {
	h, _ := mustSite(t, http.NewServeMux())
	w := get(h, "GET", "/word", nil)
	for _, want := range []string{"<title>A word – Acme</title>", "<h1>&lt;hello&gt;</h1>", `href="/assets/base.`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("page lacks %q", want)
		}
	}
}

func TestTemplateThatFailsGivesNoHalfPage(t *testing.T) {
	h, _ := mustSite(t, http.NewServeMux())
	if w := get(h, "GET", "/bad", nil); w.Code != 500 || strings.Contains(w.Body.String(), "<html") {
		t.Errorf("got %d, %q", w.Code, w.Body)
	}
}

func TestErrorsArePages(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /only", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /read", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); pages.TooLarge(err) {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	})
	h, _ := mustSite(t, mux)
	for _, c := range []struct {
		name, method, target string
		body                 io.Reader
		status               int
	}{
		{"unknown path", "GET", "/nowhere", nil, 404},
		{"wrong method", "GET", "/only", nil, 405},
		{"declared body too large", "POST", "/only", strings.NewReader("12345678901"), 413},
		{"undeclared body too large", "POST", "/read", io.MultiReader(strings.NewReader("12345678901")), 413},
		{"long address", "GET", "/word?" + strings.Repeat("a", 200), nil, 414},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := get(h, c.method, c.target, c.body)
			if w.Code != c.status {
				t.Fatalf("status %d, want %d", w.Code, c.status)
			}
			if c.status == 405 && w.Header().Get("Allow") == "" {
				t.Error("405 without Allow")
			}
		})
	}
}

func TestPanicBecomesAPage(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /panic/{token}", func(http.ResponseWriter, *http.Request) { panic(errors.New("sesame")) })
	h, logged := mustSite(t, mux)
	w := get(h, "GET", "/panic/t0ken", nil)
	if w.Code != 500 || !strings.Contains(w.Body.String(), "<html") {
		t.Errorf("got %d", w.Code)
	}
	if w.Header().Get("X-Request-Id") == "" || !strings.Contains(logged.String(), w.Header().Get("X-Request-Id")) {
		t.Error("the log does not carry the request's ID")
	}
	for _, secret := range []string{"sesame", "t0ken", "192.0.2.1"} {
		if strings.Contains(logged.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if !strings.Contains(logged.String(), "/panic/{token}") || !strings.Contains(logged.String(), "TestPanicBecomesAPage") {
		t.Errorf("the log lacks the route or the place: %s", logged)
	}
}

func TestEveryAnswerHasTheHeaders(t *testing.T) {
	h, _ := mustSite(t, http.NewServeMux())
	for _, target := range []string{"/word", "/nowhere", "/bad", "/assets/none.css", "/word?" + strings.Repeat("a", 200)} {
		got := get(h, "GET", target, nil).Header()
		for _, name := range []string{"Content-Security-Policy", "Cache-Control", "Referrer-Policy", "X-Content-Type-Options",
			"X-Robots-Tag", "Cross-Origin-Opener-Policy", "Strict-Transport-Security", "X-Frame-Options"} {
			if got.Get(name) == "" {
				t.Errorf("%s: no %s", target, name)
			}
		}
		if csp := got.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.HasPrefix(csp, "default-src 'none'") {
			t.Errorf("%s: policy %q", target, csp)
		}
	}
}

func TestAllowFormTo(t *testing.T) {
	for _, c := range []struct{ name, target, want string }{
		{"a bucket", "https://b.s3.eu-central-1.amazonaws.com/", "form-action 'self' https://b.s3.eu-central-1.amazonaws.com;"},
		{"a port", "http://127.0.0.1:4000/b", "form-action 'self' http://127.0.0.1:4000;"},
		{"no host", "/b", ""},
		{"a directive in the host", "https://x;script-src/", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			pages.AllowFormTo(w, c.target)
			if csp := w.Header().Get("Content-Security-Policy"); (c.want == "") != (csp == "") || !strings.Contains(csp, c.want) {
				t.Errorf("policy %q, want %q in it", csp, c.want)
			}
		})
	}
}

func TestAssetsKeepForGoodUnderTheirHash(t *testing.T) {
	a, err := pages.NewAssets(pages.Base(), fstest.MapFS{"x.js": {Data: []byte("1")}})
	if err != nil {
		t.Fatal(err)
	}
	before := a.Path("x.js")
	w := get(a, "GET", before, nil)
	if w.Code != 200 || w.Body.String() != "1" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") ||
		w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
	if err := a.Add("x.js", []byte("2")); err != nil || a.Path("x.js") == before {
		t.Errorf("a new content has the old path (%v)", err)
	}
	if err := a.Add("x.exe", nil); err == nil {
		t.Error("a file of unknown type was taken")
	}
}

func TestSameOrigin(t *testing.T) {
	const own = "https://keys.example.com"
	for _, c := range []struct {
		name, site, origin string
		want               bool
	}{
		{"same origin", "same-origin", "null", true},
		{"a person's own doing", "none", "", true},
		{"another site", "cross-site", own, false},
		{"a sibling domain", "same-site", own, false},
		{"nonsense", "yes", own, false},
		{"older browser, ours", "", own, true},
		{"older browser, another", "", "https://evil.example", false},
		{"sandboxed frame", "", "null", false},
		{"no browser", "", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/x", nil)
			if c.site != "" {
				r.Header.Set("Sec-Fetch-Site", c.site)
			}
			if c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}
			if got := pages.SameOrigin(r, own); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestASlowBodyIsTold(t *testing.T) {
	told := make(chan bool, 1)
	site := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		told <- pages.Slow(err)
	}))
	site.Config.ReadTimeout = 100 * time.Millisecond
	site.Start()
	defer site.Close()
	conn, err := net.Dial("tcp", site.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nslow"); err != nil {
		t.Fatal(err)
	}
	select {
	case slow := <-told:
		if !slow {
			t.Error("a body that does not arrive is not told from a broken one")
		}
	case <-time.After(10 * time.Second):
		t.Error("the server waits for ever")
	}
}
