package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"keyward/pkg/integration"
)

var errCrash = errors.New("crash")

// TestCrashBetweenAnyTwoSteps lets every call of a port fail in turn, once
// before it is done and once after, as a worker that dies would. Afterwards
// the sweep brings the notice again whenever it is due. It must end, and the
// contact must have got the mail once, or twice where nobody can tell.
func TestCrashBetweenAnyTwoSteps(t *testing.T) {
	for _, when := range []string{"before", "after"} {
		for n := range 12 {
			t.Run(fmt.Sprintf("%s call %d", when, n), func(t *testing.T) {
				b := newBench(t)
				it, notice := b.invited()
				dedupe := b.put(it, notice, ada())
				b.crash(when, int64(n))
				_ = b.send(dedupe) // may fail or not
				b.setHook(nil)
				b.setAfter(nil)
				b.settleDown()
				b.wantStatus(dedupe, integration.Sent)
				if got := len(b.mails()); got < 1 || got > 2 {
					t.Errorf("%d mails", got)
				}
				b.wantOneMessageID()
			})
		}
	}
}

// crash makes all calls fail from the nth on: the worker is dead.
func (b *bench) crash(when string, n int64) {
	var calls atomic.Int64
	die := func(string) error {
		if calls.Add(1) > n {
			return errCrash
		}
		return nil
	}
	if when == "before" {
		b.setHook(die)
	} else {
		b.setAfter(die)
	}
}

// settleDown plays sweep and stream until nothing is pending.
func (b *bench) settleDown() {
	b.t.Helper()
	for range 20 {
		left := b.pending()
		if len(left) == 0 {
			return
		}
		for _, d := range left {
			b.mustSend(d)
		}
		b.advance(6 * time.Minute)
	}
	b.t.Fatalf("never came to an end: %q", b.pending())
}

// wantOneMessageID: mail programs fold duplicates by it.
func (b *bench) wantOneMessageID() {
	b.t.Helper()
	ids := map[string]bool{}
	for _, m := range b.mails() {
		ids[decoded(b.t, m.Raw).header.Get("Message-ID")] = true
	}
	if len(ids) != 1 {
		b.t.Errorf("%d message IDs for one notice", len(ids))
	}
}

func TestTimeoutsGiveAtMostOneDuplicate(t *testing.T) {
	b := newBench(t)
	it, n := b.invited()
	dedupe := b.put(it, n, ada())
	var mails atomic.Int64
	b.setAfter(func(op string) error {
		if op == "mail.Send" && mails.Add(1) <= 2 {
			return context.DeadlineExceeded // the mail is out, its answer is lost
		}
		return nil
	})
	b.mustSend(dedupe)
	b.mustSend(dedupe)
	if got := len(b.mails()); got != 1 {
		t.Fatalf("%d mails within one lease", got)
	}
	b.advance(6 * time.Minute)
	b.settleDown()
	b.wantMails("ada@acme.example", "ada@acme.example", "help@vendor.example")
	b.wantStatus(dedupe, integration.Dropped)
	text := decoded(t, b.mails()[2].Raw).text
	if !strings.Contains(text, "We don’t know whether an email went out") {
		t.Errorf("support is told something else:\n%s", text)
	}
}

func TestThrottledMailIsRepeatedAndNotCounted(t *testing.T) {
	for name, refusal := range map[string]error{"throttled": integration.ErrThrottled, "paused": integration.ErrNotSent} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			it, n := b.invited()
			dedupe := b.put(it, n, ada())
			b.fail("mail.Send", fmt.Errorf("%w: %w", refusal, errTalkative))
			for range 5 {
				b.mustSend(dedupe)
				b.wantStatus(dedupe, integration.Sending) // not pending: the stream would bring it at once
				if got := b.notice(dedupe).SentTo; got != "" {
					t.Errorf("the notice says that it went to %s", got)
				}
				b.advance(6 * time.Minute)
			}
			b.setHook(nil)
			b.mustSend(dedupe)
			b.wantMails("ada@acme.example")
			b.wantStatus(dedupe, integration.Sent)
		})
	}
}

func TestACallerWhoGivesUpDoesNotLoseTheAnswer(t *testing.T) {
	b := newBench(t)
	it, n := b.invited()
	dedupe := b.put(it, n, ada())
	ctx, cancel := context.WithCancel(t.Context())
	b.setHook(func(op string) error {
		if op == "mail.Send" {
			cancel()
		}
		return nil
	})
	if err := b.Send(ctx, it.ID, dedupe); err != nil {
		t.Fatal(err)
	}
	b.wantMails("ada@acme.example")
	b.wantStatus(dedupe, integration.Sent)
}

func TestLateWorkerDoesNotFinishForTheNext(t *testing.T) {
	b := newBench(t)
	it, n := b.invited()
	dedupe := b.put(it, n, ada())
	var once atomic.Bool
	b.setAfter(func(op string) error {
		if op == "mail.Send" && once.CompareAndSwap(false, true) {
			b.advance(6 * time.Minute) // so slow that its lease ran out
			b.mustSend(dedupe)         // and another took over
		}
		return nil
	})
	b.mustSend(dedupe)
	b.wantMails("ada@acme.example", "ada@acme.example")
	if got := b.notice(dedupe); got.Status != integration.Sent || got.Attempts != 2 {
		t.Errorf("the notice ended as %+v", got)
	}
}

func TestLateWorkerDoesNotTouchTheNextOnesLease(t *testing.T) {
	b := newBench(t)
	it, n := b.invited()
	dedupe := b.put(it, n, ada())
	b.Service.Mailer = slowRefusal(func() {
		b.advance(6 * time.Minute)
		b.Service.Mailer = stuck{}
		b.Service.SendTimeout = time.Millisecond
		b.mustSend(dedupe)
	})
	b.mustSend(dedupe)
	if got := b.notice(dedupe); got.Attempts != 2 || got.SentTo != "con_ada" {
		t.Errorf("the late worker took back another's attempt: %+v", got)
	}
}

// slowRefusal certainly sends nothing, after the func.
type slowRefusal func()

func (f slowRefusal) Send(context.Context, integration.Mail) (string, error) {
	f()
	return "", integration.ErrNotSent
}

func TestASlowMailServiceIsGivenUpInTime(t *testing.T) {
	b := newBench(t)
	it, n := b.invited()
	dedupe := b.put(it, n, ada())
	b.Service.Mailer, b.Service.SendTimeout = stuck{}, time.Millisecond
	b.mustSend(dedupe)
	b.wantStatus(dedupe, integration.Sending)
}

// stuck never answers.
type stuck struct{}

func (stuck) Send(ctx context.Context, _ integration.Mail) (string, error) {
	<-ctx.Done()
	return "", fmt.Errorf("%s: %w", talkative, ctx.Err())
}
