package sweep

import (
	"time"

	"keyward/pkg/integration"
)

// A task is one thing that an integration needs now.
type task string

const (
	empty   task = "empty"        // secrets must leave the vault
	check   task = "check"        // Apple must be asked
	listing task = "certificates" // the certificates must be listed
	tick    task = "tick"         // time alone changes something
)

// plan says what the integration needs at the time, in the order in which it
// is to be done.
func plan(it integration.Integration, now time.Time) []task {
	var tasks []task
	if due(it.EmptyAt(), now) {
		tasks = append(tasks, empty)
	}
	if it.Key != nil && due(it.Check.DueAt, now) && !it.Check.Lease.Held(now) {
		tasks = append(tasks, check)
	}
	if it.Key != nil && due(it.Certificates.DueAt, now) && !it.Certificates.Lease.Held(now) {
		tasks = append(tasks, listing)
	}
	if due(it.TickAt(), now) {
		tasks = append(tasks, tick)
	}
	return tasks
}

func due(at, now time.Time) bool { return !at.IsZero() && !at.After(now) }

// A step is what becomes of a notice that has not gone out in time.
type step string

const (
	leave step = ""      // it went out meanwhile, or somebody is at it
	again step = "again" // show it to notify once more
	drop  step = "drop"  // too old: a restored backup must not mail
)

// tooOld is the age beyond which no notice is sent, counted from when it was
// to go out.
const tooOld = 48 * time.Hour

// clocksDiffer is how far the clocks of two functions may be apart: a lease of
// another function's has run out for certain only that much later.
const clocksDiffer = 10 * time.Minute

// chase says what to do with a notice that the index says is due.
func chase(n integration.Notice, now time.Time) step {
	from := n.CreatedAt
	if n.NotBefore.After(from) {
		from = n.NotBefore
	}
	switch {
	case n.Status != integration.Pending && n.Status != integration.Sending, !due(n.DueAt, now):
		return leave
	case n.Status == integration.Sending && n.Lease.Held(now.Add(-clocksDiffer)):
		return leave
	case now.Sub(from) > tooOld:
		return drop
	}
	return again
}

// chased is the notice after the step.
func chased(n integration.Notice, s step, now time.Time) integration.Notice {
	n.Lease = integration.Lease{}
	if s == drop {
		n.Status, n.DueAt = integration.Dropped, time.Time{}
		return n
	}
	n.Status, n.DueAt = integration.Pending, now.Add(integration.NoticeGrace)
	return n
}
