package operator_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"keyward/pkg/operator"
)

func TestClientTellsWhatIsNotTheService(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		code   operator.Code // empty: ErrUnreachable
	}{
		{"a web page", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, ""},
		{"a proxy's error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "bad gateway", http.StatusBadGateway) }, ""},
		{"AWS refusing the signature", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(403)
			_, _ = w.Write([]byte(`{"Message":"Forbidden"}`))
		}, operator.CodeUnauthenticated},
		{"a broken answer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{`))
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(tt.answer)
			t.Cleanup(server.Close)
			c, err := operator.NewClient(operator.ClientConfig{BaseURL: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Fleet(context.Background())
			if tt.code != "" {
				wantCode(t, err, tt.code)
				return
			}
			if !errors.Is(err, operator.ErrUnreachable) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// An answer of more than 8 MiB is not the service's.
func TestClientReadsAnswersUpToABound(t *testing.T) {
	for size, taken := range map[int]bool{8_388_608: true, 8_388_609: false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("{}" + strings.Repeat(" ", size-2)))
		}))
		c, err := operator.NewClient(operator.ClientConfig{BaseURL: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Fleet(context.Background()); (err == nil) != taken || err != nil && !errors.Is(err, operator.ErrUnreachable) {
			t.Errorf("%d bytes: %v", size, err)
		}
		server.Close()
	}
}

func TestClientKeepsItsTokenToItself(t *testing.T) {
	var stolen string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { stolen = r.Header.Get("Authorization") }))
	t.Cleanup(elsewhere.Close)
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	t.Cleanup(server.Close)
	c, err := operator.NewClient(operator.ClientConfig{BaseURL: server.URL, Authorize: operator.Bearer("secret")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Fleet(context.Background()); err == nil || stolen != "" {
		t.Errorf("got %v; the token went elsewhere: %v", err, stolen != "")
	}
}

func TestClientWantsAURL(t *testing.T) {
	for _, bad := range []string{"", "localhost:1", "ftp://x", "http://", "http://user:pass@x", "http://x?a=b", "://"} {
		if _, err := operator.NewClient(operator.ClientConfig{BaseURL: bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestClientGivesUpWithItsContext(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := r.support.Fleet(ctx)
	if !errors.Is(err, operator.ErrUnreachable) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
