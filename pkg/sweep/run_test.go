package sweep

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"keyward/pkg/intake"
	"keyward/pkg/integration"
)

func TestDueChecksAreLeasedThenQueued(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a")
	w.accept("int_a", upl(1), newKey(t))
	w.pass(15 * time.Minute)
	if r := w.run(); r.Checks != 1 || r.Certificates != 1 {
		t.Fatalf("the run did %+v", r)
	}
	it := w.integration("int_a")
	var m integration.CheckMessage
	must(t, json.Unmarshal([]byte(w.messages(w.checks)[0].Body), &m))
	if m.Integration != "int_a" || m.Check != it.Check.Lease.ID || !it.Check.Lease.Held(w.clock()) {
		t.Errorf("queued %+v, leased %+v", m, it.Check.Lease)
	}
	if r := w.run(); r.Checks != 0 || len(w.messages(w.checks)) != 1 {
		t.Errorf("a leased check was queued once more: %+v", r)
	}
}

func TestCrashBetweenLeaseAndMessageCostsTheLease(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a")
	w.accept("int_a", upl(1), newKey(t))
	w.pass(15 * time.Minute)
	w.trouble = func(op, _ string) error {
		if strings.HasPrefix(op, "queue.") {
			return errCrash
		}
		return nil
	}
	r, err := w.service.Run(context.Background())
	if err == nil || r.Failed != 1 {
		t.Fatalf("the run did %+v, and says %v", r, err)
	}
	lost := w.integration("int_a").Check.Lease.ID
	w.trouble = nil
	w.pass(14 * time.Minute)
	if r := w.run(); r.Checks != 0 {
		t.Error("the lease was not respected")
	}
	w.pass(time.Minute)
	if r := w.run(); r.Checks != 1 {
		t.Errorf("the check was not taken up again: %+v", r)
	}
	if now := w.integration("int_a").Check.Lease.ID; now == lost {
		t.Error("the check has its old ID")
	}
}

