package simulation

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keyward/pkg/certificates"
	"keyward/pkg/feedback"
	"keyward/pkg/intake"
	"keyward/pkg/integration"
	"keyward/pkg/notify"
	"keyward/pkg/operator"
	"keyward/pkg/panics"
	"keyward/pkg/portal"
	"keyward/pkg/sweep"
	"keyward/pkg/validate"
)

var errSilent = errors.New("no conclusive answer")

type (
	queueHandler  func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)
	streamHandler func(context.Context, events.DynamoDBEvent) (events.DynamoDBEventResponse, error)
)

// A Rig is the real handlers on ports that lead into one world after the
// other: making them anew for each seed would take longer than the seed.
type Rig struct {
	world *World
	trace io.Writer // may be nil

	plain, canary handlers // the same functions, configured without and with a canary
	portal        http.Handler
	operator      http.Handler
	minted        []minted
	idle          []chan func(func()) // goroutines to lend
}

// handlers are the functions that the world drives.
type handlers struct {
	queues map[string]queueHandler
	stream streamHandler
	sweep  func(context.Context, sweep.Schedule) error
}

// What Keyward is configured with.
const (
	publicURL  = "https://keys.vendor.example"
	uploadsURL = "https://uploads.vendor.example/"
	support    = "support@vendor.example"
	supportARN = "arn:aws:iam::123456789012:role/support"
	buildARN   = "arn:aws:iam::123456789012:role/build" // of automation
	canaryID   = integration.ID("int_canarycanarycanarycanary00")
)

// The functions' time-outs, as in template.yaml.
const (
	queueLimit = 60 * time.Second
	sweepLimit = 55 * time.Second
	webLimit   = 30 * time.Second
)

// NewRig makes the handlers.
func NewRig() (*Rig, error) {
	r := &Rig{}
	var err, err2, err3, err4 error
	r.minted, err4 = mint(256)
	r.plain, err = r.functions("")
	r.canary, err2 = r.functions(canaryID)
	err3 = r.web()
	return r, errors.Join(err, err2, err3, err4)
}

// now is the clock of one function.
func (r *Rig) now(fn string) func() time.Time {
	return func() time.Time { return r.world.clock.ask(fn) }
}

// randomness is the world's, so that a seed decides all IDs and tokens.
type randomness struct{ rig *Rig }

func (s randomness) Read(b []byte) (int, error) { return s.rig.world.random.Read(b) }

func (r *Rig) functions(canary integration.ID) (handlers, error) {
	store, vault, objects, apple, random, log := storePort{r}, vaultPort{r}, objectsPort{r}, applePort{r}, randomness{r}, slog.New(logbook{r})
	queue := func(name string) queuePort { return queuePort{r, name} }
	in, err1 := intake.New(intake.Config{Store: store, Objects: objects, Vault: vault, Apple: apple, Queue: queue("intake"), Now: r.now("intake"), Logger: log})
	v, err2 := validate.New(validate.Config{Store: store, Vault: vault, Apple: apple, Now: r.now("validate"), Canary: canary, Logger: log})
	c, err3 := certificates.New(certificates.Config{Store: store, Vault: vault, Apple: apple, Now: r.now("certificates"), Logger: log})
	s, err4 := sweep.New(sweep.Config{
		Store: store, Vault: vault, Objects: objects, Checks: queue("validate"), Certificates: queue("certificates"), Intake: queue("intake"),
		DeadLetters: lettersPort{r}, Now: r.now("sweep"), Canary: canary, Random: random, Logger: log,
	})
	n, err5 := notify.New(notify.Config{
		Store: store, Mailer: mailPort{r}, Vendor: "Vendor", Sender: "keys@vendor.example", SupportAddress: support,
		PublicURL: publicURL, Now: r.now("notify"), Random: random, Logger: log,
	})
	f, err6 := feedback.New(feedback.Config{Store: store, Now: r.now("feedback"), Logger: log})
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return handlers{}, err
	}
	return handlers{
		queues: map[string]queueHandler{
			"intake": intake.Handler(in), "validate": validate.Handler(v), "certificates": certificates.Handler(c), "feedback": feedback.Handler(f),
		},
		stream: notify.Handler(n), sweep: sweep.Handler(s),
	}, nil
}

// A logbook swallows the services' logs, but for panics that they survived.
type logbook struct{ rig *Rig }

func (logbook) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

func (b logbook) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if p, ok := a.Value.Any().(*panics.Error); ok {
			b.rig.world.fail("no-panic", p.Error())
		}
		return true
	})
	return nil
}

func (b logbook) WithAttrs([]slog.Attr) slog.Handler { return b }
func (b logbook) WithGroup(string) slog.Handler      { return b }

// anybody is a limiter that lets everybody through: limits are no part of
// what is simulated, and would carry over from one world to the next.
type anybody struct{}

func (anybody) Allow(string, portal.Rate) bool { return true }

func (r *Rig) web() error {
	p, err := portal.New(portal.Config{
		Vendor: portal.Vendor{Name: "Vendor", SupportAddress: support}, Store: storePort{r}, Forms: objectsPort{r},
		PublicURL: publicURL, Now: r.now("portal"), Random: randomness{r}, Log: slog.New(logbook{r}), Limiter: anybody{},
	})
	if err != nil {
		return err
	}
	o, err := operator.New(operator.Config{
		Store: storePort{r}, Vault: vaultPort{r}, Now: r.now("operator"), Random: randomness{r}, Logger: slog.New(logbook{r}),
		Roles:  map[string]operator.Role{supportARN: operator.Support, buildARN: operator.Automation},
		Caller: func(r *http.Request) string { return r.Header.Get(callerHeader) },
	})
	if err != nil {
		return err
	}
	r.portal, r.operator = p.Handler(), o.Handler()
	return nil
}
