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
	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/operator"
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
	ports := app.Ports{
		Store: w.db.Store(), Vault: w.db.Vault(), Objects: w.objects, Forms: w.objects, Apple: apple(), Mailer: w.db.Inbox(),
		Queues: app.Queues{Intake: w.queue("intake"), Validate: w.queue("validate"), Certificates: w.queue("certificates")},
		Now:    now, Logger: w.parts.Logger,
	}
	settings := app.Settings{
		Vendor:    app.Vendor{Name: "Lernwerk", Support: "help@vendor.example", Sender: "keys@vendor.example"},
		PublicURL: "https://keys.vendor.example",
		Roles: map[string]operator.Role{
			"arn:aws:iam::123456789012:role/support": operator.Support, "arn:aws:iam::123456789012:role/builds": operator.Automation,
		},
	}
	all := must(app.All(ports, settings))
	settings.PublicURL, settings.Origin, settings.Address = "", boot.RequestOrigin, w.parts.ViewerAddress // it has no domain
	all.Portal = must(app.Portal(ports, settings))
	for name, h := range map[string]boot.Handler{
		"portal": boot.Web(w.parts, w.parts.BehindCloudFront(all.Portal)), "operator": boot.Web(w.parts, all.Operator),
		"intake": boot.Batch(w.parts, all.Intake), "validate": boot.Batch(w.parts, all.Validate),
		"certificates": boot.Batch(w.parts, all.Certificates), "feedback": boot.Batch(w.parts, all.Feedback),
		"notify": boot.Stream(w.parts, all.Notify), "sweep": boot.Scheduled(w.parts, all.Sweep),
	} {
		w.handlers[name] = lambda.NewHandler(h)
	}
	return w
}
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
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
