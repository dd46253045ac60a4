package sweep

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// marks makes n marks that were set so long before start.
func marks(n int, ago time.Duration) []integration.Mark {
	var out []integration.Mark
	for i := range n {
		out = append(out, integration.Mark{Integration: integration.ID(fmt.Sprintf("int_%03d", i)), At: start.Add(-ago)})
	}
	return out
}

func kinds(ns []integration.Notice) string {
	var out []string
	for _, n := range ns {
		out = append(out, string(n.Kind))
	}
	return strings.Join(out, " ")
}

func TestEvaluate(t *testing.T) {
	held := integration.FleetStatus{Size: 100, HoldSince: start.Add(-time.Hour), HeldPeak: 10}
	for _, tc := range []struct {
		name               string
		st                 integration.FleetStatus
		f                  Facts
		hold, wave, silent bool
		told               string
	}{
		{"calm", integration.FleetStatus{Size: 100}, Facts{}, false, false, false, ""},
		{"two turned", integration.FleetStatus{Size: 100}, Facts{Rejected: marks(2, time.Hour)}, false, false, false, ""},
		{"three turned", integration.FleetStatus{Size: 100}, Facts{Rejected: marks(3, time.Hour)}, true, false, false, "hold_began"},
		{"three turned, two are good again", integration.FleetStatus{Size: 100}, Facts{Rejected: marks(1, time.Hour), Recovered: marks(3, 2*time.Hour)}, true, false, false, "hold_began"},
		{"two turned, and are good again", integration.FleetStatus{Size: 100}, Facts{Rejected: marks(2, time.Hour), Recovered: marks(2, 2*time.Hour)}, false, false, false, ""},
		{"three turned, long ago", integration.FleetStatus{Size: 100}, Facts{Rejected: marks(3, 7*time.Hour)}, false, false, false, ""},
		{"usual for this fleet", integration.FleetStatus{Size: 1000, Usual: 4}, Facts{Rejected: marks(19, time.Hour)}, false, false, false, ""},
		{"five times the usual", integration.FleetStatus{Size: 1000, Usual: 4}, Facts{Rejected: marks(20, time.Hour)}, true, false, false, "hold_began"},
		{"5 % in any case", integration.FleetStatus{Size: 200, Usual: 4}, Facts{Rejected: marks(10, time.Hour)}, true, false, false, "hold_began"},
		{"large fleet on its first day", integration.FleetStatus{Size: 10_000}, Facts{Rejected: marks(40, time.Hour)}, false, false, false, ""},
		{"storm over a large fleet on its first day", integration.FleetStatus{Size: 10_000}, Facts{Rejected: marks(200, time.Hour)}, true, false, false, "hold_began"},
		{"tiny fleet", integration.FleetStatus{Size: 2}, Facts{Rejected: marks(2, time.Hour)}, false, false, false, ""},
		{"half still bad", held, Facts{Rejected: marks(5, time.Hour)}, true, false, false, ""},
		{"fewer than half still bad", held, Facts{Rejected: marks(2, time.Hour)}, false, false, false, "hold_ended"},
		{"fewer than half still bad, of a while ago", held, Facts{Rejected: marks(4, 390*time.Minute)}, false, false, false, "hold_ended"},
		{"fewer than half still bad, and it would begin again", held, Facts{Rejected: marks(4, time.Hour)}, true, false, false, ""},
		{"what was bad long before does not keep it", held, Facts{Rejected: marks(10, 8*time.Hour)}, false, false, false, "hold_ended"},
		{"over a day", integration.FleetStatus{Size: 100, HoldSince: start.Add(-24 * time.Hour), HeldPeak: 10},
			Facts{Rejected: marks(10, 24*time.Hour)}, true, false, false, "hold_overdue"},
		{"over a day, told", integration.FleetStatus{Size: 100, HoldSince: start.Add(-25 * time.Hour), HeldPeak: 10, OverdueTold: true},
			Facts{Rejected: marks(10, 24*time.Hour)}, true, false, false, ""},
		{"agreement wave", integration.FleetStatus{Size: 50}, Facts{Agreement: marks(3, time.Hour)}, false, true, false, "wave_began"},
		{"wave in a large fleet", integration.FleetStatus{Size: 1000}, Facts{Agreement: marks(49, time.Hour)}, false, false, false, ""},
		{"wave is over", integration.FleetStatus{Size: 50, WaveSince: start.Add(-time.Hour)}, Facts{Agreement: marks(1, time.Hour)}, false, false, false, "wave_ended"},
		{"wave is over after two days", integration.FleetStatus{Size: 50, WaveSince: start.Add(-48 * time.Hour)}, Facts{Agreement: marks(9, 47*time.Hour)}, false, false, false, "wave_ended"},
		{"wave goes on", integration.FleetStatus{Size: 50, WaveSince: start.Add(-time.Hour)}, Facts{Agreement: marks(2, time.Hour)}, false, true, false, ""},
		{"silent for a day", integration.FleetStatus{Size: 4}, Facts{Unanswered: marks(2, 24*time.Hour)}, false, false, true, "fleet_unanswered"},
		{"silent for hours", integration.FleetStatus{Size: 4}, Facts{Unanswered: marks(4, 23*time.Hour)}, false, false, false, ""},
		{"silent to one alone", integration.FleetStatus{Size: 1}, Facts{Unanswered: marks(1, 48*time.Hour)}, false, false, false, ""},
		{"silent, told", integration.FleetStatus{Size: 4, SilentTold: start.Add(-time.Hour)}, Facts{Unanswered: marks(4, 25*time.Hour)}, false, false, true, ""},
		{"speaks again", integration.FleetStatus{Size: 4, SilentTold: start.Add(-time.Hour)}, Facts{Unanswered: marks(1, 25*time.Hour)}, false, false, false, ""},
		{"canary fails", integration.FleetStatus{Size: 100}, Facts{CanaryBad: true}, false, false, false, "canary_fails"},
		{"canary fails after a person ended a hold", integration.FleetStatus{Size: 100, ReleasedAt: start.Add(-time.Hour)}, Facts{CanaryBad: true}, false, false, false, ""},
		{"canary fails a day after that", integration.FleetStatus{Size: 100, ReleasedAt: start.Add(-24 * time.Hour)}, Facts{CanaryBad: true}, false, false, false, "canary_fails"},
		{"turned before a person ended the hold", integration.FleetStatus{Size: 100, ReleasedAt: start.Add(-time.Hour)}, Facts{Rejected: marks(50, time.Hour)}, false, false, false, ""},
		{"turned since a person ended the hold", integration.FleetStatus{Size: 100, ReleasedAt: start.Add(-time.Hour)}, Facts{Rejected: marks(3, time.Hour-time.Second)}, true, false, false, "hold_began"},
		{"the hold after that does not count them", integration.FleetStatus{Size: 100, HoldSince: start.Add(-30 * time.Minute), HeldPeak: 4, ReleasedAt: start.Add(-time.Hour)},
			Facts{Rejected: marks(50, 2*time.Hour)}, false, false, false, "hold_ended"},
		{"canary fails, told", integration.FleetStatus{Size: 100, CanaryFails: true}, Facts{CanaryBad: true}, false, false, false, ""},
		{"canary fails with the others", integration.FleetStatus{Size: 100}, Facts{CanaryBad: true, Rejected: marks(9, time.Hour)}, true, false, false, "hold_began"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.f.Now = start
			got, told := Evaluate(tc.st, tc.f)
			if !got.HoldSince.IsZero() != tc.hold || !got.WaveSince.IsZero() != tc.wave || !got.SilentTold.IsZero() != tc.silent {
				t.Errorf("hold %v, wave %v, silent %v", got.HoldSince, got.WaveSince, got.SilentTold)
			}
			if kinds(told) != tc.told {
				t.Errorf("told %q, want %q", kinds(told), tc.told)
			}
		})
	}
}

