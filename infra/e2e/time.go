package e2e

import (
	"context"
	"fmt"
	"time"
)

// settle lets everything happen that can happen now.
func (h *Host) settle(ctx context.Context) error {
	for {
		if err := h.queues.Release(ctx); err != nil {
			return err
		}
		moved, err := h.publishAll(ctx)
		if err != nil {
			return fmt.Errorf("EventBridge: %w", err)
		}
		for _, p := range h.mappings {
			m, err := p.Step(ctx)
			if err != nil {
				return fmt.Errorf("moving by %s: %w", p.Name(), err)
			}
			moved = moved || m
		}
		if !moved {
			return ctx.Err()
		}
	}
}

// sweepEvery is how often, at most, schedules run.
const sweepEvery = time.Minute

// Advance lets time pass: it moves the clock from one thing that is due to the
// next, and lets everything happen that would have happened meanwhile.
func (h *Host) Advance(ctx context.Context, d time.Duration) error {
	h.turning.Lock()
	defer h.turning.Unlock()
	end := h.cfg.Clock.Now().Add(d)
	swept := time.Time{}
	for {
		if err := h.settle(ctx); err != nil {
			return err
		}
		now := h.cfg.Clock.Now()
		at := h.due.first()
		if !at.IsZero() && !at.After(now) && now.Sub(swept) >= sweepEvery {
			swept = now
			if err := h.sweep(ctx); err != nil {
				return err
			}
			continue
		}
		next := h.next(now, at, swept)
		if next.IsZero() || next.After(end) {
			break
		}
		h.cfg.Clock.MoveTo(next)
	}
	h.cfg.Clock.MoveTo(end)
	return h.turn(ctx)
}

// turn is what happens at one moment, with the schedules.
func (h *Host) turn(ctx context.Context) error {
	if err := h.settle(ctx); err != nil {
		return err
	}
	if err := h.sweep(ctx); err != nil {
		return err
	}
	return h.settle(ctx)
}

// next is when something happens by itself: a message becomes visible, a part
// of a stream is tried again, a schedule finds something due.
func (h *Host) next(now, due, swept time.Time) time.Time {
	var next time.Time
	earlier := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	earlier(h.queues.Next())
	for _, s := range h.retried {
		earlier(s.Next())
	}
	if due.IsZero() {
		return next
	}
	if soonest := swept.Add(sweepEvery); due.Before(soonest) {
		due = soonest
	}
	if due.Before(now) {
		due = now
	}
	for _, t := range h.timers {
		earlier(t.from(h.began, due))
	}
	return next
}

// sweep runs the schedules whose window is open.
func (h *Host) sweep(ctx context.Context) error {
	for _, t := range h.timers {
		if err := h.run(ctx, t); err != nil {
			return err
		}
	}
	return nil
}
