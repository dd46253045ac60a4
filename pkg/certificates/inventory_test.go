package certificates

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
	"keyward/pkg/table"
)

const uplA = integration.UploadID("upl_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")

// A world is one integration whose certificates are looked at.
type world struct {
	t       *testing.T
	service *Service
	store   *table.Store
	apple   *asctest.Server
	team    asctest.Team
	looks   int

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	db, err := embedded.Open(embedded.Config{Now: w.clock})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	w.store = db.Store()
	w.apple = asctest.New(asctest.Config{Now: w.clock})
	w.team = w.apple.AddTeam(asctest.Team{})
	for _, c := range w.apple.Certificates(w.team.TeamID) {
		must(t, w.apple.RevokeCertificate(w.team.TeamID, c.Serial))
	}
	site := httptest.NewServer(w.apple)
	t.Cleanup(site.Close)
	w.service, err = New(Config{
		Store: w.store, Vault: db.Vault(), Now: w.clock, Logger: slog.New(slog.DiscardHandler),
		Apple: appstoreconnect.New(appstoreconnect.Config{BaseURL: site.URL, Now: w.clock}),
	})
	must(t, err)
	w.begin(db.Vault())
	return w
}

// begin makes the integration, with a key in force.
func (w *world) begin(vault *embedded.Vault) {
	w.t.Helper()
	ctx := context.Background()
	k, err := w.apple.NewKey(w.team.TeamID)
	must(w.t, err)
	secret, err := keyfile.Parse(k.PEM)
	must(w.t, err)
	must(w.t, vault.Put(ctx, "int_a", uplA, secret))
	ch, err := integration.New("int_a", integration.Draft{Reference: "a", Label: "Acme", Customer: "acme", Access: integration.Levels()[0]}, w.clock())
	must(w.t, err)
	must(w.t, w.store.Commit(ctx, ch))
	w.decide(integration.KeyAccepted{
		Key:     integration.Key{Upload: uplA, KeyID: k.KeyID, IssuerID: k.IssuerID, Fingerprint: secret.Fingerprint()},
		Outcome: integration.Outcome{Verdict: integration.OK},
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
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

func (w *world) integration() integration.Integration {
	w.t.Helper()
	it, err := w.store.Integration(context.Background(), "int_a")
	must(w.t, err)
	return it
}

func (w *world) decide(ev integration.Event) {
	w.t.Helper()
	ch, err := integration.Decide(w.integration(), ev, w.clock())
	must(w.t, err)
	must(w.t, w.store.Commit(context.Background(), ch))
}

// look leases a look and takes it.
func (w *world) look() integration.CertificateState {
	w.t.Helper()
	w.looks++
	m := integration.CheckMessage{Integration: "int_a", Check: integration.CheckID(fmt.Sprintf("chk_%d", w.looks))}
	w.decide(integration.CertificatesLeased{Check: m.Check, Until: w.clock().Add(15 * time.Minute)})
	must(w.t, w.service.Inventory(context.Background(), m))
	return w.integration().Certificates
}

func (w *world) issue(kind string, life time.Duration) string {
	w.t.Helper()
	c, err := w.apple.IssueCertificate(w.team.TeamID, kind, nil, life)
	must(w.t, err)
	return c.Serial
}

func (w *world) known() map[string]integration.Certificate {
	w.t.Helper()
	list, err := w.store.Certificates(context.Background(), "int_a")
	must(w.t, err)
	all := map[string]integration.Certificate{}
	for _, c := range list {
		all[c.Serial] = c
	}
	return all
}

func (w *world) told(k integration.NoticeKind) bool {
	w.t.Helper()
	all, err := w.store.Notices(context.Background(), "int_a")
	must(w.t, err)
	return slices.ContainsFunc(all, func(n integration.Notice) bool { return n.Kind == k })
}

func TestInventoryKeepsWhatItSaw(t *testing.T) {
	w := newWorld(t)
	dist, dev := w.issue("DISTRIBUTION", 0), w.issue("DEVELOPMENT", 0)
	first := w.clock()
	if got := w.look(); got.Serial != dist {
		t.Errorf("watched is %s, want %s", got.Serial, dist)
	}
	w.pass(24 * time.Hour)
	must(t, w.apple.RevokeCertificate(w.team.TeamID, dev))
	w.look()
	if c := w.known()[dev]; !c.GoneAt.IsZero() {
		t.Errorf("gone at %v after one list without it", c.GoneAt)
	}
	gone := w.clock()
	w.pass(24 * time.Hour)
	w.look()
	all := w.known()
	if c := all[dist]; !c.FirstSeen.Equal(first) || !c.LastSeen.Equal(w.clock()) || !c.GoneAt.IsZero() || c.TeamID != w.team.TeamID {
		t.Errorf("the one that is listed: %+v", c)
	}
	if c := all[dev]; !c.FirstSeen.Equal(first) || !c.LastSeen.Equal(first) || !c.GoneAt.Equal(gone) {
		t.Errorf("the one that is gone: %+v", c)
	}
	w.pass(24 * time.Hour)
	w.look()
	if c := w.known()[dev]; !c.GoneAt.Equal(gone) {
		t.Errorf("gone at %v, want %v", c.GoneAt, gone)
	}
}

func TestVanishedAndExpiringAreTold(t *testing.T) {
	w := newWorld(t)
	serial := w.issue("DISTRIBUTION", 20*24*time.Hour)
	w.look()
	if !w.told(integration.NoticeCertExpiring) {
		t.Error("nobody was warned of the end")
	}
	must(t, w.apple.RevokeCertificate(w.team.TeamID, serial))
	w.pass(24 * time.Hour)
	w.look()
	if w.told(integration.NoticeCertVanished) {
		t.Error("one list without it was enough")
	}
	w.pass(time.Hour)
	w.look()
	if !w.told(integration.NoticeCertVanished) {
		t.Error("nobody was told that it vanished")
	}
}

func TestHalfAListCountsForNothing(t *testing.T) {
	w := newWorld(t)
	serial := w.issue("DISTRIBUTION", 0)
	w.look()
	for _, effect := range []asctest.Effect{asctest.Outage, asctest.Truncated, asctest.HostileNext, asctest.Spurious401,
		asctest.EmptyList, asctest.ShortList, asctest.RepeatedList, asctest.BadCursor, asctest.OtherJSON, asctest.EmptyBody} {
		w.pass(24 * time.Hour)
		_, err := w.apple.Fail(asctest.Fault{Effect: effect})
		must(t, err)
		got := w.look()
		w.apple.ClearFaults()
		w.pass(time.Hour)
		if w.look(); w.told(integration.NoticeCertVanished) {
			t.Errorf("%s: told as vanished", effect)
		}
		if got.Serial != serial || got.Lease.ID != "" || got.DueAt.IsZero() {
			t.Errorf("%s: watched %s, lease %q, due %v", effect, got.Serial, got.Lease.ID, got.DueAt)
		}
		if c := w.known()[serial]; !c.GoneAt.IsZero() {
			t.Errorf("%s: the certificate counts as gone", effect)
		}
	}
}

func TestMoreCertificatesThanOneTransactionHolds(t *testing.T) {
	listed := make([]appstoreconnect.Certificate, 0, 170)
	for i := range 170 {
		listed = append(listed, appstoreconnect.Certificate{ID: fmt.Sprint(i), Serial: fmt.Sprintf("A%d", i), Type: "DEVELOPMENT"})
	}
	w := newWorld(t)
	w.service.Apple = fixed(append(listed, listed[0], appstoreconnect.Certificate{ID: "no serial"}))
	most := 0
	w.service.Store = counting{w.service.Store, &most}
	w.look()
	if n := len(w.known()); n != 170 {
		t.Errorf("%d certificates are known", n)
	}
	if most > maxItems {
		t.Errorf("one transaction had %d", most)
	}
}

// fixed is an Apple that always gives the same list.
type fixed []appstoreconnect.Certificate

func (f fixed) Certificates(context.Context, appstoreconnect.Credentials) ([]appstoreconnect.Certificate, error) {
	return f, nil
}

// counting notes the most certificates in one transaction.
type counting struct {
	Store
	most *int
}

func (c counting) Commit(ctx context.Context, ch integration.Change) error {
	*c.most = max(*c.most, len(ch.Certificates))
	return c.Store.Commit(ctx, ch)
}

func TestLookThatIsNotLeasedIsIgnored(t *testing.T) {
	w := newWorld(t)
	w.issue("DISTRIBUTION", 0)
	h := lambda.NewHandler(Handler(w.service))
	out, err := h.Invoke(context.Background(), []byte(`{"Records":[{"messageId":"a","body":"{\"integration\":\"int_a\",\"check\":\"chk_x\"}"},{"messageId":"b","body":"poison"}]}`))
	must(t, err)
	if string(out) != `{"batchItemFailures":null}` && string(out) != `{"batchItemFailures":[]}` {
		t.Errorf("the handler answers %s", out)
	}
	if len(w.known()) != 0 || w.apple.Calls() != 0 {
		t.Error("a look that nobody leased was taken")
	}
}

// TestAListIsAppliedToWhatOthersWroteMeanwhile, and its message comes again
// where that cannot be read.
func TestAListIsAppliedToWhatOthersWroteMeanwhile(t *testing.T) {
	for _, cannotRead := range []error{nil, errors.New("down")} {
		w := newWorld(t)
		w.issue("DISTRIBUTION", 0)
		w.decide(integration.CertificatesLeased{Check: "chk_1", Until: w.clock().Add(15 * time.Minute)})
		w.service.Store = &raced{Store: w.store, err: cannotRead, between: func() {
			w.decide(integration.TeamMoveAllowed{By: "support jane"})
		}}
		m := integration.CheckMessage{Integration: "int_a", Check: "chk_1"}
		if err := w.service.Inventory(context.Background(), m); !errors.Is(err, cannotRead) {
			t.Errorf("the look ends in %v, want %v", err, cannotRead)
		}
		it := w.integration()
		if applied := !it.Certificates.CheckedAt.IsZero(); applied != (cannotRead == nil) || !it.TeamMove.Allowed() {
			t.Errorf("%v: the list is applied: %v; what was written meanwhile is kept: %v", cannotRead, applied, it.TeamMove.Allowed())
		}
	}
}

// raced is a store whose integration somebody else writes just before the
// first commit. After that it may not be readable.
type raced struct {
	Store
	between func()
	err     error
	commits int
}

func (r *raced) Commit(ctx context.Context, c integration.Change) error {
	if r.commits++; r.commits == 1 {
		r.between()
	}
	return r.Store.Commit(ctx, c)
}

func (r *raced) Integration(ctx context.Context, id integration.ID) (integration.Integration, error) {
	if r.commits > 0 && r.err != nil {
		return integration.Integration{}, r.err
	}
	return r.Store.Integration(ctx, id)
}
