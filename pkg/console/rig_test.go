package console_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"keyward/pkg/app"
	"keyward/pkg/console"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
	"keyward/pkg/operator"
	"keyward/pkg/pages"
)

var start = time.Date(2025, 11, 22, 9, 0, 0, 0, time.UTC)

// A rig is a console over a real operator on embedded adapters.
type rig struct {
	t      *testing.T
	db     *embedded.DB
	api    *operator.Client
	server *httptest.Server
	logs   *lineWriter
	logger *slog.Logger
	now    time.Time
}

const arn = "arn:aws:iam::111122223333:role/Support"

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, now: start, logs: &lineWriter{}}
	db, err := embedded.Open(embedded.Config{Now: r.clock})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	r.db = db
	r.logger = slog.New(slog.NewTextHandler(r.logs, nil))
	service, err := app.Operator(app.Ports{Store: db.Store(), Vault: db.Vault(), Now: r.clock, Logger: r.logger}, app.Settings{
		Roles: map[string]operator.Role{arn: operator.Support}, Caller: func(*http.Request) string { return arn },
	})
	must(t, err)
	api := httptest.NewServer(service)
	t.Cleanup(api.Close)
	r.api, err = operator.NewClient(operator.ClientConfig{BaseURL: api.URL})
	must(t, err)
	c, err := console.New(console.Config{
		Client: r.api, Now: r.clock, Logger: r.logger,
		Nav: []pages.Link{{Text: "Inbox", URL: "/inbox/"}, {Text: "Simulated Apple", URL: "/apple/"}},
	})
	must(t, err)
	r.server = httptest.NewServer(c.Handler())
	t.Cleanup(r.server.Close)
	return r
}

func (r *rig) clock() time.Time { return r.now }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// MustInvite makes an integration that awaits its key.
func (r *rig) MustInvite(reference, label, customer string) string {
	r.t.Helper()
	it, err := r.api.Create(context.Background(), operator.NewIntegration{
		Reference: reference, Label: label, Customer: customer, AccessLevel: "publish",
		Contacts: []operator.NewContact{
			{Name: "Ada Admin", Address: "ada@" + customer + ".example", Duties: []string{"admin", "business"}},
			{Name: "Hal Holder", Address: "hal@" + customer + ".example", Duties: []string{"account_holder"}},
		},
	}, "")
	must(r.t, err)
	return it.ID
}

// MustActivate hands over a key, as intake does.
func (r *rig) MustActivate(id, keyID string) {
	r.t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(r.t, err)
	der, err := x509.MarshalPKCS8PrivateKey(k)
	must(r.t, err)
	key, err := keyfile.Parse(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	must(r.t, err)
	upload := integration.NewUploadID(rand.Reader)
	must(r.t, r.db.Vault().Put(context.Background(), integration.ID(id), upload, key))
	it := r.stored(id)
	r.MustApply(id, integration.KeyAccepted{
		Key: integration.Key{
			Upload: upload, KeyID: keyID, IssuerID: "57246542-96fe-1a63-e053-0824d011072a", Kind: integration.TeamKey,
			Program: integration.Standard, Fingerprint: key.Fingerprint(), AcceptedAt: r.now,
		},
		TeamID: "TEAM123456", TeamName: "Acme <Inc.>", Epoch: it.LinkEpoch, Outcome: goodOutcome(),
	})
}

func goodOutcome() integration.Outcome {
	o := integration.Outcome{Verdict: integration.OK, Apps: []integration.App{{ID: "1", BundleID: "com.acme.learn", Name: "Acme Learn"}}}
	for _, c := range integration.Capabilities() {
		f := integration.Finding{Capability: c, Verdict: integration.OK}
		if c == integration.Users {
			f.Verdict, f.Reason = integration.Blocked, integration.Role
		}
		o.Findings = append(o.Findings, f)
	}
	return o
}

// MustCheck lets a check end with the outcome.
func (r *rig) MustCheck(id string, v integration.Verdict, why integration.Reason) {
	r.t.Helper()
	check := integration.NewCheckID(rand.Reader)
	r.MustApply(id, integration.CheckLeased{Check: check, Until: r.now.Add(time.Minute)})
	r.MustApply(id, integration.Checked{
		Check: check, Used: r.stored(id).Key.Upload, Outcome: integration.Outcome{Verdict: v, Reason: why},
	})
}

// MustApply lets an event happen.
func (r *rig) MustApply(id string, ev integration.Event) {
	r.t.Helper()
	ch, err := integration.Decide(r.stored(id), ev, r.now)
	must(r.t, err)
	r.MustCommit(ch)
}

// MustCommit writes.
func (r *rig) MustCommit(ch integration.Change) {
	r.t.Helper()
	if !ch.Empty() {
		must(r.t, r.db.Store().Commit(context.Background(), ch))
	}
}

func (r *rig) stored(id string) integration.Integration {
	r.t.Helper()
	it, err := r.db.Store().Integration(context.Background(), integration.ID(id))
	must(r.t, err)
	return it
}

// get loads a page as a browser does, and wants the status.
func (r *rig) get(path string, status int) string {
	r.t.Helper()
	return r.do(http.MethodGet, path, nil, status, "same-origin")
}

// post sends a form of our own page, follows the redirect, and wants the
// status of what it led to.
func (r *rig) post(path string, form url.Values, status int) string {
	r.t.Helper()
	return r.do(http.MethodPost, path, form, status, "same-origin")
}

func (r *rig) do(method, path string, form url.Values, status int, site string) string {
	r.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, r.server.URL+path, strings.NewReader(form.Encode()))
	must(r.t, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Sec-Fetch-Site", site)
	jar, err := cookiejar.New(nil)
	must(r.t, err)
	resp, err := (&http.Client{Jar: jar}).Do(req)
	must(r.t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	must(r.t, err)
	if resp.StatusCode != status {
		r.t.Fatalf("%s %s: got %d, want %d", method, path, resp.StatusCode, status)
	}
	return string(body)
}
