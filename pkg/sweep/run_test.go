package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"keyward/pkg/correlation"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
)

func TestDueChecksAreLeasedThenQueued(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a")
	w.accept("int_a", upl(1), newKey(t))
	w.pass(15 * time.Minute)
	ctx := correlation.With(context.Background(), "cor_1")
	if r, err := w.service.Run(ctx); err != nil || r.Checks != 1 || r.Certificates != 1 {
		t.Fatalf("the run did %+v, %v", r, err)
	}
	it := w.integration("int_a")
	for _, tc := range []struct {
		name  string
		queue *embedded.Queue
		lease integration.Lease
	}{{"check", w.checks, it.Check.Lease}, {"certificates", w.certs, it.Certificates.Lease}} {
		var m integration.CheckMessage
		must(t, json.Unmarshal([]byte(w.messages(tc.queue)[0].Body), &m))
		if want := (integration.CheckMessage{Integration: "int_a", Check: tc.lease.ID, Correlation: "cor_1"}); m != want {
			t.Errorf("%s: queued %+v, want %+v", tc.name, m, want)
		}
		if left := tc.lease.Until.Sub(w.clock()); tc.lease.ID == "" || left != 15*time.Minute {
			t.Errorf("%s: the lease %+v lasts %v, want 15 min", tc.name, tc.lease, left)
		}
	}
	if r := w.run(); r.Checks+r.Certificates != 0 || len(w.messages(w.checks))+len(w.messages(w.certs)) != 2 {
		t.Errorf("what is leased was queued once more: %+v", r)
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
	if n, certs := len(w.messages(w.checks)), len(w.messages(w.certs)); n != 40 || certs != 40 {
		t.Errorf("%d checks and %d looks at certificates were queued for 40 integrations", n, certs)
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
			if r, _ := w.service.Run(context.Background()); crash == "" && r.Emptied != 1 {
				t.Errorf("the run did %+v", r)
			}
			if done != (crash != "") {
				t.Fatal("the crash did not happen")
			}
			if r := w.run(); crash == "" && r.Emptied != 0 || strings.HasSuffix(crash, "before") && r.Emptied != 1 {
				t.Errorf("the second run did %+v", r)
			}
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
	w.accept("int_a", upl(3), key)
	w.decide("int_a", integration.DisconnectRequested{By: "support"})
	if r := w.run(); r.Emptied != 2 || w.secrets() != 0 || w.holders(key) != 0 {
		t.Errorf("both secrets of one key go: the run did %+v, %d secrets, %d holders", r, w.secrets(), w.holders(key))
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
	late := newKey(t) // intake is about to write it
	before := w.integration("int_a")
	after, owner := before, integration.Owner{Fingerprint: late.Fingerprint()}
	admitted, _ := owner.Admit(before)
	after.Trash = slices.Clone(before.Trash)
	for i := range after.Trash {
		if after.Trash[i].Upload == upl(3) {
			after.Trash[i].Fingerprint = late.Fingerprint()
		}
	}
	must(t, w.store.Commit(context.Background(), integration.Change{
		Integration: integration.Put(before, after), Owners: []integration.Edit[integration.Owner]{integration.Create(admitted)},
	}))
	w.run()
	if left := w.integration("int_a").Trash; len(left) != 1 || left[0].Upload != upl(3) {
		t.Errorf("pending deletion after the first run: %v", left)
	}
	if w.holders(late) != 1 {
		t.Error("a key whose secret has yet to leave is not owned any more")
	}
	if n := w.notices("int_a", integration.NoticeDisconnected); n != 0 {
		t.Error("the receipt did not wait")
	}
	w.pass(5 * time.Minute)
	w.run()
	if n := w.notices("int_a", integration.NoticeDisconnected); n != 1 || w.secrets() != 0 {
		t.Errorf("%d receipts, %d secrets", n, w.secrets())
	}
	if w.holders(late) != 0 {
		t.Error("the key is still owned after its secret has left")
	}
}

// TestARunGoesOnBeyondOnePage of what is due, in one partition of the index.
func TestARunGoesOnBeyondOnePage(t *testing.T) {
	w := newWorld(t)
	for i, made := 0, 0; made < 130; i++ {
		if id := integration.ID(fmt.Sprintf("int_%d", i)); id.Shard() == 0 {
			w.invite(id)
			made++
		}
	}
	w.pass(3 * 24 * time.Hour)
	if r := w.run(); r.Ticks != 130 {
		t.Errorf("the run did %+v, want 130 reminders", r)
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
	w.service.Bucket = "bucket-1"
	w.service.Objects = objects{
		{Key: "incoming/int_a/upl_old", ETag: "e1", Size: 7, At: start.Add(-16 * time.Minute)},
		{Key: "incoming/int_a/upl_new", ETag: "e2", Size: 7, At: start.Add(-14 * time.Minute)},
	}
	if r := w.run(); r.Objects != 1 {
		t.Fatalf("the run did %+v", r)
	}
	for _, part := range []string{`"source":"keyward.sweep"`, `"name":"bucket-1"`} {
		if body := w.messages(w.intake)[0].Body; !strings.Contains(body, part) {
			t.Errorf("the message %s lacks %s", body, part)
		}
	}
	w.trouble = func(op, _ string) error {
		if op == "queue.intake.Send" {
			return errCrash
		}
		return nil
	}
	if _, err := w.service.Run(context.Background()); !errors.Is(err, errCrash) {
		t.Errorf("an object that cannot be queued: %v", err)
	}
	w.trouble = nil
	var sent struct {
		Detail struct{ Object struct{ Key, ETag string } }
	}
	must(t, json.Unmarshal([]byte(w.messages(w.intake)[0].Body), &sent))
	if got := sent.Detail.Object; got.Key != "incoming/int_a/upl_old" || got.ETag != "e1" {
		t.Errorf("intake is told of %v", got)
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
	panicked := certificates < 20
	if logged := strings.Contains(w.log.String(), `"level":"ERROR","msg":"panic in a handler","integration":"int_`); logged != panicked {
		t.Errorf("logged as a panic: %v", logged)
	}
}

// TestHowOftenAnIntegrationIsRead: once for each thing that is due, and not
// looked at further where nothing is.
func TestHowOftenAnIntegrationIsRead(t *testing.T) {
	for _, tc := range []struct {
		name      string
		leased    bool // somebody is at work on all that is due: the index lags
		want      string
		wantReads int
	}{
		{"check and certificates are due", false, "[checks=1 certificates=1 notices=2]", 2},
		{"somebody is at work on both", true, "[notices=2 skipped=1]", 1},
	} {
		w := newWorld(t)
		w.invite("int_a")
		w.accept("int_a", upl(1), newKey(t))
		w.run()
		w.pass(15 * time.Minute)
		before := w.integration("int_a")
		after := before
		after.Certificates.DueAt, after.Certificates.Lease = w.clock(), integration.Lease{}
		if tc.leased {
			lease := integration.Lease{ID: "chk_other", Until: w.clock().Add(time.Minute)}
			after.Check.Lease, after.Certificates.Lease = lease, lease
		}
		must(t, w.store.Commit(context.Background(), integration.Change{Integration: integration.Put(before, after)}))
		var reads atomic.Int64
		w.trouble = func(op, when string) error {
			if op == "store.Integration" && when == "before" {
				reads.Add(1)
			}
			return nil
		}
		if got := w.run().LogValue().String(); got != tc.want || reads.Load() != int64(tc.wantReads) {
			t.Errorf("%s: the run did %s with %d reads, want %s with %d", tc.name, got, reads.Load(), tc.want, tc.wantReads)
		}
	}
}

// TestALateSweepIsLogged and one in time is not.
func TestALateSweepIsLogged(t *testing.T) {
	for _, tc := range []struct {
		scheduled string
		late      bool
	}{
		{"2026-03-02T09:00:00Z", false}, {"2026-03-02T08:59:00Z", false}, {"2026-03-02T08:58:59Z", true},
		{"2026-03-02T10:58:59+02:00", true}, {"", false}, {"yesterday", false},
	} {
		w := newWorld(t)
		must(t, Handler(w.service)(context.Background(), Schedule{ScheduledAt: tc.scheduled}))
		if got := strings.Contains(w.log.String(), "sweep is late"); got != tc.late || !strings.Contains(w.log.String(), "swept") {
			t.Errorf("scheduled at %q, at 9:00: logged as late %v, want %v: %s", tc.scheduled, got, tc.late, w.log)
		}
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
