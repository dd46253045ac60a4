package functions_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"keyward/functions/internal/boot"
	"keyward/pkg/appstoreconnect"
	"keyward/pkg/certificates"
	"keyward/pkg/embedded"
	"keyward/pkg/feedback"
	"keyward/pkg/intake"
	"keyward/pkg/integration"
	"keyward/pkg/notify"
	"keyward/pkg/operator"
	"keyward/pkg/portal"
	"keyward/pkg/sweep"
	"keyward/pkg/validate"
)

// now is when the events in events/ happened.
func now() time.Time { return time.Date(2026, 3, 22, 9, 30, 0, 0, time.UTC) }

// These are named in events/.
const (
	ours  = integration.ID("int_0123456789abcdefghjkmnpqrs")
	token = "Zk3pQ9xV2mN7bR4tY8wL1cS6hD0jF5gA-EuIoPqXyzM"
)

// A world is all eight handlers as the mains make them, on embedded adapters.
type world struct {
	db       *embedded.DB
	objects  *embedded.Objects
	handlers map[string]lambda.Handler
	parts    *boot.Parts
	log      *bytes.Buffer // slog writes one line at a time
	before   func() error  // every call of the database; nil: nothing
}

func (w *world) trouble() error {
	if w.before == nil {
		return nil
	}
	return w.before()
}

func mustWorld(t *testing.T, env boot.Env) *world {
	t.Helper()
	w := &world{handlers: map[string]lambda.Handler{}, log: &bytes.Buffer{}}
	db, err := embedded.Open(embedded.Config{Now: now, Hooks: embedded.Hooks{Before: func(string) error { return w.trouble() }}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w.db, w.parts = db, &boot.Parts{Env: env, Now: now, Logger: slog.New(slog.NewTextHandler(w.log, nil))}
	if w.objects, err = db.Objects(embedded.ObjectsConfig{URL: "http://127.0.0.1:1/"}); err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]boot.Handler{
		"portal": w.portal(t), "operator": w.operator(t), "intake": w.intake(t), "sweep": w.sweep(t),
		"validate": w.validate(t), "certificates": w.certificates(t), "notify": w.notify(t), "feedback": w.feedback(t),
	} {
		w.handlers[name] = lambda.NewHandler(h)
	}
	return w
}

func must[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (w *world) portal(t *testing.T) boot.Handler {
	s, err := portal.New(portal.Config{
		Vendor: portal.Vendor{Name: "Lernwerk"}, Store: w.db.Store(), Forms: w.objects, Origin: boot.RequestOrigin,
		Address: w.parts.ViewerAddress, Now: now, Log: w.parts.Logger,
	})
	return boot.Web(w.parts, w.parts.BehindCloudFront(must(t, s, err).Handler()))
}

func (w *world) operator(t *testing.T) boot.Handler {
	s, err := operator.New(operator.Config{Store: w.db.Store(), Vault: w.db.Vault(), Now: now, Logger: w.parts.Logger, Roles: map[string]operator.Role{
		"arn:aws:iam::123456789012:role/support": operator.Support, "arn:aws:iam::123456789012:role/builds": operator.Automation,
	}})
	return boot.Web(w.parts, must(t, s, err).Handler())
}

func (w *world) intake(t *testing.T) boot.Handler {
	s, err := intake.New(intake.Config{
		Store: w.db.Store(), Objects: w.objects, Vault: w.db.Vault(), Apple: apple(), Queue: w.queue("intake"), Now: now, Logger: w.parts.Logger,
	})
	return boot.Batch(w.parts, intake.Handler(must(t, s, err)))
}

func (w *world) sweep(t *testing.T) boot.Handler {
	s, err := sweep.New(sweep.Config{
		Store: w.db.Store(), Vault: w.db.Vault(), Objects: w.objects, Checks: w.queue("validate"),
		Certificates: w.queue("certificates"), Intake: w.queue("intake"), Now: now, Logger: w.parts.Logger,
	})
	return boot.Scheduled(w.parts, sweep.Handler(must(t, s, err)))
}

func (w *world) validate(t *testing.T) boot.Handler {
	s, err := validate.New(validate.Config{Store: w.db.Store(), Vault: w.db.Vault(), Apple: apple(), Now: now, Logger: w.parts.Logger})
	return boot.Batch(w.parts, validate.Handler(must(t, s, err)))
}

func (w *world) certificates(t *testing.T) boot.Handler {
	s, err := certificates.New(certificates.Config{Store: w.db.Store(), Vault: w.db.Vault(), Apple: apple(), Now: now, Logger: w.parts.Logger})
	return boot.Batch(w.parts, certificates.Handler(must(t, s, err)))
}

func (w *world) notify(t *testing.T) boot.Handler {
	s, err := notify.New(notify.Config{
		Store: w.db.Store(), Mailer: w.db.Inbox(), Vendor: "Lernwerk", Sender: "keys@vendor.example", SupportAddress: "help@vendor.example",
		PublicURL: "https://keys.vendor.example", Now: now, Logger: w.parts.Logger,
	})
	return boot.Stream(w.parts, notify.Handler(must(t, s, err)))
}

func (w *world) feedback(t *testing.T) boot.Handler {
	s, err := feedback.New(feedback.Config{Store: w.db.Store(), Now: now, Logger: w.parts.Logger})
	return boot.Batch(w.parts, feedback.Handler(must(t, s, err)))
}

func (w *world) queue(name string) *embedded.Queue { return w.db.Queue(name, embedded.QueueConfig{}) }

// apple is nowhere: no event here comes as far.
func apple() *appstoreconnect.Client {
	return appstoreconnect.New(appstoreconnect.Config{
		BaseURL: "http://127.0.0.1:1", EnterpriseURL: "http://127.0.0.1:1", HTTPClient: http.DefaultClient, Now: now,
	})
}

// mustInvite makes the integration, its contact, the link and a notice that
// the events are about.
func (w *world) mustInvite(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	c, err := integration.New(ours, integration.Draft{
		Reference: "acme-ios", Label: "Acme, iOS app", Customer: "acme", By: "support", Access: integration.Levels()[0],
	}, now())
	c.Contacts = []integration.Edit[integration.Contact]{integration.Create(integration.Contact{
		ID: "con_1", Integration: ours, Name: "Ada", Address: "ada@acme.example", Duties: []integration.Duty{integration.Admin},
	})}
	c.Links = []integration.Link{{
		Hash: integration.LinkHash(token), Integration: ours, Contact: "con_1", Epoch: c.Integration.After.LinkEpoch,
		IssuedAt: now(), ExpiresAt: now().Add(integration.LinkLife),
	}}
	if err == nil {
		err = w.db.Store().Commit(ctx, c)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// invoke hands the event over as Lambda does.
func (w *world) invoke(t *testing.T, function string, event []byte) ([]byte, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "0b2f0c1e-0000-4000-8000-000000000000"})
	return w.handlers[function].Invoke(ctx, event)
}

// failures are the items that a batch's answer gives back.
func failures(t *testing.T, answer []byte) []string {
	t.Helper()
	var r struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if err := json.Unmarshal(answer, &r); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	ids := []string{}
	for _, f := range r.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}
