package hostile

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// raw sends bytes to a door and reads all answers, until the other side is
// done or silent.
func raw(t *testing.T, address, request string) string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(400 * time.Millisecond))
	io.WriteString(c, request)
	if half, ok := c.(*net.TCPConn); ok {
		half.CloseWrite()
	}
	b, _ := io.ReadAll(bufio.NewReader(c))
	return string(b)
}

// odd are requests that no browser sends. HOST is the door's own address.
func odd() map[string]string {
	const end = "\r\n\r\n"
	out := map[string]string{
		"no host": "GET / HTTP/1.1" + end, "two hosts": "GET / HTTP/1.1\r\nHost: HOST\r\nHost: evil.example" + end, "foreign host": "GET / HTTP/1.1\r\nHost: evil.example" + end, "foreign host, our port": "GET / HTTP/1.1\r\nHost: evil.example:PORT" + end,
		"absolute, foreign": "GET http://evil.example/ HTTP/1.1\r\nHost: HOST" + end, "absolute, with a user": "GET http://HOST@evil.example/ HTTP/1.1\r\nHost: HOST" + end, "host with a blank": "GET / HTTP/1.1\r\nHost: HOST evil" + end, "host with NUL": "GET / HTTP/1.1\r\nHost: \x00" + end,
		"rebinding by decimal": "GET / HTTP/1.1\r\nHost: 2130706433:PORT" + end, "rebinding by name": "GET / HTTP/1.1\r\nHost: localhost.evil.example:PORT" + end, "localhost with a dot": "GET / HTTP/1.1\r\nHost: localhost.:PORT" + end, "any address": "GET / HTTP/1.1\r\nHost: 0.0.0.0:PORT" + end, "another port": "GET / HTTP/1.1\r\nHost: 127.0.0.1:1" + end,
		"length and chunks": "POST /continue HTTP/1.1\r\nHost: HOST\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /inbox HTTP/1.1\r\nHost: HOST" + end, "chunks, twice": "POST /continue HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0" + end,
		"chunks, misspelt": "POST /continue HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: xchunked\r\n\r\n0" + end, "two lengths": "POST /continue HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "negative length": "POST /continue HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1" + end, "plus length": "POST /continue HTTP/1.1\r\nHost: HOST\r\nContent-Length: +3\r\n\r\nabc",
		"bare line feeds": "GET / HTTP/1.1\nHost: HOST\n\n", "folded": "GET / HTTP/1.1\r\nHost: HOST\r\nX: a\r\n b" + end, "blank before colon": "GET / HTTP/1.1\r\nHost : HOST" + end, "huge header": "GET / HTTP/1.1\r\nHost: HOST\r\nX: " + strings.Repeat("a", 2<<20) + end, "many headers": "GET / HTTP/1.1\r\nHost: HOST\r\n" + strings.Repeat("X: a\r\n", 200_000) + end,
		"HTTP/0.9": "GET /\r\n", "HTTP/2 preface": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "TLS": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "star": "OPTIONS * HTTP/1.1\r\nHost: HOST" + end, "connect": "CONNECT evil.example:443 HTTP/1.1\r\nHost: HOST" + end, "trace": "TRACE / HTTP/1.1\r\nHost: HOST\r\nX-Secret: canary-header" + end,
		"split header": "GET /%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: HOST" + end, "split query": "GET /setup?a=%0d%0aSet-Cookie:b HTTP/1.1\r\nHost: HOST" + end, "noise": "\x00\xff\x00\xff" + end, "pipelined": "GET /healthz HTTP/1.1\r\nHost: HOST\r\n\r\nGET /healthz HTTP/1.1\r\nHost: HOST\r\nConnection: close" + end,
		"forwarded": "GET / HTTP/1.1\r\nHost: HOST\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nForwarded: host=evil.example" + end, "override": "POST / HTTP/1.1\r\nHost: HOST\r\nX-HTTP-Method-Override: DELETE\r\nX-Original-URL: /inbox\r\nX-Rewrite-URL: /inbox\r\nContent-Length: 0" + end,
	}
	for _, path := range traversals {
		out["path "+path] = "GET " + path + " HTTP/1.1\r\nHost: HOST\r\nConnection: close" + end
	}
	return out
}

var traversals = []string{
	"/../../../../etc/passwd", "/assets/../../../etc/passwd", "/assets/..%2f..%2f..%2fetc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/....//....//etc/passwd", `/assets/..\..\etc\passwd`, "/assets/", "/assets", "/assets/%00", "/assets/base.css%00.html",
	"//etc/passwd", "/%2f%2fevil.example", "//evil.example/", "/\\evil.example", "/./././", "/inbox/../../state/keyward.db", "/keyward.db", "/credentials.json", "/.git/config", "/debug/pprof/", "/metrics", "/.well-known/../setup", "/l/..%2f..%2fsetup", "/uploads/../setup", "/uploads/upl_x/../../setup", "/simulator/../../etc/passwd", "/simulator/keys/x/../../../etc/passwd",
	"/api/../inbox", "/api/v1/fleet", "/api//v1/fleet", "/api/%2e%2e/inbox", "/healthz?%zz", "/;/setup", "/setup;jsessionid=1", "/SETUP", "/setup%20", "/setup%09", "/%zz", "/%", "/\xff\xfe", "/" + strings.Repeat("a/", 3000),
}

