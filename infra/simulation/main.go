package simulation

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"
)

// Options say what Main runs.
type Options struct {
	Seed    uint64 // may: this one alone, with all its events; 0: many
	From    uint64 // the first of many
	Seeds   int
	Workers int
	Most    int // may: failing seeds that end the run; default 3
}

// Main runs seeds and reports. It tells whether all invariants held.
func Main(o Options, out io.Writer) (bool, error) {
	if o.Seed != 0 {
		return one(o.Seed, out)
	}
	s, err := runSeeds(o)
	if err != nil {
		return false, err
	}
	s.print(out)
	return len(s.failures) == 0, nil
}

// runSeeds runs the seeds, a share of them on each worker.
func runSeeds(o Options) (*sweepstake, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // worlds are small and short
	began := time.Now()
	s := &sweepstake{from: o.From, next: o.From, end: o.From + uint64(o.Seeds), total: NewTally(), most: cmp.Or(o.Most, 3)}
	errs := make([]error, o.Workers)
	var workers sync.WaitGroup
	for i := range o.Workers {
		workers.Go(func() { errs[i] = s.work() })
	}
	workers.Wait()
	s.took = time.Since(began)
	return s, errors.Join(errs...)
}

// print writes what came of all seeds.
func (s *sweepstake) print(out io.Writer) {
	s.total.Print(out)
	took := s.took
	fmt.Fprintf(out, "%d seeds from %d in %s (%.0f a minute), %.0f virtual integration-days, %d events\n",
		s.ran, s.from, took.Round(time.Millisecond), float64(s.ran)/took.Minutes(), s.days, s.events)
	fmt.Fprintf(out, "checksum of the journals: %016x\n", s.sum)
	for _, f := range s.failures {
		f.Print(out)
	}
}

// A sweepstake hands out seeds to workers and gathers what came of them.
type sweepstake struct {
	mu        sync.Mutex
	from      uint64
	next, end uint64
	took      time.Duration
	total     *Tally
	most      int
	failures  []*Failure
	ran       int
	events    int
	days      float64
	sum       uint64 // of the journals, whichever seed ends first
}

func (s *sweepstake) draw() (uint64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next >= s.end || len(s.failures) >= s.most {
		return 0, false
	}
	s.next++
	return s.next - 1, true
}

func (s *sweepstake) work() error {
	rig, err := NewRig()
	if err != nil {
		return err
	}
	tally := NewTally()
	for seed, more := s.draw(); more; seed, more = s.draw() {
		r, err := rig.Seed(seed, tally)
		if err != nil {
			return err
		}
		s.note(r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total.Merge(tally)
	return nil
}

func (s *sweepstake) note(r Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ran++
	s.events += r.Events
	s.days += r.Days
	s.sum += r.Sum
	if r.Failure != nil {
		s.failures = append(s.failures, r.Failure)
	}
}

// one runs a seed twice: once to show it, and once more to see that it is the
// same.
func one(seed uint64, out io.Writer) (bool, error) {
	rig, err := NewRig()
	if err != nil {
		return false, err
	}
	rig.trace = out
	first, err := rig.Seed(seed, NewTally())
	if err != nil {
		return false, err
	}
	rig.trace = nil
	second, err := rig.Seed(seed, NewTally())
	if err != nil {
		return false, err
	}
	if first.Sum != second.Sum {
		return false, fmt.Errorf("seed %d came out differently the second time", seed)
	}
	if first.Failure != nil {
		first.Failure.Print(out)
		return false, nil
	}
	fmt.Fprintf(out, "seed %d: all invariants held, %d events, sum %016x\n", seed, first.Events, first.Sum)
	return true, nil
}

// Print says what did not hold, when, and what came before it.
func (f *Failure) Print(out io.Writer) {
	fmt.Fprintf(out, "\nSEED %d: %s does not hold: %s\n  at %s; the last events were:\n", f.Seed, f.Invariant, f.What, f.At.Format(time.RFC3339))
	for _, e := range f.Events {
		fmt.Fprintln(out, "   ", e)
	}
	fmt.Fprintf(out, "  again: make simulate SEED=%d\n", f.Seed)
}
