package simulation

import (
	"fmt"
	"time"

	"keyward/pkg/integration"
)

// kept is how many events a failure shows.
const kept = 60

// A journal remembers the last events, and the sum of all of them: two runs of
// one seed must come to the same sum.
type journal struct {
	ring [kept]event
	n    int
	sum  uint64
}

type event struct {
	at        time.Time
	who, what string
	more      string
	change    *integration.Change // may be nil
}

func (e event) String() string {
	more := e.more
	if e.change != nil {
		more = describe(*e.change) + more
	}
	return fmt.Sprintf("%s %-22s %-22s %s", e.at.UTC().Format("01-02 15:04:05.000"), e.who, e.what, more)
}

func (j *journal) add(e event) {
	j.ring[j.n%kept] = e
	j.n++
	j.mix(uint64(e.at.UnixNano()))
	j.mixText(e.who)
	j.mixText(e.what)
	j.mixText(e.more)
	if e.change != nil && e.change.Integration.After != nil {
		after := e.change.Integration.After
		j.mixText(string(after.ID))
		j.mix(uint64(after.Version))
		j.mixText(string(after.State))
	}
}

// mix is FNV-1a, eight bytes at a time.
func (j *journal) mix(n uint64) { j.sum = (j.sum ^ n) * 1099511628211 }

func (j *journal) mixText(s string) {
	for i := range len(s) {
		j.sum = (j.sum ^ uint64(s[i])) * 1099511628211
	}
}

// last are the last events, the oldest first.
func (j *journal) last() []string {
	var out []string
	for i := max(0, j.n-kept); i < j.n; i++ {
		out = append(out, j.ring[i%kept].String())
	}
	return out
}

// note writes an event down.
func (w *World) note(who, what, more string) { w.record(who, what, more, nil) }

func (w *World) record(who, what, more string, c *integration.Change) {
	e := event{at: w.now(), who: who, what: what, more: more, change: c}
	w.journal.add(e)
	if w.rig.trace != nil {
		fmt.Fprintln(w.rig.trace, e)
	}
}

// A Failure is an invariant that did not hold.
type Failure struct {
	Seed      uint64
	Invariant string
	What      string
	At        time.Time
	Events    []string // the last ones
}
