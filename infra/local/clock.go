package local

import (
	"sync"
	"time"
)

// A Clock is a wall clock that can be moved on, or, once frozen, one that
// only moves when it is told to.
type Clock struct {
	mu     sync.Mutex
	frozen time.Time // zero while the clock runs
	ahead  time.Duration
}

// NewClock runs ahead of the wall clock by the duration.
func NewClock(ahead time.Duration) *Clock { return &Clock{ahead: ahead} }

// NewFrozenClock stands still at the time.
func NewFrozenClock(at time.Time) *Clock { return &Clock{frozen: at} }

// Now is the clock's time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frozen.IsZero() {
		return c.frozen
	}
	return time.Now().Add(c.ahead).UTC().Round(0)
}

// Ahead is how far the clock is ahead of the wall clock; 0 for a frozen one.
func (c *Clock) Ahead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead
}

// MoveTo moves the clock on to the time; it never goes back.
func (c *Clock) MoveTo(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frozen.IsZero() {
		if at.After(c.frozen) {
			c.frozen = at
		}
		return
	}
	if d := time.Until(at); d > c.ahead {
		c.ahead = d
	}
}
