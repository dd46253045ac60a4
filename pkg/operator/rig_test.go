package operator_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
	"keyward/pkg/operator"
)

var start = time.Date(2025, 11, 22, 9, 0, 0, 0, time.UTC)

// A rig is a service on embedded adapters, with a client for each role.
type rig struct {
	t       *testing.T
	db      *embedded.DB
	service *operator.Service
	server  *httptest.Server
	logs    *buffer
	now     time.Time
	hooks   embedded.Hooks

	support, automation, export, stranger, nobody *operator.Client
}

// A buffer may be written from several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

var arns = map[string]string{
	"support":    "arn:aws:sts::111122223333:assumed-role/KeywardSupport/jane.doe@vendor.example",
	"automation": "arn:aws:sts::111122223333:assumed-role/KeywardBuild/build-42",
	"export":     "arn:aws:sts::111122223333:assumed-role/KeywardReports/nightly",
	"stranger":   "arn:aws:sts::111122223333:assumed-role/SomeoneElse/mallory",
}

func callerOf(r *http.Request) string {
	return arns[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, now: start, logs: &buffer{}}
	db, err := embedded.Open(embedded.Config{Now: r.clock, Hooks: embedded.Hooks{Before: func(op string) error {
		if r.hooks.Before != nil {
			return r.hooks.Before(op)
		}
		return nil
	}, After: func(op string) error {
		if r.hooks.After != nil {
			return r.hooks.After(op)
		}
		return nil
	}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	r.db = db
	r.service, err = operator.New(operator.Config{
		Store: db.Store(), Vault: db.Vault(), Now: r.clock, Caller: callerOf,
		Logger: slog.New(slog.NewJSONHandler(r.logs, nil)),
		Roles: map[string]operator.Role{
			"arn:aws:iam::111122223333:role/people/KeywardSupport": operator.Support,
			"arn:aws:iam::111122223333:role/KeywardBuild":          operator.Automation,
			"arn:aws:iam::111122223333:role/KeywardReports":        operator.Export,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.server = httptest.NewServer(r.service.Handler())
	t.Cleanup(r.server.Close)
	r.support, r.automation, r.export = r.client("support"), r.client("automation"), r.client("export")
	r.stranger, r.nobody = r.client("stranger"), r.client("nobody")
	return r
}

func (r *rig) clock() time.Time { return r.now }

func (r *rig) client(role string) *operator.Client {
	r.t.Helper()
	c, err := operator.NewClient(operator.ClientConfig{BaseURL: r.server.URL, Authorize: operator.Bearer(role)})
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

func invitation(reference string) operator.NewIntegration {
	return operator.NewIntegration{
		Reference: reference, Label: "Acme Learning, iOS app", Customer: "acme", AccessLevel: "publish",
		Contacts: []operator.NewContact{
			{Name: "Ada Admin", Address: "ada.admin@acme.example", Duties: []string{"admin"}},
			{Name: "Hal Holder", Address: "hal.holder@acme.example", Duties: []string{"account_holder", "business"}},
		},
	}
}

// MustInvite makes an integration that awaits its key.
func (r *rig) MustInvite(reference string) operator.Integration {
	r.t.Helper()
	it, err := r.support.Create(context.Background(), invitation(reference), "")
	if err != nil {
		r.t.Fatal(err)
	}
	return it
}

// MustListMails is what support sees of the integration's e-mails.
func (r *rig) MustListMails(id string) []operator.Notice {
	r.t.Helper()
	ns, err := r.support.Notices(context.Background(), id)
	if err != nil || len(ns) == 0 {
		r.t.Fatalf("%d e-mails: %v", len(ns), err)
	}
	return ns
}

// MustActivate hands over a key as intake does, and returns it.
func (r *rig) MustActivate(id string) keyfile.PrivateKey {
	r.t.Helper()
	ctx, key := context.Background(), newKey(r.t)
	upload := integration.NewUploadID(rand.Reader)
	if err := r.db.Vault().Put(ctx, integration.ID(id), upload, key); err != nil {
		r.t.Fatal(err)
	}
	it := r.stored(id)
	r.MustApply(id, integration.KeyAccepted{
		Key: integration.Key{
			Upload: upload, KeyID: "ABCDE12345", IssuerID: "57246542-96fe-1a63-e053-0824d011072a", Kind: integration.TeamKey,
			Program: integration.Standard, Fingerprint: key.Fingerprint(), AcceptedAt: r.now,
		},
		TeamID: "TEAM123456", TeamName: "Acme Inc.", Epoch: it.LinkEpoch,
		Outcome: integration.Outcome{
			Verdict: integration.OK, Kind: integration.TeamKey, Apps: []integration.App{{ID: "1", BundleID: "com.acme.Learn", Name: "Learn"}},
			Findings: []integration.Finding{{Capability: integration.Apps, Verdict: integration.OK}},
		},
	})
	return key
}

func newKey(t *testing.T) keyfile.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	key, err := keyfile.Parse(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// MustApply lets an event happen.
func (r *rig) MustApply(id string, ev integration.Event) {
	r.t.Helper()
	ch, err := integration.Decide(r.stored(id), ev, r.now)
	if err == nil {
		err = r.db.Store().Commit(context.Background(), ch)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// MustSet puts the integration into a state that takes long to reach.
func (r *rig) MustSet(id string, change func(*integration.Integration)) {
	r.t.Helper()
	before := r.stored(id)
	after := before
	change(&after)
	err := r.db.Store().Commit(context.Background(), integration.Change{Integration: integration.Put(before, after)})
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) stored(id string) integration.Integration {
	r.t.Helper()
	it, err := r.db.Store().Integration(context.Background(), integration.ID(id))
	if err != nil {
		r.t.Fatal(err)
	}
	return it
}

// newest is the newest line of the history.
func (r *rig) newest(id string) operator.Entry {
	r.t.Helper()
	h, err := r.support.History(context.Background(), id, "", 1)
	if err != nil || len(h.Entries) == 0 {
		r.t.Fatalf("no history: %v", err)
	}
	return h.Entries[0]
}

// send is a request as others may write it.
func (r *rig) send(role, method, path, body string, headers ...string) *http.Response {
	r.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, r.server.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+role)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func read(t *testing.T, resp *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// wantCode fails unless the error is a problem with the code.
func wantCode(t *testing.T, err error, code operator.Code) *operator.Problem {
	t.Helper()
	var p *operator.Problem
	if !errors.As(err, &p) || p.Code != code {
		t.Fatalf("got %v, want a problem with the code %s", err, code)
	}
	return p
}