func TestManySweepsAtOnceQueueEachCheckOnce(t *testing.T) {
	w := newWorld(t)
	for i := range 40 {
		id := integration.ID(fmt.Sprintf("int_%d", i))
		w.invite(id)
		w.accept(id, upl(i), newKey(t))
	}
	w.pass(15 * time.Minute)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := w.service.Run(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(w.messages(w.checks)); n != 40 {
		t.Errorf("%d checks were queued for 40 integrations", n)
	}
}

func TestDisconnectingEmptiesTheVaultThenSaysSo(t *testing.T) {
	for _, crash := range []string{"", "vault.Delete before", "vault.Delete after", "store.Commit before", "store.Commit after"} {
		t.Run("crash at "+crash, func(t *testing.T) {
			w := newWorld(t)
			key := newKey(t)
			w.invite("int_a")
			w.accept("int_a", upl(1), key)
			w.decide("int_a", integration.DisconnectRequested{By: "support"})
			done := false
			w.trouble = func(op, when string) error {
				if op+" "+when == crash && !done {
					done = true
					return errCrash
				}
				return nil
			}
			_, _ = w.service.Run(context.Background())
			if done != (crash != "") {
				t.Fatal("the crash did not happen")
			}
			w.run()
			if w.secrets() != 0 || w.holders(key) != 0 {
				t.Errorf("%d secrets, %d holders", w.secrets(), w.holders(key))
			}
			if n := w.notices("int_a", integration.NoticeDisconnected); n != 1 {
				t.Errorf("%d receipts", n)
			}
		})
	}
}

func TestKeyUploadedTwiceStaysOwnedWhenTheOldSecretGoes(t *testing.T) {
	w := newWorld(t)
	key := newKey(t)
	w.invite("int_a")
	w.accept("int_a", upl(1), key)
	w.accept("int_a", upl(2), key)
	w.decide("int_a", integration.CheckLeased{Check: "chk_1", Until: w.clock().Add(time.Minute)})
	w.decide("int_a", integration.Checked{Check: "chk_1", Used: upl(2), Outcome: integration.Outcome{Verdict: integration.OK}})
	if len(w.integration("int_a").Trash) != 1 {
		t.Fatal("the old upload's secret is not in the trash")
	}
	w.run()
	if w.secrets() != 1 || w.holders(key) != 1 {
		t.Errorf("%d secrets, %d holders; want one of each", w.secrets(), w.holders(key))
	}
	if _, err := w.vault.Get(context.Background(), "int_a", upl(2)); err != nil {
		t.Errorf("the key in force is gone: %v", err)
	}
}

// A secret that is to go at once takes none along that a file under way may
// still write.
func TestSecretsLeaveEachInItsTime(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a")
	w.accept("int_a", upl(1), newKey(t))
	w.accept("int_a", upl(2), newKey(t))
	w.decide("int_a", integration.CheckLeased{Check: "chk_1", Until: w.clock().Add(time.Minute)})
	w.decide("int_a", integration.Checked{Check: "chk_1", Used: upl(2), Outcome: integration.Outcome{Verdict: integration.OK}})
	w.decide("int_a", integration.DisconnectRequested{By: "support", Uploads: []integration.UploadID{upl(3)}})
	w.run()
	if left := w.integration("int_a").Trash; len(left) != 1 || left[0].Upload != upl(3) {
		t.Errorf("in the trash after the first run: %v", left)
	}
	if n := w.notices("int_a", integration.NoticeDisconnected); n != 0 {
		t.Error("the receipt did not wait")
	}
	w.pass(5 * time.Minute)
	w.run()
	if n := w.notices("int_a", integration.NoticeDisconnected); n != 1 || w.secrets() != 0 {
		t.Errorf("%d receipts, %d secrets", n, w.secrets())
	}
}

func TestTimeIsLetPass(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a")
	w.pass(3*24*time.Hour + time.Minute)
	if r := w.run(); r.Ticks != 1 {
		t.Errorf("the run did %+v", r)
	}
	if n := w.notices("int_a", integration.NoticeInvitationReminder); n != 1 {
		t.Errorf("%d reminders", n)
	}
	if r := w.run(); r.Ticks != 0 {
		t.Error("the same reminder is due again")
	}
}

func TestObjectsLeftBehindGoToIntake(t *testing.T) {
	w := newWorld(t)
	w.service.Objects = objects{
		{Key: "incoming/int_a/upl_old", ETag: "e1", Size: 7, At: start.Add(-16 * time.Minute)},
		{Key: "incoming/int_a/upl_new", ETag: "e2", Size: 7, At: start.Add(-14 * time.Minute)},
	}
	if r := w.run(); r.Objects != 1 {
		t.Fatalf("the run did %+v", r)
	}
	deleted := &bucket{}
	s, err := intake.New(intake.Config{Store: w.store, Objects: deleted, Vault: w.vault, Apple: noApple{}, Queue: w.intake, Now: w.clock})
	must(t, err)
	in, err := json.Marshal(map[string]any{"Records": []any{map[string]string{"messageId": "a", "body": w.messages(w.intake)[0].Body}}})
	must(t, err)
	_, err = lambda.NewHandler(intake.Handler(s)).Invoke(context.Background(), in)
	must(t, err)
	if want := []string{"incoming/int_a/upl_old e1"}; !slices.Equal(deleted.deleted, want) {
		t.Errorf("intake took %v, want %v", deleted.deleted, want)
	}
}

func TestDeadLettersAreRedrivenWithABound(t *testing.T) {
	w := newWorld(t)
	var asked [2]int
	w.service.DeadLetters = letters(func(limit, rounds int) (int, int, error) {
		asked = [2]int{limit, rounds}
		return 2, 1, nil
	})
	if r := w.run(); r.Redriven != 2 || r.Stuck != 1 {
		t.Errorf("the run did %+v", r)
	}
	if asked[0] <= 0 || asked[1] <= 0 {
		t.Errorf("asked without a bound: %v", asked)
	}
}

func TestOneFailureDoesNotKeepFromTheOthers(t *testing.T) {
	t.Run("error", func(t *testing.T) { testOneFailure(t, 20, func() error { return errCrash }) })
	t.Run("panic", func(t *testing.T) { // it ends all of the integration's work
		testOneFailure(t, 19, func() error { panic("canary-secret") })
	})
}

func testOneFailure(t *testing.T, certificates int, fails func() error) {
	w := newWorld(t)
	for i := range 20 {
		id := integration.ID(fmt.Sprintf("int_%d", i))
		w.invite(id)
		w.accept(id, upl(i), newKey(t))
	}
	w.pass(15 * time.Minute)
	n := 0
	w.trouble = func(op, when string) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if op == "queue.checks.Send" && when == "before" {
			if n++; n == 3 {
				return fails()
			}
		}
		return nil
	}
	beats := 0
	w.service.Heartbeat = func(context.Context, Result) { beats++ }
	r, err := w.service.Run(context.Background())
	if err == nil || strings.Contains(err.Error(), "canary") || r.Failed != 1 || r.Checks != 19 || r.Certificates != certificates {
		t.Errorf("the run did %+v and says %v", r, err)
	}
	if beats != 1 {
		t.Errorf("%d heartbeats", beats)
	}
}

func TestHandlerTakesTheSchedulersEvent(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a")
	w.accept("int_a", upl(1), newKey(t))
	w.pass(15 * time.Minute)
	_, err := lambda.NewHandler(Handler(w.service)).Invoke(context.Background(), []byte(`{"scheduled_at":"2026-03-02T09:15:00Z"}`))
	must(t, err)
	if n := len(w.messages(w.checks)); n != 1 {
		t.Errorf("%d checks are queued", n)
	}
}
