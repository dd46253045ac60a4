package validate

import (
	"context"
	"errors"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// A check that is interrupted is done again when its message comes back, and
// counts once.
func TestCrashAnywhereCountsOnce(t *testing.T) {
	for _, op := range []string{"store.Integration", "vault.Get", "store.Fleet", "store.Mark", "store.Commit"} {
		for _, when := range []string{"before", "after"} {
			t.Run(when+" "+op, func(t *testing.T) {
				w := newWorld(t)
				k := w.accept("int_a", uplA)
				w.check("int_a", "chk_0")
				must(t, w.apple.Revoke(k.KeyID))
				must(t, w.store.SetFleet(context.Background(), integration.FleetStatus{}, integration.FleetStatus{Size: 10}, nil))
				w.pass(6 * time.Hour)
				m := w.lease("int_a", "chk_1")
				hit := w.crashOnce(op, when)
				first := w.service.Check(context.Background(), m)
				if !*hit {
					t.Fatal("the crash did not happen")
				}
				must(t, w.service.Check(context.Background(), m))
				it := w.integration("int_a")
				if op == "vault.Get" { // our own trouble is an answer: ask again later
					if first != nil || it.Check.Reason != integration.VaultDown {
						t.Errorf("reason %s, %v", it.Check.Reason, first)
					}
					return
				}
				if first == nil {
					t.Error("the message would not have come again")
				}
				if it.State != integration.Suspect || it.Streak.Count != 1 || w.marked(integration.MarkedRejected) != 1 {
					t.Errorf("it is %s, counted %d, marked %d", it.State, it.Streak.Count, w.marked(integration.MarkedRejected))
				}
			})
		}
	}
}

// crashOnce fails the next such operation.
func (w *world) crashOnce(op, when string) (hit *bool) {
	hit = new(bool)
	fail := func(at string) error {
		if at == op && !*hit {
			*hit = true
			return errors.New("crash")
		}
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if when == "before" {
		w.trouble = fail
	} else {
		w.lost = fail
	}
	return hit
}

// TestAnAnswerIsAppliedToWhatOthersWroteMeanwhile, and its message comes again
// where that cannot be read.
func TestAnAnswerIsAppliedToWhatOthersWroteMeanwhile(t *testing.T) {
	for _, cannotRead := range []error{nil, errors.New("down")} {
		w := newWorld(t)
		w.accept("int_a", uplA)
		m := w.lease("int_a", "chk_1")
		w.service.Store = &raced{Store: w.store, err: cannotRead, between: func() {
			w.decide("int_a", integration.TeamMoveAllowed{By: "support jane"})
		}}
		if err := w.service.Check(context.Background(), m); !errors.Is(err, cannotRead) {
			t.Errorf("the check ends in %v, want %v", err, cannotRead)
		}
		it := w.integration("int_a")
		if applied := it.Check.LastID == "chk_1"; applied != (cannotRead == nil) || !it.TeamMove.Allowed() {
			t.Errorf("%v: the answer is applied: %v; what was written meanwhile is kept: %v", cannotRead, applied, it.TeamMove.Allowed())
		}
	}
}

// raced is a store whose integration somebody else writes just before the
// first commit. After that it may not be readable.
type raced struct {
	Store
	between func()
	err     error
	commits int
}

func (r *raced) Commit(ctx context.Context, c integration.Change) error {
	if r.commits++; r.commits == 1 {
		r.between()
	}
	return r.Store.Commit(ctx, c)
}

func (r *raced) Integration(ctx context.Context, id integration.ID) (integration.Integration, error) {
	if r.commits > 0 && r.err != nil {
		return integration.Integration{}, r.err
	}
	return r.Store.Integration(ctx, id)
}
