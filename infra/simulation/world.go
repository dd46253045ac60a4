package simulation

import (
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/table"
)

// A World is one seed's universe: a clock, Keyward's state, Apple, people and
// faults. Nothing in it depends on anything but the seed.
type World struct {
	seed    uint64
	dice    *rand.Rand
	more    *rand.Rand // for what came later: it leaves the stories of most seeds as they were
	extra   *rand.Rand // for what came later still
	tempo   tempo
	random  io.Reader // for IDs and tokens, apart from the dice
	clock   clock
	from    time.Time // when the world began
	calm    time.Time // from when on there are no faults
	asleep  span      // when the schedule of the sweep does not run
	sleepy  bool      // it stops once, when somebody has become suspect
	end     time.Time
	agenda  agenda
	back    chan struct{} // an element: a task hands back
	tasks   map[*task]struct{}
	started int
	climate int // which of the climates
	weather weather
	struck  []time.Time       // when faults struck
	answers map[string]memory // of indexes, for stale reads
	version rowVersion
	swept   time.Time // when the sweep ran last
	marked  bool      // a mark was set since

	streamed bool // the stream may hold something

	dueAt    time.Time // of the first due work
	dueKnown bool      // nothing was written since

	rig     *Rig
	db      *embedded.DB
	store   *table.Store
	vault   *embedded.Vault
	objects *embedded.Objects
	queues  map[string]*embedded.Queue
	dead    *embedded.Queue
	sources []*source

	apple     *Apple
	post      *post
	customers []*customer
	canary    integration.ID
	truth     *truth
	journal   journal
	tally     *Tally
	failure   *Failure
	steps     int
}

// epoch is when every world begins: a Monday.
var epoch = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// ctx is for the world's own looks at the state.
func ctx() context.Context { return context.Background() }

// chance tells whether something of that probability happens now.
func (w *World) chance(p float64) bool { return p > 0 && w.dice.Float64() < p }

// between is a random duration from a to b.
func (w *World) between(a, b time.Duration) time.Duration {
	if b <= a {
		return a
	}
	return a + time.Duration(w.dice.Int64N(int64(b-a)))
}

// A clock is the world's time, and how far each function's is off. Only the
// partitions of a sweep ever read it at once.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	skew map[string]time.Duration
	read map[string]time.Time // the latest time that each function has read
}

// of is the time as the function sees it.
func (c *clock) of(fn string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now.Add(c.skew[fn])
}

// ask is of, for the function itself.
func (c *clock) ask(fn string) time.Time {
	at := c.of(fn)
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.read[fn]) {
		c.read[fn] = at
	}
	return at
}

// latest is the time as the function may believe it to be: its clock may have
// been put back since it looked.
func (c *clock) latest(fn string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return later(c.now.Add(c.skew[fn]), c.read[fn])
}

func (c *clock) moveTo(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.now) {
		c.now = at
	}
}

func (c *clock) setSkew(fn string, by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skew[fn] = by
}

// ahead is how far the function's clock is ahead.
func (c *clock) ahead(fn string) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.skew[fn]
}

// now is the true time.
func (w *World) now() time.Time { return w.clock.of("") }

// under are the tasks under way, in the order in which they began.
func (w *World) under() []*task {
	all := make([]*task, 0, len(w.tasks))
	for t := range w.tasks {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *task) int { return a.n - b.n })
	return all
}

// fail notes the first invariant that does not hold; the world ends with it.
func (w *World) fail(invariant, what string) {
	if w.failure == nil {
		w.note("FAILED", invariant, what)
		w.failure = &Failure{Seed: w.seed, Invariant: invariant, What: what, At: w.now(), Events: w.journal.last()}
	}
}
