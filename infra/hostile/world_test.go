package hostile

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"keyward/infra/local"
	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/embedded"
	"keyward/pkg/operator"
)

// A world is all of Keyward in one process, served over HTTP on free ports of
// this machine, beside a simulated App Store Connect, on one clock. All that
// it logs and answers is on its tape.
type world struct {
	t       testing.TB
	clock   *local.Clock
	host    *local.Host
	apple   *asctest.Server
	tape    *tape
	portal  string // origins
	api     string
	site    string // Apple's
	uploads string
	turn    sync.Mutex
}

// options say what is other than usual.
type options struct {
	path  string // of the state's file; default: none
	hooks embedded.Hooks
}

const supportAddress = "support@vendor.example"

func mustWorld(t testing.TB, o options) *world {
	t.Helper()
	start := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	w := &world{t: t, clock: local.NewFrozenClock(start), tape: &tape{}}
	log := slog.New(slog.NewJSONHandler(w.tape.writer("log"), &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
	w.apple = asctest.New(asctest.Config{Now: w.clock.Now})
	w.portal = w.serve("portal", log, func() http.Handler { return w.host.Portal() })
	w.api = w.serve("operator", log, func() http.Handler { return w.host.Operator() })
	w.uploads = w.serve("uploads", log, func() http.Handler { return w.host.Uploads() })
	site := w.apple.Site()
	w.site = w.serve("apple", log, func() http.Handler { return site })
	host, err := local.New(local.Config{
		Path: o.path, Clock: w.clock, Vendor: app.Vendor{Name: "Example Apps", Support: supportAddress, Sender: "keyward@vendor.example"},
		Apple:     local.Apple{URL: w.site, EnterpriseURL: w.site + "/enterprise"},
		PortalURL: w.portal, UploadsURL: w.uploads + "/", ConsoleURL: "http://127.0.0.1:1", Hooks: o.hooks, Logger: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.host = host
	t.Cleanup(func() { host.Close() })
	return w
}

// serve puts a handler, which need not be there yet, behind a door.
func (w *world) serve(name string, log *slog.Logger, h func() http.Handler) string {
	w.t.Helper()
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	s := &http.Server{ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	s.Handler = w.tape.around(name, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { h().ServeHTTP(rw, r) }))
	go s.Serve(door)
	w.t.Cleanup(func() { s.Close() })
	return "http://" + door.Addr().String()
}

// advance lets time pass, with all that happens in it.
func (w *world) advance(d time.Duration) {
	w.t.Helper()
	if err := w.host.Advance(context.Background(), d); err != nil {
		w.t.Fatal(err)
	}
}

// tick moves the clock alone.
func (w *world) tick(d time.Duration) { w.clock.MoveTo(w.clock.Now().Add(d)) }

// settle lets happen what can happen now.
func (w *world) settle() {
	w.t.Helper()
	w.turn.Lock()
	defer w.turn.Unlock()
	if err := w.host.Settle(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// as speaks to the operator in a role.
func (w *world) as(r operator.Role) *operator.Client {
	w.t.Helper()
	c, err := operator.NewClient(operator.ClientConfig{BaseURL: w.api, Authorize: operator.Bearer(w.host.Credentials()[r])})
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// invite makes an integration with one contact.
func (w *world) invite(reference, address string) operator.Integration {
	w.t.Helper()
	it, err := w.as(operator.Support).Create(context.Background(), operator.NewIntegration{
		Reference: reference, Label: "Label of " + reference, AccessLevel: "publish",
		Contacts: []operator.NewContact{{Name: "Ann", Address: address, Duties: []string{"admin", "account_holder", "business"}}},
	}, "")
	if err != nil {
		w.t.Fatal(err)
	}
	w.settle()
	return it
}

// linkFor is the token of the latest upload link that was mailed about the
// integration.
func (w *world) linkFor(id string) string {
	w.t.Helper()
	list, err := w.host.Inbox().List(context.Background(), 10_000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range list {
		text := strings.ReplaceAll(strings.ReplaceAll(string(m.Mail.Raw), "=\r\n", ""), "=3D", "=")
		if _, after, found := strings.Cut(text, w.portal+"/l/"); found && m.Mail.Tags["integration"] == id {
			return after[:43]
		}
	}
	w.t.Fatal("no mail with an upload link")
	return ""
}

// secrets and objects are what vault and bucket hold.
func (w *world) secrets() []string {
	w.t.Helper()
	names, err := w.host.Vault().Names(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	return names
}

func (w *world) objects() int {
	w.t.Helper()
	list, err := w.host.Objects().List(context.Background(), w.clock.Now().Add(time.Hour), 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(list)
}

// mustJSON decodes what must be JSON.
func mustJSON(t testing.TB, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%d bytes are no JSON", len(text))
	}
}

func mustRead(t testing.TB, r io.Reader) []byte {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
