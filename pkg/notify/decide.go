package notify

import (
	"slices"
	"time"

	"keyward/pkg/integration"
)

// A desk is all that a decision about one notice looks at.
type desk struct {
	notice   integration.Notice
	it       integration.Integration // the zero value but for the ID, for notices about the fleet
	contacts []integration.Contact
	others   []integration.Notice // of the same integration; read only where looksBack
}

// A step is what to do with a notice now.
type step string

const (
	nothing step = "nothing" // sent or dropped already, not yet due, or in somebody's hands
	drop    step = "drop"    // it is not to be sent any more
	forsake step = "forsake" // the customer cannot be told: drop it, and tell support instead
	send    step = "send"
)

// A decision is a step with its reason, a code for the history, and the
// contact to write to: the zero Contact for support.
type decision struct {
	step step
	why  integration.Reason
	to   integration.Contact
}

// decide chooses the step, in this order: done and leased notices are left
// alone, then time is looked at, then sense, then who can be written to.
func decide(d desk, now time.Time) decision {
	n := d.notice
	switch {
	case n.Status == integration.Sent || n.Status == integration.Dropped:
		return decision{step: nothing}
	case n.Status == integration.Sending && now.Before(n.Lease.Until):
		return decision{step: nothing}
	case now.Before(n.NotBefore):
		return decision{step: nothing}
	case overage(n, now):
		return decision{step: drop, why: integration.TooOld}
	case !makesSense(d, now):
		return decision{step: drop, why: integration.Outlived}
	}
	return address(d)
}

// address chooses whom to write to.
func address(d desk) decision {
	n := d.notice
	if n.Audience == integration.ToSupport {
		if n.Attempts >= MaxAttempts {
			return decision{step: drop, why: integration.Unconfirmed}
		}
		return decision{step: send}
	}
	if n.Attempts >= MaxAttempts {
		return decision{step: forsake, why: integration.Unconfirmed}
	}
	left := remaining(n, d.contacts)
	if len(left) == 0 {
		return decision{step: forsake, why: integration.NobodyLeft}
	}
	return decision{step: send, to: left[0]}
}

// remaining are the contacts whom the notice may still go to, in order: first
// the one whom it is about, who waits for it.
func remaining(n integration.Notice, contacts []integration.Contact) []integration.Contact {
	left := slices.DeleteFunc(integration.Recipients(contacts, integration.Duty(n.Audience)),
		func(c integration.Contact) bool { return slices.Contains(n.Tried, c.ID) })
	slices.SortStableFunc(left, func(a, b integration.Contact) int {
		return rank(a.ID != n.Facts.Contact) - rank(b.ID != n.Facts.Contact)
	})
	return left
}

func rank(later bool) int {
	if later {
		return 1
	}
	return 0
}

// overage tells whether the notice has been due for more than MaxAge.
func overage(n integration.Notice, now time.Time) bool {
	due := n.CreatedAt
	if n.NotBefore.After(due) {
		due = n.NotBefore
	}
	return now.Sub(due) > MaxAge
}
