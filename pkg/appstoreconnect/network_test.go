package appstoreconnect

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// check asks a server, or the lack of one, with a level that needs apps.
func checkURL(t *testing.T, ctx context.Context, url string, client *http.Client) integration.Outcome {
	t.Helper()
	return New(Config{BaseURL: url, HTTPClient: client}).Check(ctx, teamCreds(t), Plan{Level: level(integration.Apps)})
}

func wantInconclusive(t *testing.T, o integration.Outcome, reason integration.Reason) {
	t.Helper()
	if o.Verdict != integration.Inconclusive || o.Reason != reason {
		t.Errorf("got %s, %s; want inconclusive, %s", o.Verdict, o.Reason, reason)
	}
}

// refusedURL is one where nobody listens.
func refusedURL(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

func TestNetworkFailures(t *testing.T) {
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"data":[`))
		panic(http.ErrAbortHandler)
	}))
	defer cut.Close()
	reset := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}
	}))
	defer reset.Close()
	for name, url := range map[string]string{
		"nobody listens":             refusedURL(t),
		"certificate not trusted":    untrusted.URL,
		"TLS to a plain server":      "https" + plain.URL[len("http"):],
		"name not resolved":          "https://does-not-exist.invalid",
		"connection reset":           reset.URL,
		"connection cut in the body": cut.URL,
	} {
		t.Run(name, func(t *testing.T) {
			wantInconclusive(t, checkURL(t, t.Context(), url, nil), integration.Outage)
		})
	}
	wantInconclusive(t, checkURL(t, t.Context(), "ftp://user:pass@x", nil), integration.Nonsense)
}

func TestOldTLSIsRefused(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	s.StartTLS()
	defer s.Close()
	client := &http.Client{Transport: NewTransport(s.Client().Transport.(*http.Transport).TLSClientConfig)}
	wantInconclusive(t, checkURL(t, t.Context(), s.URL, client), integration.Outage)
}

func TestTimeOutComesFromTheContext(t *testing.T) {
	asked := make(chan struct{}, 10)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	defer s.Close()
	t.Run("deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		wantInconclusive(t, checkURL(t, ctx, s.URL, nil), integration.Timeout)
	})
	t.Run("cancelled by the caller", func(t *testing.T) {
		<-asked
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-asked; cancel() }()
		wantInconclusive(t, checkURL(t, ctx, s.URL, nil), integration.Timeout)
	})
	t.Run("over before it begins", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantInconclusive(t, checkURL(t, ctx, s.URL, nil), integration.Timeout)
	})
}

func TestDefaultTimeout(t *testing.T) {
	ctx, cancel := bound(context.Background())
	defer cancel()
	if end, ok := ctx.Deadline(); !ok || time.Until(end) > 30*time.Second || time.Until(end) < 20*time.Second {
		t.Error("a context without a deadline got none")
	}
	short, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if kept, _ := bound(short); kept != short {
		t.Error("the caller's deadline was changed")
	}
}

func TestIdleConnectionsAreClosedInTheEnd(t *testing.T) {
	if wait := NewTransport(nil).IdleConnTimeout; wait < time.Minute || wait > 5*time.Minute {
		t.Errorf("idle connections are kept for %v", wait)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := httptest.NewServer(http.RedirectHandler(other.URL+"/v1/apps", status))
		wantInconclusive(t, checkURL(t, t.Context(), s.URL, &http.Client{}), integration.Nonsense)
		s.Close()
	}
	if elsewhere.Load() != 0 {
		t.Errorf("%d requests went to another host", elsewhere.Load())
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
	}{"ok": {200, oneApp}, "refused": {401, unauthorized}, "page": {503, page}} {
		t.Run(name, func(t *testing.T) {
			var conns atomic.Int64
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body))
			}))
			s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					conns.Add(1)
				}
			}
			s.Start()
			defer s.Close()
			c := New(Config{BaseURL: s.URL})
			for range 5 {
				c.Check(t.Context(), teamCreds(t), Plan{Level: level(integration.Apps)})
			}
			if conns.Load() != 1 {
				t.Errorf("%d connections for checks one after the other", conns.Load())
			}
		})
	}
}
