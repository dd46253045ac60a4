package validate

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
	"keyward/pkg/table"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// A world is validate with all that it needs, on a clock of its own.
type world struct {
	t       *testing.T
	service *Service
	invoke  lambda.Handler
	store   *table.Store
	vault   *embedded.Vault
	apple   *asctest.Server
	team    asctest.Team
	log     bytes.Buffer // JSON lines

	mu      sync.Mutex
	now     time.Time
	ops     map[string]int        // operations of the ports so far
	trouble func(op string) error // before an operation
	lost    func(op string) error // after it was done
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: start, ops: map[string]int{}}
	db, err := embedded.Open(embedded.Config{Now: w.clock, Hooks: embedded.Hooks{Before: w.before, After: w.after}})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	w.store, w.vault = db.Store(), db.Vault()
	w.apple = asctest.New(asctest.Config{Now: w.clock, RateLimit: -1})
	w.team = w.apple.AddTeam(asctest.Team{})
	site := httptest.NewServer(w.apple)
	t.Cleanup(site.Close)
	w.service, err = New(Config{
		Store: w.store, Vault: w.vault, Now: w.clock, Logger: slog.New(slog.NewJSONHandler(&w.log, nil)),
		Apple: appstoreconnect.New(appstoreconnect.Config{BaseURL: site.URL, Now: w.clock}),
	})
	must(t, err)
	w.invoke = lambda.NewHandler(Handler(w.service))
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) before(op string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ops[op]++
	if w.trouble == nil {
		return nil
	}
	return w.trouble(op)
}

func (w *world) after(op string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lost == nil {
		return nil
	}
	return w.lost(op)
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

// decide applies an event as other functions do.
func (w *world) decide(id integration.ID, ev integration.Event) {
	w.t.Helper()
	ch, err := integration.Decide(w.integration(id), ev, w.clock())
	must(w.t, err)
	if !ch.Empty() {
		must(w.t, w.store.Commit(context.Background(), ch))
	}
}

// accept makes an integration with a key in force, or gives it another key.
func (w *world) accept(id integration.ID, upload integration.UploadID) asctest.Key {
	w.t.Helper()
	ctx := context.Background()
	if _, err := w.store.Integration(ctx, id); err != nil {
		access, err := integration.LevelNamed(integration.Levels(), "publish")
		must(w.t, err)
		ch, err := integration.New(id, integration.Draft{Reference: string(id), Label: "Acme", Customer: "acme", Access: access, By: "support"}, w.clock())
		must(w.t, err)
		must(w.t, w.store.Commit(ctx, ch))
	}
	k, err := w.apple.NewKey(w.team.TeamID)
	must(w.t, err)
	secret, err := keyfile.Parse(k.PEM)
	must(w.t, err)
	must(w.t, w.vault.Put(ctx, id, upload, secret))
	creds := appstoreconnect.Credentials{KeyID: k.KeyID, IssuerID: k.IssuerID, Key: secret}
	it := w.integration(id)
	w.decide(id, integration.KeyAccepted{
		Key: integration.Key{
			Upload: upload, KeyID: k.KeyID, IssuerID: k.IssuerID, Kind: integration.TeamKey, Program: integration.Standard, Fingerprint: secret.Fingerprint(),
		},
		TeamID: w.team.TeamID, Epoch: it.LinkEpoch, Contact: "con_a",
		Outcome: w.service.Apple.Check(ctx, creds, appstoreconnect.Plan{Level: it.Access, Depth: appstoreconnect.Full}),
	})
	return k
}

// lease gives out the next check of the integration.
func (w *world) lease(id integration.ID, check integration.CheckID) integration.CheckMessage {
	w.t.Helper()
	w.decide(id, integration.CheckLeased{Check: check, Until: w.clock().Add(15 * time.Minute)})
	return integration.CheckMessage{Integration: id, Check: check}
}

// check leases a check and does it.
func (w *world) check(id integration.ID, check integration.CheckID) integration.Integration {
	w.t.Helper()
	must(w.t, w.service.Check(context.Background(), w.lease(id, check)))
	return w.integration(id)
}

func (w *world) integration(id integration.ID) integration.Integration {
	w.t.Helper()
	it, err := w.store.Integration(context.Background(), id)
	must(w.t, err)
	return it
}

func (w *world) marked(set integration.MarkSet) int {
	w.t.Helper()
	ms, err := w.store.Marks(context.Background(), set, 100)
	must(w.t, err)
	return len(ms)
}

// deliver hands messages to the handler, as Lambda does, and returns the IDs
// of those that failed.
func (w *world) deliver(bodies ...string) []string {
	w.t.Helper()
	var ev events.SQSEvent
	for i, b := range bodies {
		ev.Records = append(ev.Records, events.SQSMessage{MessageId: string(rune('a' + i)), Body: b})
	}
	in, err := json.Marshal(ev)
	must(w.t, err)
	out, err := w.invoke.Invoke(context.Background(), in)
	must(w.t, err)
	var r events.SQSEventResponse
	must(w.t, json.Unmarshal(out, &r))
	var failed []string
	for _, f := range r.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return failed
}
