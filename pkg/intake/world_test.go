package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/table"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// A world is intake with all that it needs, on a clock of its own.
type world struct {
	t       *testing.T
	service *Service
	invoke  lambda.Handler
	db      *embedded.DB
	store   *table.Store
	vault   *embedded.Vault
	objects *embedded.Objects
	queue   *embedded.Queue
	apple   *asctest.Server
	team    asctest.Team
	log     *bytes.Buffer

	mu  sync.Mutex
	now time.Time
	// trouble, if set, may fail an operation before or after it was done.
	trouble func(op, when string) error
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: start, log: &bytes.Buffer{}}
	hook := func(when string) func(string) error {
		return func(op string) error { return w.fail(op, when) }
	}
	db, err := embedded.Open(embedded.Config{Now: w.clock, Hooks: embedded.Hooks{Before: hook("before"), After: hook("after")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w.db, w.store, w.vault = db, db.Store(), db.Vault()
	w.queue = db.Queue("intake", embedded.QueueConfig{Visibility: time.Minute})
	if w.objects, err = db.Objects(embedded.ObjectsConfig{URL: "http://bucket.test/", Events: w.queue}); err != nil {
		t.Fatal(err)
	}
	w.apple = asctest.New(asctest.Config{Now: w.clock})
	w.team = w.apple.AddTeam(asctest.Team{})
	site := httptest.NewServer(w.apple.Site())
	t.Cleanup(site.Close)
	client := appstoreconnect.New(appstoreconnect.Config{BaseURL: site.URL, EnterpriseURL: site.URL + "/enterprise", Now: w.clock})
	w.service, err = New(Config{
		Store: w.store, Objects: w.objects, Vault: w.vault, Apple: client, Queue: w.queue, Now: w.clock,
		Logger: slog.New(slog.NewTextHandler(&lockedWriter{w: w.log}, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.invoke = lambda.NewHandler(Handler(w.service))
	return w
}

type lockedWriter struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
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

func (w *world) fail(op, when string) error {
	w.mu.Lock()
	trouble := w.trouble
	w.mu.Unlock()
	if trouble == nil {
		return nil
	}
	return trouble(op, when)
}

// invite makes an integration that awaits its key.
func (w *world) invite(id integration.ID, customer, level string) {
	w.t.Helper()
	access, err := integration.LevelNamed(integration.Levels(), level)
	if err != nil {
		w.t.Fatal(err)
	}
	ch, err := integration.New(id, integration.Draft{Reference: string(id), Label: "Acme", Customer: customer, Access: access, By: "support"}, w.clock())
	if err != nil {
		w.t.Fatal(err)
	}
	w.commit(ch)
}

func (w *world) commit(ch integration.Change) {
	w.t.Helper()
	if err := w.store.Commit(context.Background(), ch); err != nil {
		w.t.Fatal(err)
	}
}

// form begins an upload, as the portal does, with what the person typed.
func (w *world) form(id integration.ID, upload integration.UploadID, keyID, issuer, team string) integration.Upload {
	w.t.Helper()
	it := w.integration(id)
	w.commit(integration.Change{Uploads: []integration.Edit[integration.Upload]{integration.Create(integration.Upload{
		ID: upload, Integration: id, Epoch: it.LinkEpoch, Contact: "con_a", KeyID: keyID, IssuerID: issuer, TeamID: team,
		CreatedAt: w.clock(), FormExpires: w.clock().Add(15 * time.Minute), State: integration.UploadOpen,
	})}})
	return w.upload(id, upload)
}

// formFor is form for a key of the world's own team.
func (w *world) formFor(id integration.ID, upload integration.UploadID, k asctest.Key) integration.Upload {
	w.t.Helper()
	return w.form(id, upload, k.KeyID, k.IssuerID, w.team.TeamID)
}

// post sends a file through the upload's form, as a browser does.
func (w *world) post(u integration.Upload, filename string, data []byte) {
	w.t.Helper()
	w.postUpTo(maxFile, u, filename, data)
}

func (w *world) postUpTo(size int64, u integration.Upload, filename string, data []byte) {
	w.t.Helper()
	form, err := w.objects.Presign(context.Background(), integration.FormRequest{Key: u.ObjectKey(), Expires: w.clock().Add(time.Minute), MaxBytes: size})
	if err != nil {
		w.t.Fatal(err)
	}
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for _, f := range form.Fields {
		_ = m.WriteField(f.Name, f.Value)
	}
	part, _ := m.CreateFormFile("file", filename)
	_, _ = part.Write(data)
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, form.URL, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	rec := httptest.NewRecorder()
	w.objects.ServeHTTP(rec, r)
	if rec.Code >= 300 {
		w.t.Fatalf("the form was refused: %d %s", rec.Code, rec.Body)
	}
}

// drain hands the visible messages to the handler, as Lambda does, until there
// are none. A message that failed becomes visible again later.
func (w *world) drain() {
	w.t.Helper()
	for {
		batch, err := w.queue.Receive(context.Background(), 10)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(batch) == 0 {
			return
		}
		w.deliver(batch)
	}
}

func (w *world) deliver(batch []embedded.Message) {
	w.t.Helper()
	var ev events.SQSEvent
	for _, m := range batch {
		ev.Records = append(ev.Records, events.SQSMessage{MessageId: m.ID, ReceiptHandle: m.Receipt, Body: m.Body})
	}
	in, _ := json.Marshal(ev)
	out, err := w.invoke.Invoke(context.Background(), in)
	if err != nil {
		w.t.Fatalf("the handler failed as a whole: %v", err)
	}
	var r events.SQSEventResponse
	if err := json.Unmarshal(out, &r); err != nil {
		w.t.Fatal(err)
	}
	failed := map[string]bool{}
	for _, f := range r.BatchItemFailures {
		failed[f.ItemIdentifier] = true
	}
	for _, m := range batch {
		if !failed[m.ID] {
			if err := w.queue.Delete(context.Background(), m.Receipt); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// settle lets time pass until no message is left, and tells how long it took.
func (w *world) settle() time.Duration {
	w.t.Helper()
	from := w.clock()
	for range 500 {
		w.drain()
		at, err := w.queue.NextVisibleAt()
		if err != nil {
			w.t.Fatal(err)
		}
		if at.IsZero() {
			return w.clock().Sub(from)
		}
		w.pass(max(at.Sub(w.clock()), 0))
	}
	w.t.Fatal("messages go round and round")
	return 0
}

func (w *world) integration(id integration.ID) integration.Integration {
	w.t.Helper()
	it, err := w.store.Integration(context.Background(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return it
}

func (w *world) upload(id integration.ID, u integration.UploadID) integration.Upload {
	w.t.Helper()
	up, err := w.store.Upload(context.Background(), id, u)
	if err != nil {
		w.t.Fatal(err)
	}
	return up
}

// verdict is the state of an upload and why.
func (w *world) verdict(id integration.ID, u integration.UploadID) string {
	w.t.Helper()
	up := w.upload(id, u)
	if len(up.Attempts) == 0 {
		return string(up.State)
	}
	return strings.TrimSpace(string(up.State) + " " + up.Attempts[len(up.Attempts)-1].Diagnosis)
}

// secrets are the uploads that have a secret in the vault.
func (w *world) secrets() []string {
	w.t.Helper()
	names, err := w.vault.Names(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	for i, n := range names {
		names[i] = n[strings.LastIndex(n, "/")+1:]
	}
	return names
}

func (w *world) wantEmptyBucket() {
	w.t.Helper()
	list, err := w.objects.List(context.Background(), w.clock().Add(time.Hour), 10)
	if err != nil || len(list) > 0 {
		w.t.Errorf("%d objects are left in the bucket (%v)", len(list), err)
	}
}

// notices counts the notices of a kind.
func (w *world) notices(id integration.ID, k integration.NoticeKind) int {
	w.t.Helper()
	all, err := w.store.Notices(context.Background(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	n := 0
	for _, one := range all {
		if one.Kind == k {
			n++
		}
	}
	return n
}

func (w *world) key(roles ...asctest.Role) asctest.Key {
	w.t.Helper()
	k, err := w.apple.NewKey(w.team.TeamID, roles...)
	if err != nil {
		w.t.Fatal(err)
	}
	return k
}

var errCrash = errors.New("crash")
