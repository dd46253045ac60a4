package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// A Delivery is one message as a consumer got it.
type Delivery struct {
	Body    string
	Receipt string
}

// A QueueRig is a queue with its other end. The queue hides a message for
// Visibility when it is received, and gives it up after MaxReceives.
type QueueRig struct {
	Queue       Queue
	Receive     func(ctx context.Context) ([]Delivery, error) // what is visible, at most ten
	Delete      func(ctx context.Context, receipt string) error
	Dead        func(ctx context.Context) ([]string, error) // bodies of those given up
	Advance     func(d time.Duration)                       // lets time pass
	Visibility  time.Duration
	MaxReceives int
}

// RunQueue holds a queue to its contract. Open gives an empty one.
func RunQueue(t *testing.T, open func(t *testing.T) QueueRig) {
	for name, test := range queueTests() {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// arrives waits until as many messages came as wanted, and returns them.
func (r QueueRig) arrives(t *testing.T, want int) []Delivery {
	t.Helper()
	var all []Delivery
	eventually(t, "receiving", func() error {
		got, err := r.Receive(t.Context())
		all = append(all, got...)
		if err == nil && len(all) < want {
			err = fmt.Errorf("%d of %d messages came", len(all), want)
		}
		return err
	})
	return all
}

// nothing fails the test when a message is visible.
func (r QueueRig) nothing(t *testing.T, when string) {
	t.Helper()
	if got := must(r.Receive(t.Context()))(t); len(got) > 0 {
		t.Errorf("%s: %d messages came, want none", when, len(got))
	}
}

func queueTests() map[string]func(*testing.T, QueueRig) {
	return map[string]func(*testing.T, QueueRig){
		"a message arrives as JSON, and is gone when deleted": func(t *testing.T, r QueueRig) {
			want := integration.CheckMessage{Integration: "int_ü#", Check: "chk_1"}
			mustDo(t, r.Queue.Send(t.Context(), want, 0))
			d := r.arrives(t, 1)
			var got integration.CheckMessage
			mustDo(t, json.Unmarshal([]byte(d[0].Body), &got))
			same(t, "message", got, want)
			r.nothing(t, "while somebody works on it")
			mustDo(t, r.Delete(t.Context(), d[0].Receipt))
			r.Advance(2 * r.Visibility)
			r.nothing(t, "after it was deleted")
		},
		"what is not deleted comes again": func(t *testing.T, r QueueRig) {
			mustDo(t, r.Queue.Send(t.Context(), "m", 0))
			r.arrives(t, 1)
			r.Advance(r.Visibility + time.Second)
			second := r.arrives(t, 1)
			mustDo(t, r.Delete(t.Context(), second[0].Receipt))
		},
		"a delay is kept": func(t *testing.T, r QueueRig) {
			mustDo(t, r.Queue.Send(t.Context(), "m", 3*time.Second))
			r.nothing(t, "before its time")
			r.Advance(4 * time.Second)
			same(t, "body", r.arrives(t, 1)[0].Body, `"m"`)
		},
		"a delay that SQS does not know": func(t *testing.T, r QueueRig) {
			for _, d := range []time.Duration{-time.Second, 15*time.Minute + time.Second} {
				wantError(t, d.String(), r.Queue.Send(t.Context(), "m", d), integration.ErrInvalid)
			}
			mustDo(t, r.Queue.Send(t.Context(), "m", 15*time.Minute))
		},
		"given up after too many receives": func(t *testing.T, r QueueRig) {
			mustDo(t, r.Queue.Send(t.Context(), "poison", 0))
			for range r.MaxReceives {
				r.arrives(t, 1)
				r.Advance(r.Visibility + time.Second)
			}
			eventually(t, "dead letters", func() error {
				if got, err := r.Receive(t.Context()); err != nil || len(got) > 0 {
					return fmt.Errorf("%d more came, error %v", len(got), err)
				}
				dead, err := r.Dead(t.Context())
				if err == nil && !slices.Equal(dead, []string{`"poison"`}) {
					err = fmt.Errorf("%q are dead", dead)
				}
				return err
			})
		},
		"many senders lose nothing": func(t *testing.T, r QueueRig) {
			mustDo(t, errors.Join(race(crowd, func(i int) error { return r.Queue.Send(t.Context(), i, 0) })...))
			seen := map[string]bool{}
			for len(seen) < crowd {
				for _, d := range r.arrives(t, 1) {
					seen[d.Body] = true
					mustDo(t, r.Delete(t.Context(), d.Receipt))
				}
			}
		},
		"what is no JSON": func(t *testing.T, r QueueRig) {
			wantError(t, "Send", r.Queue.Send(t.Context(), make(chan int), 0), integration.ErrInvalid)
		},
		"a cancelled send sends nothing": func(t *testing.T, r QueueRig) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			wantError(t, "Send", r.Queue.Send(ctx, "m", 0), context.Canceled)
			r.nothing(t, "after a cancelled send")
		},
	}
}
