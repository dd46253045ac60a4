package validate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
)

const (
	uplA = integration.UploadID("upl_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	uplB = integration.UploadID("upl_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
)

func TestHealthyCheckCostsOneOfEach(t *testing.T) {
	w := newWorld(t)
	w.accept("int_a", uplA)
	w.check("int_a", "chk_1")
	w.pass(6 * time.Hour)
	m := w.lease("int_a", "chk_2")
	w.mu.Lock()
	clear(w.ops)
	w.mu.Unlock()
	calls := w.apple.Calls()
	must(t, w.service.Check(context.Background(), m))
	w.mu.Lock()
	got := fmt.Sprint(w.ops)
	w.mu.Unlock()
	if want := "map[store.Commit:1 store.Integration:1 vault.Get:1]"; got != want {
		t.Errorf("the check did %s, want %s", got, want)
	}
	if n := w.apple.Calls() - calls; n != 1 {
		t.Errorf("Apple was called %d times", n)
	}
	it := w.integration("int_a")
	if it.State != integration.Active || it.Check.LastID != "chk_2" || !it.Check.DueAt.After(w.clock()) {
		t.Errorf("state %s, last check %s, next at %v", it.State, it.Check.LastID, it.Check.DueAt)
	}
}

func TestEverythingIsProbedOnceAWeek(t *testing.T) {
	w := newWorld(t)
	w.accept("int_a", uplA)
	calls := func(id integration.CheckID) int {
		before := w.apple.Calls()
		w.check("int_a", id)
		return w.apple.Calls() - before
	}
	if n := calls("chk_1"); n != 1 {
		t.Errorf("the first check made %d calls", n)
	}
	w.pass(7 * 24 * time.Hour)
	if n := calls("chk_2"); n < 5 {
		t.Errorf("a week later a check made %d calls", n)
	}
	w.pass(6 * time.Hour)
	if n := calls("chk_3"); n != 1 {
		t.Errorf("the one after it made %d calls", n)
	}
}

func TestRevokedKeyIsDeactivated(t *testing.T) {
	w := newWorld(t)
	k := w.accept("int_a", uplA)
	w.check("int_a", "chk_0")
	must(t, w.apple.Revoke(k.KeyID))
	for i := 1; i < 40; i++ { // a small fleet: it takes a day of hourly checks
		w.pass(w.integration("int_a").Check.DueAt.Sub(w.clock()))
		it := w.check("int_a", integration.CheckID(fmt.Sprintf("chk_%d", i)))
		if i == 1 && (it.State != integration.Suspect || w.marked(integration.MarkedRejected) != 1) {
			t.Fatalf("after one rejection it is %s, marked %d", it.State, w.marked(integration.MarkedRejected))
		}
		if it.State == integration.Deactivated {
			return
		}
	}
	t.Errorf("it is %s", w.integration("int_a").State)
}

func TestMarksFollowTheTurns(t *testing.T) {
	w := newWorld(t)
	w.accept("int_a", uplA)
	w.check("int_a", "chk_0")
	steps := []struct {
		name                            string
		set                             func() error
		rejected, agreement, unanswered int
		recovered                       int // and stays: the sweep takes it out
	}{
		{"agreement expires", func() error { return w.apple.SetAgreement(w.team.TeamID, asctest.AgreementExpired) }, 0, 1, 0, 0},
		{"still so", func() error { return nil }, 0, 1, 0, 0},
		{"mended", func() error { return w.apple.SetAgreement(w.team.TeamID, asctest.AgreementOK) }, 0, 0, 0, 0},
		{"Apple is down", func() error { _, err := w.apple.Fail(asctest.Fault{Effect: asctest.Outage}); return err }, 0, 0, 1, 0},
		{"Apple rejects", func() error {
			w.apple.ClearFaults()
			_, err := w.apple.Fail(asctest.Fault{Effect: asctest.Spurious401})
			return err
		}, 1, 0, 0, 0},
		{"well again", func() error { w.apple.ClearFaults(); return nil }, 0, 0, 0, 1},
		{"agreement expires again", func() error { return w.apple.SetAgreement(w.team.TeamID, asctest.AgreementExpired) }, 0, 1, 0, 1},
		{"Apple rejects a key that was blocked", func() error {
			_, err := w.apple.Fail(asctest.Fault{Effect: asctest.Spurious401})
			return err
		}, 1, 0, 0, 1},
	}
	for i, s := range steps {
		w.pass(time.Hour)
		must(t, s.set())
		w.check("int_a", integration.CheckID(fmt.Sprintf("chk_%d", i+1)))
		got := [4]int{w.marked(integration.MarkedRejected), w.marked(integration.MarkedAgreement), w.marked(integration.MarkedUnanswered), w.marked(integration.MarkedRecovered)}
		if want := [4]int{s.rejected, s.agreement, s.unanswered, s.recovered}; got != want {
			t.Errorf("%s: marked rejected, agreement, unanswered, recovered: %v, want %v", s.name, got, want)
		}
	}
}

func TestKeyThatCameBlockedTurnsToo(t *testing.T) {
	w := newWorld(t)
	must(t, w.apple.SetAgreement(w.team.TeamID, asctest.AgreementExpired))
	w.accept("int_a", uplA)
	must(t, w.apple.SetAgreement(w.team.TeamID, asctest.AgreementOK))
	_, err := w.apple.Fail(asctest.Fault{Effect: asctest.Spurious401})
	must(t, err)
	w.check("int_a", "chk_1")
	if n := w.marked(integration.MarkedRejected); n != 1 {
		t.Errorf("%d marked as rejected, want 1", n)
	}
}

func TestNewKeyThatFailsIsRolledBack(t *testing.T) {
	w := newWorld(t)
	w.accept("int_a", uplA)
	w.check("int_a", "chk_0")
	k := w.accept("int_a", uplB)
	must(t, w.apple.Revoke(k.KeyID))
	w.pass(15 * time.Minute)
	it := w.check("int_a", "chk_1")
	if it.State != integration.Active || it.Key.Upload != uplA {
		t.Errorf("it is %s with the key of %s", it.State, it.Key.Upload)
	}
	if n := w.marked(integration.MarkedRejected); n != 0 {
		t.Errorf("a key that was rolled back counts for the fleet: %d", n)
	}
}

func TestVaultDownIsInconclusive(t *testing.T) {
	for name, trouble := range map[string]func(*world){
		"vault fails": func(w *world) {
			w.trouble = func(op string) error {
				if op == "vault.Get" {
					return errors.New("down")
				}
				return nil
			}
		},
		"secret is gone": func(w *world) { must(w.t, w.vault.Delete(context.Background(), "int_a", uplA)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.accept("int_a", uplA)
			trouble(w)
			calls := w.apple.Calls()
			it := w.check("int_a", "chk_1")
			if it.State != integration.Active || it.Check.Reason != integration.VaultDown || w.apple.Calls() != calls {
				t.Errorf("it is %s, because %s", it.State, it.Check.Reason)
			}
		})
	}
}

func TestMessagesThatDoNotCountCostOneRead(t *testing.T) {
	w := newWorld(t)
	w.accept("int_a", uplA)
	m := w.lease("int_a", "chk_1")
	must(t, w.service.Check(context.Background(), m))
	w.lease("int_a", "chk_2")
	before, calls := w.integration("int_a"), w.apple.Calls()
	for name, late := range map[string]integration.CheckMessage{
		"the same once more": m, "another check": {Integration: "int_a", Check: "chk_9"}, "no integration": {Integration: "int_x", Check: "chk_1"},
	} {
		if err := w.service.Check(context.Background(), late); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := w.integration("int_a"); after.Version != before.Version || w.apple.Calls() != calls {
		t.Error("a message that does not count did something")
	}
}

func TestOneCheckTwiceAtOnceCountsOnce(t *testing.T) {
	w := newWorld(t)
	k := w.accept("int_a", uplA)
	w.check("int_a", "chk_0")
	must(t, w.apple.Revoke(k.KeyID))
	w.pass(6 * time.Hour)
	m := w.lease("int_a", "chk_1")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := w.service.Check(context.Background(), m); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := w.integration("int_a").Streak.Count; n != 1 {
		t.Errorf("the rejection counts %d times", n)
	}
}

func TestAnswerAboutAReplacedKeyIsIgnored(t *testing.T) {
	w := newWorld(t)
	k := w.accept("int_a", uplA)
	w.check("int_a", "chk_0")
	must(t, w.apple.Revoke(k.KeyID))
	m := w.lease("int_a", "chk_1")
	w.accept("int_a", uplB)
	must(t, w.service.Check(context.Background(), m))
	if it := w.integration("int_a"); it.State != integration.Active || it.Streak.Count != 0 {
		t.Errorf("it is %s with %d rejections", it.State, it.Streak.Count)
	}
}

func TestHandlerReportsThoseThatFailed(t *testing.T) {
	w := newWorld(t)
	w.accept("int_a", uplA)
	w.accept("int_b", uplB)
	good, _ := json.Marshal(w.lease("int_a", "chk_1"))
	bad, _ := json.Marshal(w.lease("int_b", "chk_2"))
	w.service.Store = failing{w.service.Store, "int_b"}
	failed := w.deliver(string(good), string(bad), "poison", `{}`)
	if !slices.Equal(failed, []string{"b"}) {
		t.Errorf("failed are %v, want the second alone", failed)
	}
	if w.integration("int_a").Check.LastID != "chk_1" {
		t.Error("the good one was not done")
	}
}

// failing is a store that cannot write one integration.
type failing struct {
	Store
	id integration.ID
}

func (f failing) Commit(ctx context.Context, c integration.Change) error {
	if c.Integration.After != nil && c.Integration.After.ID == f.id {
		return errors.New("down")
	}
	return f.Store.Commit(ctx, c)
}

func TestApplesTimeIsBounded(t *testing.T) {
	w := newWorld(t)
	w.accept("int_a", uplA)
	w.service.Margin = 500 * time.Millisecond
	_, err := w.apple.Fail(asctest.Fault{Effect: asctest.Slow, Latency: 5 * time.Second})
	must(t, err)
	m := w.lease("int_a", "chk_1")
	ctx, cancel := context.WithTimeout(context.Background(), 700*time.Millisecond)
	defer cancel()
	must(t, w.service.Check(ctx, m))
	if it := w.integration("int_a"); it.Check.Reason != integration.Timeout || it.State != integration.Active {
		t.Errorf("it is %s, because %s", it.State, it.Check.Reason)
	}
}
