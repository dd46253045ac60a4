package portal_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/portal"
	"keyward/pkg/table"
)

// A world is a portal on the embedded adapters, with one integration whose
// contact was sent a link.
type world struct {
	t       *testing.T
	db      *embedded.DB
	store   *table.Store
	objects *embedded.Objects
	bucket  *httptest.Server
	site    *httptest.Server
	log     *lockedBuffer
	id      integration.ID
	token   string

	mu  sync.Mutex
	now time.Time
}

func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

type portalConfig = portal.Config

const contactAddress = "ann@customer.example"

// mustWorld begins a world; adjust may change the configuration and the draft
// of the integration.
func mustWorld(t *testing.T, adjust func(*portal.Config, *integration.Draft)) *world {
	t.Helper()
	w := &world{t: t, now: time.Now().UTC().Truncate(time.Second), log: &lockedBuffer{}}
	var err error
	if w.db, err = embedded.Open(embedded.Config{Now: w.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.db.Close() })
	w.store = w.db.Store()
	w.bucket = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.objects.ServeHTTP(rw, r) }))
	t.Cleanup(w.bucket.Close)
	if w.objects, err = w.db.Objects(embedded.ObjectsConfig{URL: w.bucket.URL + "/"}); err != nil {
		t.Fatal(err)
	}
	cfg := portal.Config{
		Vendor: portal.Vendor{Name: "Acme Learning", SupportAddress: "help@acme.example"},
		Store:  w.store, Forms: w.objects, Now: w.Now, Logger: slog.New(slog.NewJSONHandler(w.log, nil)),
		Limits: portal.Limits{AnswerTime: time.Millisecond},
	}
	draft := integration.Draft{Reference: "acme-1", Label: "Example GmbH, iOS app", Customer: "example", By: "support", Access: integration.Levels()[0]}
	if adjust != nil {
		adjust(&cfg, &draft)
	}
	s, err := portal.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.site = httptest.NewServer(s.Handler())
	t.Cleanup(w.site.Close)
	w.mustInvite(draft)
	return w
}

func (w *world) mustInvite(d integration.Draft) {
	w.t.Helper()
	w.id = integration.NewID(rand.Reader)
	ch, err := integration.New(w.id, d, w.Now().Add(-2*time.Hour))
	if err != nil {
		w.t.Fatal(err)
	}
	ch.Contacts = []integration.Edit[integration.Contact]{integration.Create(integration.Contact{
		Integration: w.id, ID: "con_1", Name: "Ann", Address: contactAddress, Duties: []integration.Duty{integration.Admin}, CreatedAt: w.Now(),
	})}
	w.mustCommit(ch)
	w.token = w.mustLink()
}

func (w *world) mustCommit(c integration.Change) {
	w.t.Helper()
	if err := w.store.Commit(context.Background(), c); err != nil {
		w.t.Fatal(err)
	}
}

// mustErase erases a contact, as the operator does.
func (w *world) mustErase(id integration.ContactID) {
	w.t.Helper()
	contacts, err := w.store.Contacts(context.Background(), w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, before := range contacts {
		if before.ID == id {
			after := before
			after.Name, after.Address, after.Duties = "", "", nil
			w.mustCommit(integration.Change{Contacts: []integration.Edit[integration.Contact]{integration.Put(before, after)}})
		}
	}
}

// mustLink makes another link to the integration.
func (w *world) mustLink() string {
	w.t.Helper()
	return w.mustLinkTo("con_1")
}

func (w *world) mustLinkTo(id integration.ContactID) string {
	w.t.Helper()
	token, hash := integration.NewLinkToken(rand.Reader)
	w.mustCommit(integration.Change{Links: []integration.Link{{
		Hash: hash, Integration: w.id, Contact: id, Epoch: w.mustIntegration().LinkEpoch,
		IssuedAt: w.Now(), ExpiresAt: w.Now().Add(integration.LinkLife),
	}}})
	return token
}

func (w *world) mustIntegration() integration.Integration {
	w.t.Helper()
	it, err := w.store.Integration(context.Background(), w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	return it
}

func (w *world) mustUploads() []integration.Upload {
	w.t.Helper()
	us, err := w.store.Uploads(context.Background(), w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	return us
}

// mustDecide applies an event, with more changes to the same transaction.
func (w *world) mustDecide(ev integration.Event, more func(*integration.Change)) {
	w.t.Helper()
	ch, err := integration.Decide(w.mustIntegration(), ev, w.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	if more != nil {
		more(&ch)
	}
	w.mustCommit(ch)
}

// mustAccept is intake's verdict that the upload's key is good.
func (w *world) mustAccept(u integration.Upload, o integration.Outcome) {
	w.t.Helper()
	key := integration.Key{Upload: u.ID, KeyID: u.KeyID, IssuerID: u.IssuerID, Kind: integration.TeamKey, Program: integration.Standard}
	w.mustDecide(integration.KeyAccepted{Key: key, TeamID: u.TeamID, TeamName: u.TeamName, Outcome: o, Epoch: u.Epoch}, func(c *integration.Change) {
		c.Uploads = append(c.Uploads, integration.Put(u, u.Judged(integration.Attempt{ETag: "good", At: w.Now(), State: integration.UploadAccepted})))
	})
}

// mustJudge writes a verdict other than accepted.
func (w *world) mustJudge(u integration.Upload, a integration.Attempt) {
	w.t.Helper()
	a.At = w.Now()
	w.mustCommit(integration.Change{Uploads: []integration.Edit[integration.Upload]{integration.Put(u, u.Judged(a))}})
}

// mustETag is the ETag of the file that arrived for the upload.
func (w *world) mustETag(u integration.Upload) string {
	w.t.Helper()
	objects, err := w.objects.List(context.Background(), w.Now().Add(time.Hour), 10)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, o := range objects {
		if o.Key == u.ObjectKey() {
			return o.ETag
		}
	}
	w.t.Fatal("no file arrived")
	return ""
}

// brokenStore fails on demand.
type brokenStore struct {
	portal.Store
	fail, panics bool
}

func (b *brokenStore) Link(ctx context.Context, hash string) (integration.Link, error) {
	if b.panics {
		panic("the store's panic")
	}
	if b.fail {
		return integration.Link{}, errors.New("the store is down")
	}
	return b.Store.Link(ctx, hash)
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
