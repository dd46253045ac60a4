package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"keyward/pkg/integration"
)

// maxProved is how many marks of one set are proved in one run.
const maxProved = 50

// fleet evaluates the fleet's status, writes it where it changed, and gives
// the view that Apply needs. After an error it is not known whether there is
// a hold: then there is one, as far as this run is concerned.
func (s *Service) fleet(ctx context.Context) (integration.FleetView, error) {
	var st integration.FleetStatus
	err := integration.Retry(ctx, func() (err error) {
		st, err = s.evaluate(ctx)
		return err
	})
	view := st.View(s.Canary)
	if err != nil {
		view.Hold = true
		err = fmt.Errorf("evaluating the fleet: %w", err)
	}
	return view, err
}

// evaluate is one try of fleet.
func (s *Service) evaluate(ctx context.Context) (integration.FleetStatus, error) {
	st, err := s.Store.Fleet(ctx)
	if err != nil {
		return st, err
	}
	facts, err := s.facts(ctx, st)
	if err != nil {
		return st, err
	}
	next, notices := Evaluate(st, facts)
	if next == st { // every notice goes with a change
		return st, nil
	}
	if err := s.label(ctx, notices); err != nil {
		return st, err
	}
	return next, s.Store.SetFleet(ctx, st, next, notices)
}

// facts gathers what Evaluate needs.
func (s *Service) facts(ctx context.Context, st integration.FleetStatus) (Facts, error) {
	f := Facts{Now: s.Now(), Size: st.Size}
	if f.Now.Sub(st.SizedAt) >= countEvery {
		n, err := s.size(ctx)
		if err != nil {
			return f, err
		}
		f.Size, f.Counted = n, true
	}
	for _, m := range []struct {
		set  integration.MarkSet
		into *[]integration.Mark
	}{{integration.MarkedRejected, &f.Rejected}, {integration.MarkedRecovered, &f.Recovered}, {integration.MarkedAgreement, &f.Agreement}, {integration.MarkedUnanswered, &f.Unanswered}} {
		marks, err := s.Store.Marks(ctx, m.set, integration.MaxMarks)
		if err != nil {
			return f, fmt.Errorf("listing marks: %w", err)
		}
		if *m.into, err = s.prove(ctx, m.set, marks, f.Now); err != nil {
			return f, err
		}
	}
	var err error
	f.CanaryBad, err = s.canaryBad(ctx)
	return f, err
}

// size counts the integrations with a key in force, nearly: the store may lag,
// and of the deactivated ones the oldest have no key any more.
func (s *Service) size(ctx context.Context) (int, error) {
	sum := 0
	for _, state := range []integration.State{integration.Active, integration.Suspect, integration.ActionRequired, integration.Deactivated} {
		n, err := s.Store.Count(ctx, state)
		if err != nil {
			return 0, fmt.Errorf("counting integrations: %w", err)
		}
		sum += n
	}
	return sum, nil
}

// prove takes out marks that are not true any more: of integrations that were
// disconnected, or whose check was interrupted after the mark was set. Each
// run looks at some of them, and another run at others.
func (s *Service) prove(ctx context.Context, set integration.MarkSet, marks []integration.Mark, now time.Time) ([]integration.Mark, error) {
	turn := 0
	if len(marks) > 0 {
		turn = int(now.Unix()/60) * maxProved % len(marks)
	}
	kept := make([]integration.Mark, 0, len(marks))
	for i, m := range marks {
		if (i+turn)%len(marks) >= maxProved || now.Sub(m.At) < leaseFor {
			kept = append(kept, m) // not its turn, or its check may still be under way
			continue
		}
		still, err := s.proven(ctx, set, m, now)
		if err != nil {
			return nil, fmt.Errorf("proving a mark: %w", err)
		}
		if still {
			kept = append(kept, m)
			continue
		}
		if err := s.Store.Unmark(ctx, set, m.Integration); err != nil {
			return nil, fmt.Errorf("taking out a mark: %w", err)
		}
	}
	return kept, nil
}

// proven tells whether a mark is still true. That somebody has recovered is
// true for ever, and of interest for a while.
func (s *Service) proven(ctx context.Context, set integration.MarkSet, m integration.Mark, now time.Time) (bool, error) {
	if set == integration.MarkedRecovered {
		return now.Sub(m.At) <= integration.HoldWindow, nil
	}
	it, err := s.Store.Integration(ctx, m.Integration)
	if errors.Is(err, integration.ErrNotFound) {
		return false, nil
	}
	return err == nil && holds(set, it), err
}

// holds tells whether the integration belongs into the set.
func holds(set integration.MarkSet, it integration.Integration) bool {
	v, r := it.Check.Verdict, it.Check.Reason
	silent := v == integration.Inconclusive
	troubled := it.State == integration.Suspect || it.State == integration.ActionRequired || it.State == integration.Deactivated
	switch {
	case it.Key == nil:
		return false
	case set == integration.MarkedUnanswered:
		return silent
	case set == integration.MarkedAgreement:
		return troubled && (silent || r == integration.Agreement)
	}
	return troubled && (silent || v == integration.Rejected)
}

// canaryBad tells whether the vendor's own key fails for certain.
func (s *Service) canaryBad(ctx context.Context) (bool, error) {
	if s.Canary == "" {
		return false, nil
	}
	it, err := s.Store.Integration(ctx, s.Canary)
	if errors.Is(err, integration.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("loading the canary: %w", err)
	}
	return it.Streak.Count >= 2 || slices.Contains([]integration.State{integration.ActionRequired, integration.Deactivated}, it.State), nil
}

// label puts the integrations' labels in the place of their IDs.
func (s *Service) label(ctx context.Context, notices []integration.Notice) error {
	for _, n := range notices {
		for i, id := range n.Facts.Names {
			it, err := s.Store.Integration(ctx, integration.ID(id))
			if errors.Is(err, integration.ErrNotFound) {
				continue
			}
			if err != nil {
				return fmt.Errorf("reading labels: %w", err)
			}
			n.Facts.Names[i] = it.Label
		}
	}
	return nil
}
