package hostile

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"keyward/infra/local"
	"keyward/pkg/app"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// A route is a pattern that a mux was given.
type route struct{ method, path string }

var pattern = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (/.*)$`)

// routesIn reads the route table out of a source file, so that a route that is
// added is tested at once: all texts that are patterns, and all pairs of a
// method and a path.
func routesIn(t *testing.T, file string) []route {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{"pages.AssetPrefix": "/assets/"}
	var found []route
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for i, v := range n.Values {
				known[n.Names[i].Name] = textOf(v, known)
			}
		case *ast.BinaryExpr, *ast.BasicLit:
			if m := pattern.FindStringSubmatch(textOf(n.(ast.Expr), known)); m != nil {
				found = append(found, route{m[1], m[2]})
				return false
			}
		case *ast.CompositeLit:
			if len(n.Elts) > 1 {
				if m := pattern.FindStringSubmatch(textOf(n.Elts[0], known) + " " + textOf(n.Elts[1], known)); m != nil {
					found = append(found, route{m[1], m[2]})
				}
			}
		}
		return true
	})
	return found
}

// textOf is the value of a constant expression, as far as it is one.
func textOf(e ast.Expr, known map[string]string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.Ident:
		return known[e.Name]
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return known[x.Name+"."+e.Sel.Name]
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return textOf(e.X, known) + textOf(e.Y, known)
		}
	}
	return ""
}

// concrete fills a pattern's wildcards in.
func (r route) concrete(values map[string]string) string {
	path := strings.ReplaceAll(r.path, "{$}", "")
	for name, v := range values {
		path = strings.ReplaceAll(path, "{"+name+"}", v)
	}
	if strings.HasSuffix(path, "/assets/") {
		path += "base.css"
	}
	return path
}

func TestTheRouteTablesAreFound(t *testing.T) {
	for file, atLeast := range map[string]int{portalRoutes: 13, consoleRoutes: 14, operatorRoutes: 20, deskRoutes: 7} {
		if got := routesIn(t, file); len(got) < atLeast {
			t.Errorf("%s: %d routes, there were %d", file, len(got), atLeast)
		}
	}
}

const (
	portalRoutes   = "../../pkg/portal/routes.go"
	consoleRoutes  = "../../pkg/console/routes.go"
	operatorRoutes = "../../pkg/operator/endpoint.go"
	deskRoutes     = "../local/desk.go"
)

// strict is what every answer of a page must say, errors included.
func strict(t *testing.T, what string, h http.Header, https bool) {
	t.Helper()
	for name, want := range map[string]string{
		"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex, nofollow, noarchive", "Cross-Origin-Opener-Policy": "same-origin", "X-Frame-Options": "DENY",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %s is %q", what, name, got)
		}
	}
	if c := h.Get("Cache-Control"); c != "no-store" && !strings.Contains(what, "/assets/") {
		t.Errorf("%s: Cache-Control is %q", what, c)
	}
	csp := h.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "script-src 'self'"} {
		if !strings.Contains(csp, part) {
			t.Errorf("%s: the policy lacks %s", what, part)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") || strings.Contains(csp, "data:") {
		t.Errorf("%s: the policy is loose: %s", what, csp)
	}
	if hsts := h.Get("Strict-Transport-Security"); https != strings.HasPrefix(hsts, "max-age=63072000") {
		t.Errorf("%s: Strict-Transport-Security is %q", what, hsts)
	}
	if h.Get("Server") != "" || h.Get("X-Powered-By") != "" {
		t.Errorf("%s: says what it is made of", what)
	}
}

// ways are how a route is asked: as it should be, and wrongly.
func ways(r route, path string) map[string]*http.Request {
	ask := func(method, path string, body string, header ...string) *http.Request {
		q := httptest.NewRequest(method, "https://keys.example.com/", strings.NewReader(body))
		q.URL = must(url.Parse("https://keys.example.com" + path))
		q.RequestURI = q.URL.RequestURI()
		for i := 0; i < len(header); i += 2 {
			q.Header.Set(header[i], header[i+1])
		}
		return q
	}
	const kind, form = "Content-Type", "application/x-www-form-urlencoded"
	return map[string]*http.Request{
		"plain": ask(r.method, path, ""), "same origin": ask(r.method, path, "", "Sec-Fetch-Site", "same-origin"), "form": ask(r.method, path, "a=b&token=x", kind, form, "Sec-Fetch-Site", "same-origin"),
		"cross-site": ask(r.method, path, "", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"), "wrong method": ask("PATCH", path, ""), "odd method": ask("BREW", path, ""), "options": ask("OPTIONS", path, ""),
		"long query": ask(r.method, path+"?"+strings.Repeat("a", 9000), ""), "broken form": ask(r.method, path, "%zz=%", kind, form, "Sec-Fetch-Site", "same-origin"), "broken multipart": ask(r.method, path, "x", kind, "multipart/form-data", "Sec-Fetch-Site", "same-origin"),
		"huge": ask(r.method, path, strings.Repeat("a", 200_000), kind, form, "Sec-Fetch-Site", "same-origin"), "below": ask(r.method, path+"/nothing", ""), "doubled": ask(r.method, "/"+path, ""), "JSON": ask(r.method, path, "{}", kind, "application/json"),
		"range": ask(r.method, path, "", "Range", "bytes=0-1"), "another name": ask(r.method, path, ""), "upgrade": ask(r.method, path, "", "Connection", "Upgrade", "Upgrade", "websocket"),
	}
}

// TestEveryRouteOfThePortalHasTheHeaders asks each in every way, by HTTPS and
// not, with the store working, failing and panicking.
func TestEveryRouteOfThePortalHasTheHeaders(t *testing.T) {
	t.Parallel()
	for name, hooks := range map[string]embedded.Hooks{
		"working": {}, "failing": {Before: func(string) error { return io.ErrUnexpectedEOF }}, "throttled": {Before: func(string) error { return integration.ErrThrottled }},
		"panicking": {Before: func(string) error { panic("a secret") }},
	} {
		for _, public := range []string{"https://keys.example.com", "http://keys.example.com"} {
			s := mustPortal(t, public, hooks)
			https := strings.HasPrefix(public, "https")
			for _, r := range append(routesIn(t, portalRoutes), route{"GET", "/nowhere"}) {
				token, _ := integration.NewLinkToken(nil)
				path := r.concrete(map[string]string{"token": token, "id": "upl_" + strings.Repeat("0", 32)})
				for way, q := range ways(r, path) {
					q.Header.Set("Cookie", "__Host-keyward="+token+"; keyward="+token)
					got := httptest.NewRecorder()
					s.ServeHTTP(got, q)
					what := name + ", " + public + ", " + r.method + " " + r.path + ", " + way
					strict(t, what, got.Result().Header, https)
					if strings.Contains(got.Body.String(), "a secret") || strings.Contains(got.Body.String(), "unexpected EOF") {
						t.Errorf("%s: the error is shown", what)
					}
				}
			}
		}
	}
}

func mustPortal(t *testing.T, public string, hooks embedded.Hooks) http.Handler {
	t.Helper()
	db := must(embedded.Open(embedded.Config{Hooks: hooks}))
	t.Cleanup(func() { db.Close() })
	objects := must(db.Objects(embedded.ObjectsConfig{URL: "https://bucket.example.com/"}))
	ports := app.Ports{Store: db.Store(), Forms: objects, Now: time.Now, Logger: slog.New(slog.DiscardHandler)}
	return must(app.Portal(ports, hostileSettings(public)))
}

// served runs what `keyward local` runs.
func served(t *testing.T) *local.Server {
	t.Helper()
	free := "127.0.0.1:0"
	s, err := local.NewServer(t.Context(), local.ServerConfig{
		Dir: t.TempDir(), Addresses: local.Addresses{Portal: free, Console: free, Uploads: free, Simulator: free},
		Vendor: app.Vendor{Name: "Example Apps", Support: supportAddress, Sender: "keyward@vendor.example"}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-done
		s.Close()
	})
	return s
}

// TestEveryRouteOfTheConsoleHasTheHeaders asks each of the console and of the
// desk beside it.
func TestEveryRouteOfTheConsoleHasTheHeaders(t *testing.T) {
	t.Parallel()
	s := served(t)
	all := slices.Concat(routesIn(t, consoleRoutes), routesIn(t, deskRoutes), []route{{"GET", "/nowhere"}})
	values := map[string]string{"id": "int_" + strings.Repeat("0", 26), "act": "link", "contact": "con_" + strings.Repeat("0", 26)}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, r := range all {
		for way, q := range ways(r, r.concrete(values)) {
			if way == "upgrade" || q.Method == http.MethodPost && r.path == "/clock" {
				continue
			}
			q.RequestURI = ""
			q.URL.Scheme, q.URL.Host, q.Host = "http", strings.TrimPrefix(s.ConsoleURL(), "http://"), ""
			if way == "another name" {
				q.Host = "keys.evil.example"
			}
			resp, err := client.Do(q)
			if err != nil {
				continue // cut off in the middle of a body that is too large
			}
			resp.Body.Close()
			if to := resp.Header.Get("Location"); resp.StatusCode == http.StatusTemporaryRedirect || resp.StatusCode == http.StatusMovedPermanently {
				if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) {
					t.Errorf("%s %s, %s: leads to %q", r.method, r.path, way, to)
				}
			}
			strict(t, r.method+" "+r.path+", "+way, resp.Header, false)
			if way == "cross-site" && r.method == http.MethodPost && resp.StatusCode != http.StatusForbidden {
				t.Errorf("%s %s from another site: status %d", r.method, r.path, resp.StatusCode)
			}
		}
	}
}

// TestEveryRouteOfTheOperatorIsShut asks each without a token, with a wrong
// one, and in roles that may not.
func TestEveryRouteOfTheOperatorIsShut(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, options{})
	id := w.invite("shut", "f@x.example").ID
	open := map[operator.Role][]string{
		operator.Automation: {"POST /v1/find", "POST /v1/integrations/{id}/token"},
		operator.Export:     {"GET /v1/integrations", "GET /v1/integrations/{id}", "GET /v1/integrations/{id}/history"},
	}
	for _, r := range routesIn(t, operatorRoutes) {
		path := r.concrete(map[string]string{"id": id, "contact": "con_" + strings.Repeat("0", 26)})
		for name, authorization := range map[string]string{
			"none": "", "wrong": "Bearer " + strings.Repeat("A", 43), "empty": "Bearer ", "basic": "Basic QTpC", "SigV4": "AWS4-HMAC-SHA256 Credential=x", "lower case": "bearer " + w.host.Credentials()[operator.Support],
			"cut": "Bearer " + w.host.Credentials()[operator.Support][:42], "two": "Bearer " + w.host.Credentials()[operator.Support] + " x",
		} {
			if status := w.operatorStatus(t, r.method, path, authorization); status != http.StatusForbidden {
				t.Errorf("%s %s with %s: status %d", r.method, r.path, name, status)
			}
		}
		for role, may := range open {
			status := w.operatorStatus(t, r.method, path, "Bearer "+w.host.Credentials()[role])
			if (status == http.StatusForbidden) == slices.Contains(may, r.method+" "+r.path) {
				t.Errorf("%s %s as %s: status %d", r.method, r.path, role, status)
			}
		}
	}
}

func (w *world) operatorStatus(t *testing.T, method, path, authorization string) int {
	t.Helper()
	q := must(http.NewRequest(method, w.api+path, nil))
	if authorization != "" {
		q.Header.Set("Authorization", authorization)
	}
	// What a caller may say of itself must count for nothing.
	q.Header.Set("X-Amzn-Iam-User-Arn", "arn:aws:iam::000000000000:role/keyward-local-support")
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	h := resp.Header
	if h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s %s: may be sniffed", method, path)
	}
	if resp.StatusCode != http.StatusForbidden || h.Get("X-Request-Id") != "" { // not the function URL's own refusal
		if csp := h.Get("Content-Security-Policy"); h.Get("Cache-Control") != "no-store" || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s %s: status %d lacks headers", method, path, resp.StatusCode)
		}
	}
	return resp.StatusCode
}
