// Package local runs the whole of Keyward in one process: the eight handlers
// on embedded adapters, wired as template.yaml wires them in AWS.
//
//	browser ──▶ Portal, Operator (function URLs) ──▶ events ──▶ handlers
//	Uploads ──▶ Object Created ──▶ queue intake ──▶ handler intake
//	Run, once a minute ──▶ handler sweep ──▶ queues validate, certificates ──▶ handlers
//	store's stream ──▶ handler notify ──▶ inbox ──Bounce──▶ queue feedback ──▶ handler feedback
//
// Every arrow into a handler is the JSON that Lambda would hand over. A Host
// lives either by the wall clock (Run), or as far as it is told (Advance).
package local

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect"
	"keyward/pkg/correlation"
	"keyward/pkg/embedded"
	"keyward/pkg/table"
)

// Config says what a Host works with.
type Config struct {
	Path       string         // may: the bbolt file; default: in memory, gone after Close
	Clock      *Clock         // must
	Vendor     app.Vendor     // must
	Apple      Apple          // must
	PortalURL  string         // must: the portal's origin
	UploadsURL string         // must: where Uploads is served
	ConsoleURL string         // may: shown in mails to support
	Random     io.Reader      // may: default crypto/rand.Reader
	Logger     *slog.Logger   // may: default slog.Default()
	Hooks      embedded.Hooks // may: trouble for the adapters
	Canary     string         // may: the ID of the integration that holds the vendor's own key
}

// Apple says where App Store Connect is. The zero value is Apple's own.
type Apple struct {
	URL, EnterpriseURL string
	HTTP               *http.Client // may: lends its transport
}

// A Host is everything in one process.
type Host struct {
	cfg      Config
	db       *embedded.DB
	queues   map[string]*embedded.Queue
	dead     *embedded.Queue
	objects  *embedded.Objects
	sweep    Function
	sources  []source
	notices  *StreamMapping
	portal   FunctionURL
	operator FunctionURL
	callers  callers
	turning  sync.Mutex // one sweep or leap at a time
}

// The queues, and how long their functions may take. A queue hides a message
// for six times as long, as AWS recommends.
var timeouts = map[string]time.Duration{
	"intake": 60 * time.Second, "validate": 60 * time.Second, "certificates": 60 * time.Second, "feedback": 30 * time.Second,
}

const (
	deadLetters  = "dead-letters"
	maxReceives  = 5
	httpTimeout  = 30 * time.Second
	sweepTimeout = 55 * time.Second
	mailTimeout  = 60 * time.Second
	sweepEvery   = time.Minute
	queueBatch   = 10
	streamBatch  = 25
	streamTries  = 3         // after which a record is passed over: the sweep finds the notice again by its due time
	streamAge    = time.Hour // the same
)