var (
	foreign = regexp.MustCompile(`(?im)^(Location|Set-Cookie|Access-Control-[A-Za-z-]+):.*`)
	leads   = regexp.MustCompile(`(?im)^Location: (https?:)?//([^/\r\n]*)`)
)

// TestOddRequestsToEveryDoor sends each to all that `keyward local` serves.
func TestOddRequestsToEveryDoor(t *testing.T) {
	t.Parallel()
	s := served(t)
	form := must(s.Host.Objects().Presign(t.Context(), integration.FormRequest{Key: "k", MaxBytes: 1, Expires: time.Now().Add(time.Hour)}))
	doors := map[string]string{"portal": s.PortalURL(), "console": s.ConsoleURL(), "simulator": strings.TrimSuffix(s.AppleURL(), "/simulator/"), "uploads": strings.TrimSuffix(form.URL, "/")}
	for door, origin := range doors {
		t.Run(door, func(t *testing.T) {
			t.Parallel()
			host := strings.TrimPrefix(origin, "http://")
			_, port, _ := net.SplitHostPort(host)
			for what, request := range odd() {
				request = strings.NewReplacer("HOST", host, "PORT", port).Replace(request)
				got := raw(t, host, request)
				if m := leads.FindStringSubmatch(got); m != nil && m[2] != host {
					t.Errorf("%s: leads away", what)
				}
				for _, bad := range []string{"root:x:", "canary-header", "HTTP/1.1 500", "goroutine ", "Access-Control-Allow", "BEGIN PRIVATE"} {
					if strings.Contains(got, bad) {
						t.Errorf("%s: the answer has %q", what, bad)
					}
				}
				other := strings.Contains(what, "foreign") || strings.Contains(what, "rebinding") || what == "another port" || what == "any address"
				if other && strings.Contains(got, " 200 ") {
					t.Errorf("%s: answered", what)
				}
				if strings.Contains(got, "\r\nSet-Cookie") {
					t.Errorf("%s: sets a cookie", what)
				}
			}
			if resp, err := http.Get(origin + "/"); err != nil || resp.StatusCode >= 500 {
				t.Errorf("afterwards: no answer")
			} else {
				resp.Body.Close()
			}
		})
	}
}

// TestTheOperatorsDoorIsShutLocally: without the credentials' file nobody gets
// a token, whatever they say of themselves, and the file is its owner's alone.
func TestTheOperatorsDoorIsShutLocally(t *testing.T) {
	t.Parallel()
	s := served(t)
	dir := filepath.Dir(s.StatePath())
	deadline := time.Now().Add(5 * time.Second)
	for _, name := range []string{"keyward.db", "credentials.json"} {
		info, err := os.Stat(filepath.Join(dir, name))
		for err != nil && time.Now().Before(deadline) {
			time.Sleep(10 * time.Millisecond)
			info, err = os.Stat(filepath.Join(dir, name))
		}
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
	}
	for i, header := range []http.Header{
		{}, {"Authorization": {"Bearer x"}}, {"X-Amz-Security-Token": {"x"}}, {"Cookie": {"support=1"}}, {"Origin": {s.ConsoleURL()}, "Referer": {s.ConsoleURL()}}, {"Authorization": {"Bearer ", "Bearer y"}},
	} {
		q := must(http.NewRequest(http.MethodGet, s.OperatorURL()+"/v1/integrations", nil))
		q.Header = header
		resp, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("request %d: status %d", i, resp.StatusCode)
		}
	}
}

// TestNobodyElsesPageReadsOurs: no door lets other origins read.
func TestNobodyElsesPageReadsOurs(t *testing.T) {
	t.Parallel()
	s := served(t)
	for _, u := range []string{s.PortalURL() + "/", s.ConsoleURL() + "/", s.ConsoleURL() + "/inbox", s.OperatorURL() + "/v1/fleet", s.AppleURL(), s.AppleURL() + "api/state"} {
		for _, method := range []string{http.MethodGet, http.MethodOptions} {
			q := must(http.NewRequest(method, u, nil))
			q.Header.Set("Origin", "https://evil.example")
			q.Header.Set("Access-Control-Request-Method", "POST")
			resp, err := http.DefaultClient.Do(q)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			var wire strings.Builder
			resp.Header.Write(&wire)
			if m := foreign.FindString(wire.String()); strings.HasPrefix(m, "Access-Control") {
				t.Errorf("%s %s says %s", method, fmt.Sprint(resp.StatusCode), m)
			}
		}
	}
}
