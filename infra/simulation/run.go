package simulation

import (
	"container/heap"
	"math/rand/v2"
	"time"

	"keyward/pkg/embedded"
)

// A Result is what came of one seed.
type Result struct {
	Seed    uint64
	Failure *Failure // nil: all invariants held
	Sum     uint64   // of all events: the same seed gives the same
	Events  int
	Days    float64 // virtual days, times integrations
}

// Seed runs one world from its beginning to its quiescence.
func (r *Rig) Seed(seed uint64, tally *Tally) (Result, error) {
	w, err := r.newWorld(seed, tally)
	if err != nil {
		return Result{}, err
	}
	defer w.db.Close()
	w.connect()
	w.plan()
	w.run()
	if w.failure == nil {
		w.truth.atQuiescence()
	}
	tally.add(w)
	return Result{
		Seed: seed, Failure: w.failure, Sum: w.journal.sum, Events: w.journal.n,
		Days: w.end.Sub(w.from).Hours() / 24 * float64(len(w.customers)),
	}, nil
}

func (r *Rig) newWorld(seed uint64, tally *Tally) (*World, error) {
	var key [32]byte
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	w := &World{
		seed: seed, rig: r, dice: rand.New(rand.NewPCG(seed, 0)), more: rand.New(rand.NewPCG(seed, 1)), extra: rand.New(rand.NewPCG(seed, 2)), random: rand.NewChaCha8(key), from: epoch,
		back: make(chan struct{}), tasks: map[*task]struct{}{}, answers: map[string]memory{}, tally: tally,
		queues: map[string]*embedded.Queue{}, swept: epoch,
	}
	w.clock.now, w.clock.skew, w.clock.read = epoch, map[string]time.Duration{}, map[string]time.Time{}
	r.world = w
	w.apple = &Apple{rig: r, keys: map[string]*appleKey{}}
	w.truth = newTruth(w)
	w.post = &post{w: w}
	return w, w.open()
}

func (w *World) open() error {
	db, err := embedded.Open(embedded.Config{
		Path: embedded.Memory, Now: func() time.Time { return w.now() }, Random: w.random, Hooks: embedded.Hooks{Twist: w.twist},
	})
	if err != nil {
		return err
	}
	w.db, w.store, w.vault = db, db.Store(), db.Vault()
	for _, name := range queueNames {
		w.queues[name] = db.Queue(name, embedded.QueueConfig{Visibility: 6 * queueLimit, MaxReceives: 5, DeadLetter: "dead"})
	}
	w.dead = db.Queue("dead", embedded.QueueConfig{})
	w.objects, err = db.Objects(embedded.ObjectsConfig{URL: uploadsURL, Events: w.queues["intake"]})
	return err
}

// twist takes the liberties that queues have.
func (w *World) twist(op string) bool {
	if w.still() {
		return false
	}
	take := func(p float64, f fault) bool {
		if !w.chance(p) {
			return false
		}
		w.strike(f)
		return true
	}
	switch {
	case suffix(op, ":duplicate"):
		return take(w.weather.twice, duplicate)
	case suffix(op, ":reorder"):
		return take(w.weather.reorder, reordered)
	case suffix(op, ":late"):
		return take(w.weather.late, late)
	case suffix(op, ":newer") && w.version == newerVersion:
		w.tally.Injected[newRow]++
		return true
	}
	return false
}

func suffix(s, end string) bool { return len(s) >= len(end) && s[len(s)-len(end):] == end }

// maxSteps ends a world that would go on for ever.
const maxSteps = 400_000

// run moves the world until its end, one thing at a time: whatever is due
// first, be it on the agenda or at a source of work.
func (w *World) run() {
	for w.failure == nil {
		if w.steps++; w.steps > maxSteps {
			w.fail("comes-to-rest", "the world goes on and on")
			return
		}
		at, do := w.first()
		if at.After(w.end) && len(w.tasks) == 0 {
			return
		}
		w.clock.moveTo(at)
		do()
	}
}

// first is what comes next.
func (w *World) first() (time.Time, func()) {
	now := w.now()
	at, do := w.end.Add(time.Nanosecond), func() {}
	if len(w.agenda) > 0 {
		at, do = w.agenda[0].at, w.next
	}
	for _, s := range w.sources {
		if t := s.at(now); !t.IsZero() && (t.Before(at) || t.Equal(at) && w.chance(.5)) {
			at, do = t, s.take
		}
	}
	return at, do
}

func (w *World) next() { heap.Pop(&w.agenda).(entry).do() }