// TestAHoldBegunByWhoIsGoodAgainEnds: nobody is bad any more, or one alone.
func TestAHoldBegunByWhoIsGoodAgainEnds(t *testing.T) {
	for _, bad := range []int{0, 1} {
		f := Facts{Now: start, Rejected: marks(bad, time.Hour), Recovered: marks(3, 2*time.Hour)}
		held, _ := Evaluate(integration.FleetStatus{Size: 100}, f)
		if held.HoldSince.IsZero() {
			t.Fatal("three have turned, and there is no hold")
		}
		f.Now, f.Recovered = start.Add(7*time.Hour), nil
		if st, told := Evaluate(held, f); !st.HoldSince.IsZero() || kinds(told) != "hold_ended" {
			t.Errorf("%d bad: the hold is on since %v, told %q", bad, st.HoldSince, kinds(told))
		}
	}
}

func TestUsualIsLearntOnQuietDaysOnly(t *testing.T) {
	quiet, _ := Evaluate(integration.FleetStatus{Size: 1000, Usual: 1}, Facts{Now: start, Size: 900, Counted: true, Rejected: marks(2, time.Hour)})
	if quiet.Usual <= 1 || quiet.Usual >= 2 || quiet.Size != 900 {
		t.Errorf("usual is %v of %d", quiet.Usual, quiet.Size)
	}
	held, _ := Evaluate(integration.FleetStatus{Size: 1000, Usual: 1, HoldSince: start, HeldPeak: 90}, Facts{Now: start, Size: 900, Counted: true, Rejected: marks(90, time.Hour)})
	if held.Usual != 1 {
		t.Errorf("a hold changed what is usual to %v", held.Usual)
	}
}

