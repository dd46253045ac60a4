package embedded

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"

	"keyward/pkg/integration"
)

var (
	// ErrLost is an answer that got lost: whether the call was done is open.
	ErrLost = errors.New("no answer in time")
	// ErrUnavailable is a service that is down: the call was not done.
	ErrUnavailable = errors.New("service unavailable")
)

// A Trouble is how badly the ports behave: the chances, from 0 to 1, that a
// call meets each of the things that AWS's documentation allows. The zero
// value is no trouble. One seed gives one sequence of troubles, provided that
// the calls come in one sequence.
type Trouble struct {
	Seed        uint64
	Throttled   float64 // any call: ErrThrottled, and it was not done
	Unavailable float64 // calls of the vault and the object store: ErrUnavailable, not done
	Cancelled   float64 // commits: ErrConflict, although nobody else wrote
	Lost        float64 // calls that write, mail included: done, and answered with ErrLost
	Stale       float64 // reads of indexes and lists: answered from up to 5 s ago; temporary files only
	Duplicated  float64 // receives: the messages come again at once
	Reordered   float64 // receives: the newest first
	Late        float64 // sends: 20 s later than asked
}

// Hooks makes the trouble. Every call of Hooks begins the sequence anew.
func (t Trouble) Hooks() Hooks {
	d := &dice{random: rand.New(rand.NewPCG(t.Seed, 0))}
	return Hooks{
		Before: func(op string) error { return t.before(d, op) },
		After: func(op string) error {
			if writes(op) && d.roll(t.Lost) {
				return ErrLost
			}
			return nil
		},
		Twist: func(op string) bool { return d.roll(t.liberty(op)) },
	}
}

func (t Trouble) before(d *dice, op string) error {
	switch {
	case d.roll(t.Throttled):
		return integration.ErrThrottled
	case (strings.HasPrefix(op, "vault.") || strings.HasPrefix(op, "objects.")) && d.roll(t.Unavailable):
		return ErrUnavailable
	case (op == "store.Commit" || op == "store.SetFleet") && d.roll(t.Cancelled):
		return integration.ErrConflict
	}
	return nil
}

func (t Trouble) liberty(op string) float64 {
	switch _, what, _ := strings.Cut(op, ":"); what {
	case "stale":
		return t.Stale
	case "duplicate":
		return t.Duplicated
	case "reorder":
		return t.Reordered
	case "late":
		return t.Late
	}
	return 0
}

// writes tells whether an operation changes anything. A receive does not
// count: whose answer is lost comes again anyway.
func writes(op string) bool {
	switch op[strings.LastIndex(op, ".")+1:] {
	case "Commit", "SetFleet", "Mark", "Unmark", "Put", "Delete", "Post", "Send", "Trim":
		return true
	}
	return false
}

// dice are shared by all calls.
type dice struct {
	mu     sync.Mutex
	random *rand.Rand
}

func (d *dice) roll(chance float64) bool {
	if chance <= 0 {
		return false // without drawing, so that one trouble does not move another
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.random.Float64() < chance
}
