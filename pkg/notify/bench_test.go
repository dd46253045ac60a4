package notify

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/table"
)

// A bench is a Service on the embedded adapters, with a clock that tests turn.
type bench struct {
	*Service
	t     *testing.T
	db    *embedded.DB
	store *table.Store
	inbox *embedded.Inbox

	mu    sync.Mutex
	clock time.Time
	hook  func(op string) error // before each call of a port
	after func(op string) error // after each call that was done
	logs  lockedBuffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, clock: at2026(3, 22, 9, 30)}
	db, err := embedded.Open(embedded.Config{Now: b.now, Hooks: embedded.Hooks{
		Before: func(op string) error { return b.trouble(&b.hook, op) },
		After:  func(op string) error { return b.trouble(&b.after, op) },
	}})
	if err != nil {
		t.Fatal(err)
	}
	b.db, b.store, b.inbox = db, db.Store(), db.Inbox()
	b.Service, err = New(Config{
		Store: b.store, Mailer: b.inbox, Vendor: vendor, Sender: "keys@vendor.example", SupportAddress: "help@vendor.example",
		PublicURL: "https://keys.vendor.example/", ConsoleURL: "https://console.vendor.example",
		Now: b.now, Logger: slog.New(slog.NewJSONHandler(&b.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.checkLogs(); db.Close() })
	return b
}

// checkLogs runs at the end of every test: no log ever held an address, a
// link's token or a mail service's words.
func (b *bench) checkLogs() {
	b.hook, b.after = nil, nil
	logs := b.logs.String()
	for _, m := range b.mails() {
		if _, token, found := strings.Cut(string(m.Raw), "/l/"); found && strings.Contains(logs, token[:20]) {
			b.t.Error("a link's token was logged")
		}
	}
	for _, secret := range []string{"@", "acme.example", "Byron", talkative} {
		if strings.Contains(logs, secret) {
			b.t.Errorf("%q was logged:\n%s", secret, logs)
		}
	}
}

const talkative = "554 mailbox of ada@acme.example is unknown"

func (b *bench) trouble(hook *func(string) error, op string) error {
	b.mu.Lock()
	h := *hook
	b.mu.Unlock()
	if h == nil {
		return nil
	}
	return h(op)
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

// fail makes the named port fail before it does anything, until it is mended with nil.
func (b *bench) fail(op string, err error) {
	b.setHook(func(o string) error {
		if o == op {
			return err
		}
		return nil
	})
}

func (b *bench) setHook(h func(string) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hook = h
}

func (b *bench) setAfter(h func(string) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.after = h
}

func bob() integration.Contact {
	c := ada()
	c.ID, c.Name, c.Address, c.CreatedAt = "con_bob", "Bob Payne", "bob@acme.example", at2026(3, 2, 0, 0)
	return c
}

// put stores the integration with its contacts and one notice, and gives its
// dedupe key.
func (b *bench) put(it integration.Integration, n integration.Notice, contacts ...integration.Contact) string {
	b.t.Helper()
	n.Integration, n.Status, n.Dedupe = it.ID, integration.Pending, "the notice"
	if n.CreatedAt.IsZero() {
		n.CreatedAt = b.now()
	}
	c := integration.Change{Integration: integration.Create(it), Notices: []integration.Notice{n}}
	for _, contact := range contacts {
		c.Contacts = append(c.Contacts, integration.Create(contact))
	}
	if err := b.store.Commit(b.t.Context(), c); err != nil {
		b.t.Fatal(err)
	}
	return n.Dedupe
}

// invited is an integration that awaits a key, and its invitation.
func (b *bench) invited() (integration.Integration, integration.Notice) {
	it := acme()
	awaiting(&it)
	it.LinkEpoch = 3
	it.Invitation = integration.Invitation{At: b.now(), ExpiresAt: b.now().Add(integration.LinkLife), Count: 1}
	return it, integration.Notice{
		Kind: integration.NoticeInvitation, Audience: integration.ToAdmin, Link: true,
		Facts: integration.Facts{Expires: it.Invitation.ExpiresAt},
	}
}

func (b *bench) send(dedupe string) error {
	return b.Send(context.Background(), acme().ID, dedupe)
}

func (b *bench) mustSend(dedupe string) {
	b.t.Helper()
	if err := b.send(dedupe); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) notice(dedupe string) integration.Notice {
	b.t.Helper()
	n, err := b.store.Notice(b.t.Context(), acme().ID, dedupe)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// mails are all that went out, oldest first.
func (b *bench) mails() []integration.Mail {
	b.t.Helper()
	received, err := b.inbox.List(context.Background(), 100)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []integration.Mail
	for i := len(received) - 1; i >= 0; i-- {
		out = append(out, received[i].Mail)
	}
	return out
}

func (b *bench) wantMails(to ...string) {
	b.t.Helper()
	var got []string
	for _, m := range b.mails() {
		got = append(got, m.To)
	}
	if strings.Join(got, " ") != strings.Join(to, " ") {
		b.t.Errorf("mails went to %q, want %q", got, to)
	}
}

func (b *bench) wantStatus(dedupe string, want integration.NoticeStatus) {
	b.t.Helper()
	if got := b.notice(dedupe).Status; got != want {
		b.t.Errorf("the notice is %s, want %s", got, want)
	}
}

// pending are the dedupe keys of notices that wait to be sent.
func (b *bench) pending() []string {
	b.t.Helper()
	all, err := b.store.Notices(b.t.Context(), acme().ID)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, n := range all {
		if n.Status == integration.Pending || n.Status == integration.Sending {
			out = append(out, n.Dedupe)
		}
	}
	return out
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var errTalkative = errors.New(talkative)
