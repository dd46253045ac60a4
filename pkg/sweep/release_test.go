package sweep

import (
	"context"
	"fmt"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// heldWorld is a world whose three integrations are rejected, on hold for a day.
func heldWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	for i := range 3 {
		id := integration.ID(fmt.Sprintf("int_%d", i))
		w.invite(id)
		w.accept(id, upl(i), newKey(t))
		w.reject(id)
		must(t, w.store.Mark(context.Background(), integration.MarkedRejected, integration.Mark{Integration: id, At: w.clock()}))
	}
	w.run()
	w.pass(24 * time.Hour)
	w.run()
	if st := w.status(); !st.OverdueTold || !st.Decidable(w.clock()) || w.notices(integration.Fleet, integration.NoticeHoldOverdue) != 1 {
		t.Fatalf("support is not asked to decide: %+v", st)
	}
	return w
}

// reject lets a check end so, as the fleet's status has it.
func (w *world) reject(id integration.ID) {
	w.t.Helper()
	it := w.integration(id)
	check := integration.CheckID(fmt.Sprintf("chk_%d", it.Version))
	w.decide(id, integration.CheckLeased{Check: check, Until: w.clock().Add(time.Minute)})
	w.decide(id, integration.Checked{
		Check: check, Used: it.Key.Upload, Fleet: w.status().View("int_canary"),
		Outcome: integration.Outcome{Verdict: integration.Rejected, Reason: integration.NotAuthorized},
	})
}

func (w *world) status() integration.FleetStatus {
	w.t.Helper()
	st, err := w.store.Fleet(context.Background())
	must(w.t, err)
	return st
}

// release is what operator does when support ends the hold.
func (w *world) release() {
	w.t.Helper()
	st := w.status()
	after, n, err := st.EndHold("support jane", nil, w.clock())
	must(w.t, err)
	must(w.t, w.store.SetFleet(context.Background(), st, after, []integration.Notice{n}))
}

func TestWhatAPersonEndedStaysEnded(t *testing.T) {
	w := heldWorld(t)
	w.pass(time.Minute)
	w.release()
	for range 10 {
		w.pass(time.Minute)
		w.run()
	}
	if st := w.status(); !st.HoldSince.IsZero() || st.ReleasedBy != "support jane" {
		t.Errorf("the status is %+v", st)
	}
	for kind, want := range map[integration.NoticeKind]int{integration.NoticeHoldBegan: 1, integration.NoticeHoldOverdue: 1, integration.NoticeHoldEnded: 1} {
		if n := w.notices(integration.Fleet, kind); n != want {
			t.Errorf("%d of %s", n, kind)
		}
	}
	// Three that turn rejected now begin the next hold: they are news.
	for i := range 3 {
		id := integration.ID(fmt.Sprintf("int_new_%d", i))
		w.invite(id)
		w.accept(id, upl(10+i), newKey(t))
		w.reject(id)
		must(t, w.store.Mark(context.Background(), integration.MarkedRejected, integration.Mark{Integration: id, At: w.clock()}))
	}
	w.run()
	if st := w.status(); st.HoldSince.IsZero() || st.HeldPeak != 3 || st.ReleasedBy != "support jane" {
		t.Errorf("after new turns the status is %+v", st)
	}
}

// TestTheSweepDoesNotUndoWhatAPersonDecides: support ends the hold between the
// sweep's reading and its writing.
func TestTheSweepDoesNotUndoWhatAPersonDecides(t *testing.T) {
	w := heldWorld(t)
	w.pass(2 * time.Hour) // the fleet is counted again, so that the sweep has something to write
	writes := 0
	w.trouble = func(op, when string) error {
		if op == "store.SetFleet" && when == "before" {
			if writes++; writes == 1 {
				w.release()
			}
		}
		return nil
	}
	w.run()
	if st := w.status(); writes < 3 || !st.HoldSince.IsZero() || st.ReleasedBy != "support jane" {
		t.Errorf("after %d writes the status is %+v", writes, st)
	}
	if n := w.notices(integration.Fleet, integration.NoticeHoldEnded); n != 1 {
		t.Errorf("support is told %d times", n)
	}
}

// TestARowGoesOnAfterARelease: what counted before the hold counts again, and
// the hold does not.
func TestARowGoesOnAfterARelease(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a")
	w.accept("int_a", upl(1), newKey(t))
	for range 3 {
		w.reject("int_a")
		w.pass(time.Hour)
	}
	st := w.status()
	on := st
	on.HoldSince, on.HeldPeak = w.clock(), 3
	must(t, w.store.SetFleet(context.Background(), st, on, nil))
	for range 25 {
		w.pass(time.Hour)
		w.reject("int_a")
	}
	w.release()
	w.run()
	if it := w.integration("int_a"); it.State != integration.Suspect || it.Streak.Count != 3 {
		t.Fatalf("it is %s with %d rejections", it.State, it.Streak.Count)
	}
	for hour := range 4 { // three hours counted before the hold
		w.reject("int_a")
		if it := w.integration("int_a"); (it.State == integration.Deactivated) != (hour == 3) {
			t.Errorf("%d hours after the release it is %s", hour, it.State)
		}
		w.pass(time.Hour)
	}
	if n := w.notices("int_a", integration.NoticeAccessLost); n != 2 {
		t.Errorf("%d mails", n)
	}
}

// TestWhoRecoveredIsRememberedForSixHours: a key that was rejected and is good
// again says that Apple is wrong just now, and no longer says so in the evening.
func TestWhoRecoveredIsRememberedForSixHours(t *testing.T) {
	w := newWorld(t)
	must(t, w.store.Mark(context.Background(), integration.MarkedRecovered, integration.Mark{Integration: "int_a", At: w.clock()}))
	for _, left := range []int{1, 0} {
		w.pass(5 * time.Hour)
		w.run()
		marks, err := w.store.Marks(context.Background(), integration.MarkedRecovered, 10)
		must(t, err)
		if len(marks) != left {
			t.Errorf("%d marks, want %d", len(marks), left)
		}
	}
}
