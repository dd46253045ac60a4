package integration

import (
	"strconv"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

const day = 24 * time.Hour

// invitationReminders are when a contact who has not uploaded a key is reminded.
var invitationReminders = [...]time.Duration{3 * day, 10 * day}

// invite issues a link. Where the key in force works and nobody but a contact
// wants a link, nobody waits for a key: the e-mail says so, and no reminder
// follows, unless one is still to come of an invitation before.
func (c *change) invite(asked bool) {
	before := c.it.Invitation
	n := before.Count + 1
	c.it.Invitation = Invitation{At: c.now, ExpiresAt: c.now.Add(LinkLife), Count: n}
	unneeded := asked && c.it.Key != nil && c.it.State != Deactivated && !c.it.keyTooWeak()
	if awaited := before.nextAt(); unneeded && (awaited.IsZero() || before.ExpiresAt.Before(c.now)) {
		c.it.Invitation.Reminded = len(invitationReminders) + 1
	} else {
		unneeded = false
	}
	facts := Facts{Expires: c.it.Invitation.ExpiresAt, Unneeded: unneeded}
	c.notice(NoticeInvitation, ToAdmin, itoa(n), Notice{Link: true, Facts: facts})
}

// keyTooWeak reports whether the open problem needs a new key.
func (it Integration) keyTooWeak() bool { return it.State == ActionRequired && needsNewKey(it.Cause) }

func (c *change) voidLinks() {
	c.it.LinkEpoch++
	c.it.Waiting = nil
	c.it.Invitation = Invitation{Count: c.it.Invitation.Count}
}

// nextInvitationAt is when the standing invitation needs attention: a
// reminder, or its end.
func (i Invitation) nextAt() time.Time {
	switch {
	case i.At.IsZero() || i.Reminded > len(invitationReminders):
		return time.Time{}
	case i.Reminded < len(invitationReminders):
		return i.At.Add(invitationReminders[i.Reminded])
	default:
		return i.ExpiresAt
	}
}

// remindOfInvitation sends the latest reminder that is due, and only that:
// after a pause nobody gets two at once.
func (c *change) remindOfInvitation() {
	inv := &c.it.Invitation
	before := inv.Reminded
	for at := inv.nextAt(); !at.IsZero() && !at.After(c.now); at = inv.nextAt() {
		inv.Reminded++
	}
	occasion := itoa(inv.Count) + "-" + itoa(inv.Reminded)
	switch {
	case inv.Reminded == before:
	case inv.Reminded > len(invitationReminders):
		if c.it.State == AwaitingKey {
			c.notice(NoticeInvitationOver, ToSupport, occasion, Notice{})
		}
	default:
		c.notice(NoticeInvitationReminder, ToAdmin, occasion, Notice{Link: true, Facts: Facts{Expires: inv.ExpiresAt}})
	}
}
