package local

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/embedded"
	"keyward/pkg/operator"
)

func serverConfig(t *testing.T) ServerConfig {
	t.Helper()
	free := "127.0.0.1:0"
	return ServerConfig{
		Dir:       filepath.Join(t.TempDir(), "state"),
		Addresses: Addresses{Portal: free, Console: free, Uploads: free, Simulator: free},
		Vendor:    app.Vendor{Name: "Example Apps", Support: "support@vendor.example", Sender: "keyward@vendor.example"},
		Logger:    slog.New(slog.DiscardHandler),
	}
}

// mustRun starts a server that stops with the test, or when stop is called.
func mustRun(t *testing.T, cfg ServerConfig) (s *Server, stop func()) {
	t.Helper()
	s, err := NewServer(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		s.Close()
	}
	t.Cleanup(stop)
	return s, stop
}

func mustGet(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, resp.Status, err)
	}
	return string(body)
}

func client(t *testing.T, s *Server) *operator.Client {
	t.Helper()
	c, err := operator.NewClient(operator.ClientConfig{BaseURL: s.OperatorURL(), Authorize: operator.Bearer(s.Host.Credentials()[operator.Support])})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustInvite(t *testing.T, s *Server, reference string) {
	t.Helper()
	_, err := client(t, s).Create(t.Context(), operator.NewIntegration{
		Reference: reference, Label: reference, Customer: reference, AccessLevel: "publish",
		Contacts: []operator.NewContact{{Name: "Ada", Address: "ada@customer.example", Duties: []string{"admin"}}},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for what another goroutine brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not in time: %s", what)
}

func TestEveryPageAnswers(t *testing.T) {
	s, _ := mustRun(t, serverConfig(t))
	for _, url := range []string{s.PortalURL() + "/", s.ConsoleURL() + "/", s.ConsoleURL() + "/inbox", s.ConsoleURL() + "/clock", s.AppleURL()} {
		if body := mustGet(t, url); !strings.Contains(body, "<h1") {
			t.Errorf("%s is no page", url)
		}
	}
}

func TestStateSurvivesAStop(t *testing.T) {
	cfg := serverConfig(t)
	s, stop := mustRun(t, cfg)
	mustInvite(t, s, "acme")
	eventually(t, "the invitation is sent", func() bool {
		mails, err := s.Host.Inbox().List(t.Context(), 10)
		return err == nil && len(mails) == 1
	})
	key := s.Apple.Keys(asctest.SampleHealthy)[0].KeyID
	if err := s.Apple.Revoke(key); err != nil {
		t.Fatal(err)
	}
	if err := s.Host.Advance(t.Context(), 48*time.Hour); err != nil {
		t.Fatal(err)
	}
	stop()

	s, _ = mustRun(t, cfg)
	if k, ok := s.Apple.Key(key); !ok || k.RevokedAt.IsZero() {
		t.Error("the simulated Apple has forgotten a revocation")
	}
	if ahead := time.Until(s.Host.cfg.Clock.Now()); ahead < 47*time.Hour {
		t.Errorf("the clock is %v ahead after a restart", ahead)
	}
	page, err := client(t, s).List(t.Context(), operator.Listing{})
	if err != nil || len(page.Integrations) != 1 {
		t.Errorf("%d integrations, %v", len(page.Integrations), err)
	}
}

func TestStateIsForItsOwnerAlone(t *testing.T) {
	cfg := serverConfig(t)
	s, _ := mustRun(t, cfg)
	eventually(t, "credentials are written", func() bool { _, err := os.Stat(filepath.Join(cfg.Dir, "credentials.json")); return err == nil })
	for path, want := range map[string]os.FileMode{cfg.Dir: 0o700, s.StatePath(): 0o600, filepath.Join(cfg.Dir, "credentials.json"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v (%v)", filepath.Base(path), info.Mode().Perm(), want, err)
		}
	}
}

func TestASecondRunOnTheSameStateSaysSo(t *testing.T) {
	cfg := serverConfig(t)
	s, _ := mustRun(t, cfg)
	cfg.Addresses.Portal = strings.TrimPrefix(s.PortalURL(), "http://") // taken too, which is not the point
	if _, err := NewServer(t.Context(), cfg); !errors.Is(err, embedded.ErrLocked) {
		t.Errorf("error is %v, want ErrLocked", err)
	}
}

func TestATakenPortNamesItsFlag(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for flag, set := range map[string]func(*Addresses, string){
		"portal":    func(a *Addresses, to string) { a.Portal = to },
		"console":   func(a *Addresses, to string) { a.Console = to },
		"uploads":   func(a *Addresses, to string) { a.Uploads = to },
		"simulator": func(a *Addresses, to string) { a.Simulator = to },
	} {
		cfg := serverConfig(t)
		set(&cfg.Addresses, taken.Addr().String())
		_, err := NewServer(t.Context(), cfg)
		var address *AddressError
		if !errors.As(err, &address) || !strings.Contains(err.Error(), "--"+flag) {
			t.Errorf("%s: error is %v", flag, err)
		}
	}
}

func TestOnlyThisMachineIsServed(t *testing.T) {
	cfg := serverConfig(t)
	cfg.Addresses.Portal = "0.0.0.0:0"
	if _, err := NewServer(t.Context(), cfg); !errors.Is(err, errNotLoopback) {
		t.Errorf("error is %v", err)
	}
	s, _ := mustRun(t, serverConfig(t))
	req, _ := http.NewRequest(http.MethodGet, s.ConsoleURL()+"/", nil)
	req.Host = "rebound.example:" + req.URL.Port()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("another host's name is answered %s", resp.Status)
	}
}

func TestStateOfOneAppleIsNotShownToAnother(t *testing.T) {
	cfg := serverConfig(t)
	_, stop := mustRun(t, cfg)
	stop()
	cfg.Apple = "https://api.appstoreconnect.apple.com"
	if _, err := NewServer(t.Context(), cfg); !errors.Is(err, ErrOtherApple) {
		t.Errorf("error is %v", err)
	}
}

func TestTheDeskIsOnlyForItsOwnPages(t *testing.T) {
	s, _ := mustRun(t, serverConfig(t))
	req, _ := http.NewRequest(http.MethodPost, s.ConsoleURL()+"/clock", strings.NewReader("hours=1"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden || s.Host.cfg.Clock.Ahead() != 0 {
		t.Errorf("another site moved the clock: %s", resp.Status)
	}
}