func TestHoldIsToldOnceWithLabelsAndEnds(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	for i := range 3 {
		id := integration.ID(fmt.Sprintf("int_%d", i))
		w.invite(id)
		w.accept(id, upl(i), newKey(t))
		must(t, w.store.Mark(ctx, integration.MarkedRejected, integration.Mark{Integration: id, At: w.clock()}))
	}
	w.run()
	w.run()
	ns, err := w.store.Notices(ctx, integration.Fleet)
	must(t, err)
	if len(ns) != 1 || ns[0].Kind != integration.NoticeHoldBegan || !slices.Contains(ns[0].Facts.Names, "Label of int_1") {
		t.Fatalf("support is told %+v", ns)
	}
	f, err := w.store.Fleet(ctx)
	must(t, err)
	if f.Size != 3 || f.HoldSince.IsZero() {
		t.Errorf("the status is %+v", f)
	}
	// The marks turn out to be stale: nothing is wrong with the integrations.
	w.pass(16 * time.Minute)
	w.run()
	if f, _ = w.store.Fleet(ctx); !f.HoldSince.IsZero() {
		t.Error("stale marks keep the hold")
	}
	if ns, _ = w.store.Notices(ctx, integration.Fleet); len(ns) != 2 {
		t.Errorf("support is told %q", kinds(ns))
	}
}

// TestNobodyIsRemindedDuringAHold: what is due by time alone sees the fleet.
func TestNobodyIsRemindedDuringAHold(t *testing.T) {
	for _, tc := range []struct {
		hold      time.Time
		reminders int
	}{{time.Time{}, 1}, {start.Add(-time.Hour), 0}} {
		w := newWorld(t)
		w.invite("int_a")
		w.accept("int_a", upl(1), newKey(t))
		before := w.integration("int_a")
		after := before
		after.State, after.Cause, after.Told = integration.ActionRequired, integration.Role, integration.Told{Problem: integration.Role, At: start.Add(-72 * time.Hour)}
		must(t, w.store.Commit(context.Background(), integration.Change{Integration: integration.Put(before, after)}))
		must(t, w.store.SetFleet(context.Background(), w.status(), integration.FleetStatus{HoldSince: tc.hold}, nil))
		w.run()
		if n := w.notices("int_a", integration.NoticeProblemReminder); n != tc.reminders {
			t.Errorf("on hold since %v: %d reminders, want %d", tc.hold, n, tc.reminders)
		}
	}
}

func TestWhoCannotSeeTheHoldActsAsIfThereWereOne(t *testing.T) {
	for _, tc := range []struct{ op, when string }{
		{"store.Fleet", "before"}, {"store.Marks", "before"}, {"store.SetFleet", "before"}, {"store.SetFleet", "after"},
	} {
		t.Run(tc.op+" "+tc.when, func(t *testing.T) {
			w := newWorld(t)
			w.trouble = func(op, when string) error {
				if op == tc.op && when == tc.when {
					return errCrash
				}
				return nil
			}
			if view, err := w.service.fleet(context.Background()); err == nil || !view.Hold {
				t.Errorf("the view is %+v, %v", view, err)
			}
		})
	}
}
