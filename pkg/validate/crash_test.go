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