// New opens the file and wires everything. Nothing runs yet. ErrLocked of
// package embedded: another process uses the file.
func New(cfg Config) (*Host, error) {
	if cfg.Clock == nil || cfg.Vendor.Name == "" || cfg.Vendor.Support == "" || cfg.Vendor.Sender == "" || cfg.PortalURL == "" || cfg.UploadsURL == "" {
		return nil, errors.New("local: Config needs Clock, Vendor, PortalURL and UploadsURL")
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	cfg.Logger = slog.New(correlation.Handler{Handler: cfg.Logger.Handler()})
	db, err := embedded.Open(embedded.Config{Path: cfg.Path, Now: cfg.Clock.Now, Random: cfg.Random, Hooks: cfg.Hooks})
	if err != nil {
		return nil, err
	}
	h := &Host{cfg: cfg, db: db, queues: map[string]*embedded.Queue{}}
	if err := h.wire(); err != nil {
		db.Close()
		return nil, err
	}
	return h, nil
}

func (h *Host) wire() error {
	for name, timeout := range timeouts {
		h.queues[name] = h.db.Queue(name, embedded.QueueConfig{Visibility: 6 * timeout, MaxReceives: maxReceives, DeadLetter: deadLetters})
	}
	h.dead = h.db.Queue(deadLetters, embedded.QueueConfig{})
	objects, err := h.db.Objects(embedded.ObjectsConfig{URL: h.cfg.UploadsURL, Events: h.queues["intake"]})
	if err != nil {
		return err
	}
	h.objects = objects
	apple := appstoreconnect.New(appstoreconnect.Config{
		BaseURL: h.cfg.Apple.URL, EnterpriseURL: h.cfg.Apple.EnterpriseURL, HTTPClient: h.cfg.Apple.HTTP, Now: h.cfg.Clock.Now,
	})
	h.callers = newCallers(h.cfg.Random)
	return h.functions(apple)
}

// Close lets go of the file.
func (h *Host) Close() error { return h.db.Close() }

// Portal is what customers open.
func (h *Host) Portal() http.Handler { return h.portal }

// Operator is the API of support, automation and export; see Credentials.
func (h *Host) Operator() http.Handler { return h.operator }

// Uploads is where the portal's forms post files to.
func (h *Host) Uploads() http.Handler { return h.objects }

// Inbox has all mails.
func (h *Host) Inbox() *embedded.Inbox { return h.db.Inbox() }

// Store is the table, for tests and for a look behind the scenes.
func (h *Host) Store() *table.Store { return h.db.Store() }

// Vault is where the keys are, for tests.
func (h *Host) Vault() *embedded.Vault { return h.db.Vault() }

// Objects is the upload bucket, for tests.
func (h *Host) Objects() *embedded.Objects { return h.objects }

// Bounce delivers SES's event about a mail that did not arrive.
func (h *Host) Bounce(ctx context.Context, mailID string) error {
	m, err := h.Inbox().Get(ctx, mailID)
	if err != nil {
		return err
	}
	return h.queues["feedback"].Send(ctx, bounceEvent(m, h.cfg.Clock.Now()), 0)
}

// Sweep runs the sweep once, as the scheduler would.
func (h *Host) Sweep(ctx context.Context) error {
	payload, err := json.Marshal(map[string]string{"scheduled_at": h.cfg.Clock.Now().UTC().Format(time.RFC3339)})
	if err != nil {
		return err
	}
	_, err = h.sweep.Invoke(ctx, payload)
	return err
}

// Settle moves batches until nothing is left that can be moved now.
func (h *Host) Settle(ctx context.Context) error {
	for {
		moved := false
		for _, p := range h.sources {
			for {
				m, err := p.Step(ctx)
				if err != nil {
					return fmt.Errorf("moving from %s: %w", p.Name(), err)
				}
				if !m {
					break
				}
				moved = true
			}
		}
		if !moved {
			return ctx.Err()
		}
	}
}

// Advance lets time pass: it moves the clock from one thing that is due to the
// next, and lets everything happen that would have happened meanwhile.
func (h *Host) Advance(ctx context.Context, d time.Duration) error {
	h.turning.Lock()
	defer h.turning.Unlock()
	end := h.cfg.Clock.Now().Add(d)
	for {
		if err := h.turn(ctx); err != nil {
			return err
		}
		next, err := h.next()
		if err != nil {
			return err
		}
		if next.IsZero() || next.After(end) {
			break
		}
		h.cfg.Clock.MoveTo(next)
		if err := h.keepClock(ctx); err != nil {
			return err
		}
	}
	h.cfg.Clock.MoveTo(end)
	if err := h.turn(ctx); err != nil {
		return err
	}
	return h.keepClock(ctx)
}

func (h *Host) turn(ctx context.Context) error {
	if err := h.Settle(ctx); err != nil {
		return err
	}
	if err := h.Sweep(ctx); err != nil {
		return err
	}
	return h.Settle(ctx)
}

// next is when something is due; at the earliest with the next sweep. Dead
// letters do not count: they lie there until somebody looks.
func (h *Host) next() (time.Time, error) {
	next, err := h.db.NextDue()
	for _, q := range h.queues {
		at, err2 := q.NextVisibleAt()
		err = errors.Join(err, err2)
		if next.IsZero() || (!at.IsZero() && at.Before(next)) {
			next = at
		}
	}
	if again := h.notices.Next(); next.IsZero() || (!again.IsZero() && again.Before(next)) {
		next = again
	}
	if err != nil || next.IsZero() {
		return time.Time{}, err
	}
	if soonest := h.cfg.Clock.Now().Add(sweepEvery); next.Before(soonest) {
		next = soonest
	}
	return next, nil
}

// Run lives by the clock until the context ends: it sweeps every minute, and
// takes what arrives to the functions at once.
func (h *Host) Run(ctx context.Context) error {
	var running sync.WaitGroup
	for _, p := range h.sources {
		running.Go(func() { h.drive(ctx, p) })
	}
	for tick := time.NewTicker(sweepEvery); ctx.Err() == nil; {
		h.turning.Lock()
		if err := h.Sweep(ctx); err != nil && ctx.Err() == nil {
			h.cfg.Logger.ErrorContext(ctx, "sweep failed", "error", err)
		}
		h.turning.Unlock()
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
		}
	}
	running.Wait()
	return nil
}

// idle is how long a source rests that was not woken: what was hidden may have
// become visible.
const idle = 250 * time.Millisecond

func (h *Host) drive(ctx context.Context, p source) {
	for ctx.Err() == nil {
		moved, err := p.Step(ctx)
		if err != nil && ctx.Err() == nil {
			h.cfg.Logger.ErrorContext(ctx, "event source failed", "source", p.Name(), "error", err)
		}
		if moved && err == nil {
			continue
		}
		select {
		case <-p.wake:
		case <-time.After(idle):
		case <-ctx.Done():
		}
	}
}
