package simulation

import (
	"fmt"
	"hash/fnv"
	"time"
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
	at              time.Time
	who, what, more string
}

func (e event) String() string {
	return fmt.Sprintf("%s %-22s %-22s %s", e.at.UTC().Format("01-02 15:04:05.000"), e.who, e.what, e.more)
}

func (j *journal) add(e event) {
	j.ring[j.n%kept] = e
	j.n++
	h := fnv.New64a()
	fmt.Fprintf(h, "%x %x ", j.sum, e.at.UnixNano())
	for _, s := range []string{e.who, e.what, e.more} {
		h.Write([]byte(s))
	}
	j.sum = h.Sum64()
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
func (w *World) note(who, what, more string) {
	w.journal.add(event{at: w.now(), who: who, what: what, more: more})
	if w.rig.trace != nil {
		fmt.Fprintln(w.rig.trace, event{at: w.now(), who: who, what: what, more: more})
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
