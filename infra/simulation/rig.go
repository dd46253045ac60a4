package simulation

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"keyward/pkg/app"
	"keyward/pkg/integration"
	"keyward/pkg/operator"
	"keyward/pkg/panics"
	"keyward/pkg/portal"
)

var errSilent = errors.New("no conclusive answer")

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
	queues map[string]app.QueueHandler
	stream app.StreamHandler
	sweep  app.ScheduleHandler
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

// ports are those of one function, with its clock.
func (r *Rig) ports(fn string) app.Ports {
	return app.Ports{
		Store: storePort{r}, Vault: vaultPort{r}, Objects: objectsPort{r}, Forms: objectsPort{r}, Apple: applePort{r}, Mailer: mailPort{r},
		Queues:      app.Queues{Intake: queuePort{r, "intake"}, Validate: queuePort{r, "validate"}, Certificates: queuePort{r, "certificates"}},
		DeadLetters: lettersPort{r}, Now: r.now(fn), Random: randomness{r}, Logger: slog.New(logbook{r}),
	}
}

// settings are the same for all seeds, but for the canary.
func settings(canary integration.ID) app.Settings {
	return app.Settings{
		Vendor:    app.Vendor{Name: "Vendor", Sender: "keys@vendor.example", Support: support},
		PublicURL: publicURL, Limiter: anybody{},
		Roles:  map[string]operator.Role{supportARN: operator.Support, buildARN: operator.Automation},
		Caller: func(r *http.Request) string { return r.Header.Get(callerHeader) },
		Canary: canary, Levels: levels(),
	}
}

func (r *Rig) functions(canary integration.ID) (handlers, error) {
	with := settings(canary)
	in, err1 := app.Intake(r.ports("intake"), with)
	v, err2 := app.Validate(r.ports("validate"), with)
	c, err3 := app.Certificates(r.ports("certificates"), with)
	s, err4 := app.Sweep(r.ports("sweep"), with)
	n, err5 := app.Notify(r.ports("notify"), with)
	f, err6 := app.Feedback(r.ports("feedback"), with)
	queues := map[string]app.QueueHandler{"intake": in, "validate": v, "certificates": c, "feedback": f}
	return handlers{queues: queues, stream: n, sweep: s}, errors.Join(err1, err2, err3, err4, err5, err6)
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
	var err1, err2 error
	r.portal, err1 = app.Portal(r.ports("portal"), settings(""))
	r.operator, err2 = app.Operator(r.ports("operator"), settings(""))
	return errors.Join(err1, err2)
}
