package main

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// inFlight is how many checks are under way at once in the second half: as
// many as validate does of one batch.
const inFlight = 64

// A side is one of the two that are compared. Ready and proof are not
// measured; either may be nil.
type side struct {
	ready func(ctx context.Context, n int) error // gets n checks ready
	check func(ctx context.Context, i int) error // does the i-th of them
	proof func(ctx context.Context, n int) error // tells whether all were done
}

// A round is what n checks of one side took.
type round struct {
	checks      int
	took        time.Duration
	cpu         time.Duration // of this process
	appleCPU    time.Duration // of the simulator's
	appleCalls  int
	allocations uint64
	allocated   uint64 // bytes
	middle      time.Duration
	slow        time.Duration // 99 of 100 checks take less
}

// play measures one round.
func (r *rig) play(ctx context.Context, s side, n, flight int) (round, error) {
	if s.ready != nil {
		if err := s.ready(ctx, n); err != nil {
			return round{}, err
		}
	}
	runtime.GC()
	before, err := r.meter()
	if err != nil {
		return round{}, err
	}
	start, cpu := time.Now(), cpuTime()
	took, err := together(ctx, n, flight, s.check)
	if err != nil {
		return round{}, err
	}
	one := round{checks: n, took: time.Since(start), cpu: cpuTime() - cpu}
	after, err := r.meter()
	if err != nil {
		return round{}, err
	}
	one.fill(before, after, took)
	if s.proof != nil {
		err = s.proof(ctx, n)
	}
	return one, err
}

// together does n checks, so many at once, and says how long each took.
func together(ctx context.Context, n, flight int, check func(context.Context, int) error) ([]time.Duration, error) {
	took := make([]time.Duration, n)
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range flight {
		g.Go(func() error {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				start := time.Now()
				if err := check(ctx, i); err != nil {
					return err
				}
				took[i] = time.Since(start)
			}
			return nil
		})
	}
	return took, g.Wait()
}

// A reading is what had been used by a moment.
type reading struct {
	apple  usage
	memory runtime.MemStats
}

func (r *rig) meter() (m reading, err error) {
	m.apple, err = r.apple.usage()
	runtime.ReadMemStats(&m.memory)
	return m, err
}

func (o *round) fill(before, after reading, took []time.Duration) {
	slices.Sort(took)
	o.middle, o.slow = took[len(took)/2], took[len(took)*99/100]
	o.appleCPU, o.appleCalls = after.apple.CPU-before.apple.CPU, after.apple.Calls-before.apple.Calls
	o.allocations = after.memory.Mallocs - before.memory.Mallocs
	o.allocated = after.memory.TotalAlloc - before.memory.TotalAlloc
}
