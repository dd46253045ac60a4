package validate

import (
	"context"
	"fmt"
	"time"

	"keyward/pkg/integration"
)

// nearlyTold is how long an integration's silence lasts before it is worth
// looking whether Apple is silent to the others too; support hears of one
// integration's after 24 h.
const nearlyTold = 23 * time.Hour

// view is what Apply must know of the fleet. A healthy integration whose
// check is healthy need not ask: nothing is told of it, and nothing counted.
func (s *Service) view(ctx context.Context, it integration.Integration, o integration.Outcome) (integration.FleetView, error) {
	if o.Verdict == integration.OK && quiet(it) {
		return integration.FleetView{}, nil
	}
	f, err := s.Store.Fleet(ctx)
	if err != nil {
		return integration.FleetView{}, fmt.Errorf("reading the fleet's status: %w", err)
	}
	v := f.View(s.Canary)
	since := it.Unanswered.Since
	if o.Verdict == integration.Inconclusive && !v.Silent && !since.IsZero() && s.Now().Sub(since) >= nearlyTold {
		v.Silent, err = s.silent(ctx, f.Size)
	}
	return v, err
}

// quiet tells whether nothing is wrong with the integration, nor was told, nor
// is a reminder to come that a fleet hold would keep back.
func quiet(it integration.Integration) bool {
	return it.State == integration.Active && it.Streak.Count == 0 && it.Unanswered.Since.IsZero() &&
		it.Told.Problem == "" && it.Other == nil && !it.User.Wanting()
}

// silent tells whether Apple gives no answer to at least two integrations, and
// to half of the fleet. The sweep tells support of that, once.
func (s *Service) silent(ctx context.Context, size int) (bool, error) {
	want := max(2, (size+1)/2)
	marks, err := s.Store.Marks(ctx, integration.MarkedUnanswered, want)
	if err != nil {
		return false, fmt.Errorf("listing unanswered integrations: %w", err)
	}
	return len(marks) >= want, nil
}

// mark notes the turn that the integration takes with the outcome, for the
// fleet hold. Only turns are written: a check that ends as the one before
// leaves the marks alone.
func (s *Service) mark(ctx context.Context, it integration.Integration, o integration.Outcome) error {
	for _, t := range Turns(it, o, s.Now()) {
		err := error(nil)
		if t.On {
			err = s.Store.Mark(ctx, t.Set, integration.Mark{Integration: it.ID, At: t.At})
		} else {
			err = s.Store.Unmark(ctx, t.Set, it.ID)
		}
		if err != nil {
			return fmt.Errorf("marking for the fleet: %w", err)
		}
	}
	return nil
}

// A Turn puts the integration into a set or takes it out.
type Turn struct {
	Set integration.MarkSet
	On  bool
	At  time.Time // with On
}

// Turns compares an outcome with what was so before it. Rejected, or blocked
// by an agreement, counts for the fleet only where the last conclusive answer
// was good: what has long been broken says nothing about today. A key that was
// blocked until now was accepted too: a rejection is news about it. A key that
// is good again keeps the time at which it turned: no key comes back, so
// Apple was wrong, and may be about others.
func Turns(it integration.Integration, o integration.Outcome, now time.Time) []Turn {
	before := it.Check.Verdict
	if o.Verdict == integration.Inconclusive {
		if before == integration.Inconclusive {
			return unasked(it.Unanswered, o, now)
		}
		return []Turn{{integration.MarkedUnanswered, true, now}}
	}
	var ts []Turn
	if before == integration.Inconclusive {
		ts = append(ts, Turn{Set: integration.MarkedUnanswered})
	}
	wasGood := it.State == integration.Active && it.Streak.Count == 0
	agreement := o.Verdict == integration.Blocked && o.Reason == integration.Agreement
	if (wasGood || wasBlocked(it)) && o.Verdict == integration.Rejected {
		ts = append(ts, Turn{integration.MarkedRejected, true, now})
	}
	if wasGood && agreement {
		ts = append(ts, Turn{integration.MarkedAgreement, true, now})
	}
	if !wasGood && o.Verdict != integration.Rejected {
		ts = append(ts, Turn{Set: integration.MarkedRejected})
		if o.Verdict == integration.OK && wasRejected(it) {
			ts = append(ts, Turn{integration.MarkedRecovered, true, turnedAt(it)})
		}
	}
	if !wasGood && !agreement {
		ts = append(ts, Turn{Set: integration.MarkedAgreement})
	}
	return ts
}

// unasked puts the beginning of a silence off by the time in which nobody
// asked, where that was more than a check that came a little late.
func unasked(u integration.Unanswered, o integration.Outcome, now time.Time) []Turn {
	if u.Until.IsZero() || now.Sub(u.Until) < 10*time.Minute {
		return nil
	}
	return []Turn{{integration.MarkedUnanswered, true, u.StartWith(o, now)}}
}

// wasBlocked tells whether Apple knew the key when it last said something, and
// would not let it in. A key that was blocked when it came has no streak.
func wasBlocked(it integration.Integration) bool {
	return it.State != integration.Deactivated && it.Streak.Verdict == integration.Blocked ||
		it.State == integration.ActionRequired && it.Streak.Count == 0
}

// wasRejected tells whether the last answer that said something was a
// rejection: during a hold none begins a streak.
func wasRejected(it integration.Integration) bool {
	return it.Streak.Verdict == integration.Rejected ||
		it.Streak.Count == 0 && it.State == integration.Suspect && (it.Cause == integration.NotAuthorized || it.Cause == integration.ForbiddenAtAll)
}

func turnedAt(it integration.Integration) time.Time {
	if it.Streak.Count > 0 {
		return it.Streak.Since
	}
	return it.Since
}
