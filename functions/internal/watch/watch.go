// Package watch looks over the sweep's shoulder, and makes metrics of what it
// sees: the adapters that the sweep works with pass through here. A run ends
// with Heartbeat, which begins the next one's counts.
package watch

import (
	"context"
	"sync"
	"time"

	"keyward/functions/internal/boot"
	"keyward/pkg/app"
	"keyward/pkg/integration"
	"keyward/pkg/sweep"
)

// Config is what a Watch looks at.
type Config struct {
	Store   app.Store        // must
	Objects app.Objects      // must
	Metrics boot.Metrics     // must
	Now     func() time.Time // must
}

// A Watch counts during one run of the sweep.
type Watch struct {
	cfg    Config
	mu     sync.Mutex
	oldest time.Time // of what was due when the run came to it; zero: nothing
	fleet  integration.FleetStatus
	old    int // files older than a quarter of an hour
	left   int // those whose verdict is older than that, too
}

// New makes one.
func New(c Config) *Watch { return &Watch{cfg: c} }

// Store is the sweep's, watched.
func (w *Watch) Store() app.Store { return store{w.cfg.Store, w} }

// Objects is the sweep's, watched.
func (w *Watch) Objects() app.Objects { return objects{w.cfg.Objects, w} }

// Heartbeat says that a run has ended, and what it saw.
func (w *Watch) Heartbeat(ctx context.Context, r sweep.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	lag := 0.0 // nothing is due: that is worth a zero, or the alarm would starve
	if !w.oldest.IsZero() {
		lag = max(0, w.cfg.Now().Sub(w.oldest).Seconds())
	}
	count := func(name string, n int) boot.Metric { return boot.Metric{Name: name, Unit: "Count", Value: float64(n)} }
	w.cfg.Metrics.Emit(ctx,
		count("SweepEnded", 1), boot.Metric{Name: "OldestDueSeconds", Unit: "Seconds", Value: lag},
		count("ObjectsLeft", w.left), count("ObjectsOld", w.old),
		count("FleetHold", on(w.fleet.HoldSince)), count("AgreementWave", on(w.fleet.WaveSince)),
		count("ChecksQueued", r.Checks), count("CertificatesQueued", r.Certificates), count("NoticesShownAgain", r.Notices),
		count("SecretsDeleted", r.Emptied), count("DeadLettersStuck", r.Stuck), count("SweepFailures", r.Failed),
	)
	w.oldest, w.fleet, w.old, w.left = time.Time{}, integration.FleetStatus{}, 0, 0
}

func on(since time.Time) int {
	if since.IsZero() {
		return 0
	}
	return 1
}

type store struct {
	app.Store
	w *Watch
}

// Due notes the oldest line: the index is read oldest first. A line that shows
// up again, because the index lags behind the work just done, is as late as it
// was; the alarm takes no notice of single runs.
func (s store) Due(ctx context.Context, shard int, by time.Time, limit int) ([]integration.Due, error) {
	page, err := s.Store.Due(ctx, shard, by, limit)
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if len(page) > 0 && (s.w.oldest.IsZero() || page[0].At.Before(s.w.oldest)) {
		s.w.oldest = page[0].At
	}
	return page, err
}

func (s store) Fleet(ctx context.Context) (integration.FleetStatus, error) {
	f, err := s.Store.Fleet(ctx)
	if err == nil {
		s.w.see(f)
	}
	return f, err
}

func (s store) SetFleet(ctx context.Context, before, after integration.FleetStatus, ns []integration.Notice) error {
	err := s.Store.SetFleet(ctx, before, after, ns)
	if err == nil {
		s.w.see(after)
	}
	return err
}

func (w *Watch) see(f integration.FleetStatus) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fleet = f
}
