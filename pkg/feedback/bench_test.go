package feedback

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/notify"
	"keyward/pkg/table"
)

// A bench is feedback and notify on the embedded adapters.
type bench struct {
	*Service
	t      *testing.T
	notify *notify.Service
	store  *table.Store
	inbox  *embedded.Inbox

	mu    sync.Mutex
	clock time.Time
	fail  error // of every call of the store
	logs  bytes.Buffer
}

const (
	acme   = integration.ID("int_3k9t0v5c8m2xq7d1h4w6b0znye")
	dedupe = "the notice"
)

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, clock: time.Date(2026, 3, 22, 9, 30, 0, 0, time.UTC)}
	db, err := embedded.Open(embedded.Config{Now: b.now, Hooks: embedded.Hooks{Before: func(string) error { return b.fail }}})
	if err != nil {
		t.Fatal(err)
	}
	b.store, b.inbox = db.Store(), db.Inbox()
	log := slog.New(slog.NewTextHandler(&b.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if b.Service, err = New(Config{Store: b.store, Now: b.now, Logger: log}); err != nil {
		t.Fatal(err)
	}
	b.notify, err = notify.New(notify.Config{
		Store: b.store, Mailer: b.inbox, Vendor: "Lernwerk", Sender: "keys@vendor.example", SupportAddress: "help@vendor.example",
		PublicURL: "https://keys.vendor.example", Now: b.now, Logger: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		db.Close()
		for _, secret := range []string{"@", "acme.example", "user unknown", "suppression list for"} {
			if strings.Contains(b.logs.String(), secret) {
				t.Errorf("%q was logged:\n%s", secret, b.logs.String())
			}
		}
	})
	return b
}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.clock
}

func (b *bench) advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clock = b.clock.Add(d)
}

// put stores an integration whose contacts are told that access is lost, and
// sends that to the first of them.
func (b *bench) put(contacts ...string) {
	b.t.Helper()
	c := integration.Change{
		Integration: integration.Create(integration.Integration{
			ID: acme, Reference: "acme-42", Label: "Acme", State: integration.Deactivated,
			Told: integration.Told{Problem: integration.NotAuthorized, Lost: true},
		}),
		Notices: []integration.Notice{{
			Integration: acme, Dedupe: dedupe, Kind: integration.NoticeAccessLost, Audience: integration.ToAdmin,
			Reason: integration.NotAuthorized, Link: true, Status: integration.Pending, CreatedAt: b.now(),
		}},
	}
	for i, name := range contacts {
		c.Contacts = append(c.Contacts, integration.Create(integration.Contact{
			Integration: acme, ID: integration.ContactID("con_" + name), Address: name + "@acme.example",
			CreatedAt: b.now().Add(time.Duration(i) * time.Second),
		}))
	}
	if err := b.store.Commit(b.t.Context(), c); err != nil {
		b.t.Fatal(err)
	}
	b.sendAll()
}

// sendAll plays the stream: it sends what is pending until nothing is.
func (b *bench) sendAll() {
	b.t.Helper()
	for range 10 {
		all, err := b.store.Notices(b.t.Context(), acme)
		if err != nil {
			b.t.Fatal(err)
		}
		pending := 0
		for _, n := range all {
			if n.Status != integration.Pending {
				continue
			}
			pending++
			if err := b.notify.Send(b.t.Context(), acme, n.Dedupe); err != nil {
				b.t.Fatal(err)
			}
		}
		if pending == 0 {
			return
		}
	}
	b.t.Fatal("mails go on and on")
}

func (b *bench) mustHandle(e Event) {
	b.t.Helper()
	if err := b.Handle(b.t.Context(), e); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) notice() integration.Notice {
	b.t.Helper()
	n, err := b.store.Notice(b.t.Context(), acme, dedupe)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// unreachable are the contacts who are marked.
func (b *bench) unreachable() string {
	b.t.Helper()
	contacts, err := b.store.Contacts(b.t.Context(), acme)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, c := range contacts {
		if !c.Reachable() {
			out = append(out, string(c.ID))
		}
	}
	return strings.Join(out, " ")
}

func (b *bench) wantMails(want ...string) {
	b.t.Helper()
	received, err := b.inbox.List(b.t.Context(), 100)
	if err != nil {
		b.t.Fatal(err)
	}
	var got []string
	for i := len(received) - 1; i >= 0; i-- {
		name, _, _ := strings.Cut(received[i].Mail.To, "@")
		got = append(got, name)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		b.t.Errorf("mails went to %q, want %q", got, want)
	}
}

func mustRead(t *testing.T, name string) Event {
	t.Helper()
	e, err := Parse(mustReadFile(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func mustReadFile(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// about lets a saved event speak of another mail: the one that the inbox got
// last for the contact.
func (b *bench) aboutMailTo(contact, name string) Event {
	b.t.Helper()
	received, err := b.inbox.List(b.t.Context(), 100)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range received {
		if r.Mail.Tags["contact"] != contact {
			continue
		}
		var raw map[string]any
		if err := json.Unmarshal(mustReadFile(b.t, name), &raw); err != nil {
			b.t.Fatal(err)
		}
		tags := map[string][]string{}
		for k, v := range r.Mail.Tags {
			tags[k] = []string{v}
		}
		raw["detail"].(map[string]any)["mail"].(map[string]any)["tags"] = tags
		body, _ := json.Marshal(raw)
		e, err := Parse(body)
		if err != nil {
			b.t.Fatal(err)
		}
		return e
	}
	b.t.Fatalf("no mail to %q", contact)
	return Event{}
}
