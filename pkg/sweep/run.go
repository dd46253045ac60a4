package sweep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"keyward/pkg/integration"
	"keyward/pkg/panics"
)

const (
	pageSize    = 100 // lines of the index that are read at once
	leftBehind  = 15 * time.Minute
	maxObjects  = 200
	maxLetters  = 100
	maxRedrives = 3
)

// Run looks at everything once. Its error joins those of single pieces of
// work, which never keep it from the others: what failed is due again with the
// next run. Two runs at once do no harm.
func (s *Service) Run(ctx context.Context) (Result, error) {
	var t tally
	work, cancel := s.inTime(ctx)
	defer cancel()
	fleet, err := s.fleet(work)
	errs := []error{err, s.objects(work, &t), s.letters(work, &t), s.shards(work, fleet, &t)}
	if work.Err() != nil {
		t.add(func(r *Result) { r.Unfinished = true })
	}
	r := t.result()
	s.Logger.InfoContext(ctx, "swept", "counts", r, "hold", fleet.Hold, "wave", fleet.Wave, "silent", fleet.Silent)
	s.Heartbeat(ctx, r)
	if err := errors.Join(errs...); err != nil {
		return r, fmt.Errorf("sweeping: %w", err)
	}
	return r, nil
}

// inTime ends the work a margin before the context ends, or at half of its
// time where that is little.
func (s *Service) inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	left := time.Until(end)
	return context.WithTimeout(ctx, max(left-s.Margin, left/2))
}

// shards looks at the due work, all partitions at once, each one line after
// the other.
func (s *Service) shards(ctx context.Context, fleet integration.FleetView, t *tally) error {
	errs := make([]error, integration.Shards)
	var g errgroup.Group
	for n := range integration.Shards {
		g.Go(func() error {
			errs[n] = s.shard(ctx, n, fleet, t)
			return nil
		})
	}
	_ = g.Wait()
	return errors.Join(errs...)
}

// shard reads pages of due work until nothing new comes. The index may lag, so
// that what was just done can show up once more.
func (s *Service) shard(ctx context.Context, n int, fleet integration.FleetView, t *tally) error {
	type line struct {
		id     integration.ID
		dedupe string
	}
	seen := map[line]bool{}
	var errs []error
	for {
		if ctx.Err() != nil {
			return errors.Join(errs...) // out of time: the next run goes on
		}
		page, err := s.Store.Due(ctx, n, s.Now(), len(seen)+pageSize)
		if err != nil {
			return errors.Join(append(errs, fmt.Errorf("reading due work: %w", err))...)
		}
		fresh := false
		for _, d := range page {
			l := line{d.Integration, d.Dedupe}
			if seen[l] || ctx.Err() != nil {
				continue
			}
			seen[l], fresh = true, true
			if err := panics.Catch(func() error { return s.one(ctx, d, fleet, t) }); err != nil {
				if p := (*panics.Error)(nil); errors.As(err, &p) {
					s.Logger.ErrorContext(ctx, "panic in a handler", "integration", d.Integration, "error", p)
				}
				t.add(func(r *Result) { r.Failed++ })
				errs = append(errs, fmt.Errorf("%s: %w", d.Integration, err))
			}
		}
		if !fresh {
			return errors.Join(errs...)
		}
	}
}

// one looks at one line of the index.
func (s *Service) one(ctx context.Context, d integration.Due, fleet integration.FleetView, t *tally) error {
	if d.Dedupe != "" {
		return s.notice(ctx, d, t)
	}
	it, err := s.Store.Integration(ctx, d.Integration)
	if errors.Is(err, integration.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("loading integration: %w", err)
	}
	tasks := plan(it, s.Now())
	if len(tasks) == 0 {
		t.add(func(r *Result) { r.Skipped++ })
	}
	var errs []error
	for i, k := range tasks {
		c := &current{it: it, fresh: i == 0}
		errs = append(errs, s.do(ctx, k, c, fleet, t))
	}
	return errors.Join(errs...)
}

func (s *Service) do(ctx context.Context, k task, c *current, fleet integration.FleetView, t *tally) error {
	switch k {
	case empty:
		return s.empty(ctx, c, t)
	case check:
		return s.leaseCheck(ctx, c, t)
	case listing:
		return s.leaseListing(ctx, c, t)
	}
	t.add(func(r *Result) { r.Ticks++ })
	_, err := s.decide(ctx, c, k, func(integration.Integration) integration.Event { return integration.Tick{Fleet: fleet} })
	return err
}
