package sweep

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
	"keyward/pkg/table"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

var errCrash = errors.New("crash")

// A world is sweep with all that it needs, on a clock of its own.
type world struct {
	t       *testing.T
	service *Service
	store   *table.Store
	vault   *embedded.Vault
	checks  *embedded.Queue
	certs   *embedded.Queue
	intake  *embedded.Queue
	log     *bytes.Buffer // JSON lines

	mu      sync.Mutex
	now     time.Time
	trouble func(op, when string) error
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: start, log: &bytes.Buffer{}}
	hook := func(when string) func(string) error {
		return func(op string) error { return w.fail(op, when) }
	}
	db, err := embedded.Open(embedded.Config{Now: w.clock, Hooks: embedded.Hooks{Before: hook("before"), After: hook("after")}})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	w.store, w.vault = db.Store(), db.Vault()
	w.checks, w.certs, w.intake = db.Queue("checks", embedded.QueueConfig{}), db.Queue("certificates", embedded.QueueConfig{}), db.Queue("intake", embedded.QueueConfig{})
	w.service, err = New(Config{
		Store: w.store, Vault: w.vault, Objects: objects(nil), Checks: w.checks, Certificates: w.certs, Intake: w.intake,
		Now: w.clock, Logger: slog.New(slog.NewJSONHandler(w.log, nil)),
	})
	must(t, err)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) fail(op, when string) error {
	w.mu.Lock()
	trouble := w.trouble
	w.mu.Unlock()
	if trouble == nil {
		return nil
	}
	return trouble(op, when)
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// run sweeps once, and must not fail.
func (w *world) run() Result {
	w.t.Helper()
	r, err := w.service.Run(context.Background())
	must(w.t, err)
	return r
}

func (w *world) integration(id integration.ID) integration.Integration {
	w.t.Helper()
	it, err := w.store.Integration(context.Background(), id)
	must(w.t, err)
	return it
}

func (w *world) decide(id integration.ID, ev integration.Event) {
	w.t.Helper()
	ch, err := integration.Decide(w.integration(id), ev, w.clock())
	must(w.t, err)
	if !ch.Empty() {
		must(w.t, w.store.Commit(context.Background(), ch))
	}
}

// invite makes an integration without a key.
func (w *world) invite(id integration.ID) {
	w.t.Helper()
	ch, err := integration.New(id, integration.Draft{Reference: string(id), Label: "Label of " + string(id), Customer: "acme", Access: integration.Levels()[0]}, w.clock())
	must(w.t, err)
	must(w.t, w.store.Commit(context.Background(), ch))
}

// accept gives the integration a key, as intake does.
func (w *world) accept(id integration.ID, upload integration.UploadID, k keyfile.PrivateKey) {
	w.t.Helper()
	ctx := context.Background()
	must(w.t, w.vault.Put(ctx, id, upload, k))
	it := w.integration(id)
	owner, err := w.store.Owner(ctx, k.Fingerprint())
	must(w.t, err)
	admitted, _ := owner.Admit(it)
	ch, err := integration.Decide(it, integration.KeyAccepted{
		Key:     integration.Key{Upload: upload, KeyID: "KEY" + string(upload[4:11]), IssuerID: "i", Fingerprint: k.Fingerprint()},
		Outcome: integration.Outcome{Verdict: integration.OK, Findings: []integration.Finding{{Capability: integration.Apps, Verdict: integration.OK}}},
		Epoch:   it.LinkEpoch,
	}, w.clock())
	must(w.t, err)
	ch.Owners = append(ch.Owners, integration.Put(owner, admitted))
	must(w.t, w.store.Commit(ctx, ch))
}

func (w *world) holders(k keyfile.PrivateKey) int {
	w.t.Helper()
	o, err := w.store.Owner(context.Background(), k.Fingerprint())
	must(w.t, err)
	return len(o.Holders)
}

func (w *world) secrets() int {
	w.t.Helper()
	names, err := w.vault.Names(context.Background())
	must(w.t, err)
	return len(names)
}

func (w *world) messages(q *embedded.Queue) []embedded.Message {
	w.t.Helper()
	all, err := q.Messages(context.Background())
	must(w.t, err)
	return all
}

// notices counts the notices of a kind.
func (w *world) notices(id integration.ID, k integration.NoticeKind) int {
	w.t.Helper()
	all, err := w.store.Notices(context.Background(), id)
	must(w.t, err)
	n := 0
	for _, one := range all {
		if one.Kind == k {
			n++
		}
	}
	return n
}

// newKey makes a key.
func newKey(t *testing.T) keyfile.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(k)
	must(t, err)
	key, err := keyfile.Parse(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	must(t, err)
	return key
}

func upl(n int) integration.UploadID { return integration.UploadID(fmt.Sprintf("upl_%032d", n)) }

// objects is a bucket that holds these.
type objects []integration.Object

func (o objects) List(_ context.Context, before time.Time, limit int) ([]integration.Object, error) {
	var out []integration.Object
	for _, one := range o {
		if one.At.Before(before) && len(out) < limit {
			out = append(out, one)
		}
	}
	return out, nil
}
