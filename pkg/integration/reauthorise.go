package integration

import "time"

// reauthReminders are how long before the day the contact is asked to confirm.
var reauthReminders = [...]time.Duration{14 * day, 7 * day, day, 0}

// reauthAt is when the reauthorisation needs attention next; zero: never.
func (it Integration) reauthAt() time.Time {
	every := it.Access.Reauthorise.Every
	if every <= 0 || it.Key == nil || it.State == Deactivated || it.ReauthTold >= len(reauthReminders) {
		return time.Time{}
	}
	return it.ConfirmedAt.Add(every - reauthReminders[it.ReauthTold])
}

// remindOfReauthorisation sends the latest reminder that is due. Overdue is
// told to support, and ends access only where the vendor enforces it.
func (c *change) remindOfReauthorisation() {
	it := &c.it
	before := it.ReauthTold
	for at := it.reauthAt(); !at.IsZero() && !at.After(c.now); at = it.reauthAt() {
		it.ReauthTold++
	}
	if it.ReauthTold == before {
		return
	}
	due := it.ConfirmedAt.Add(it.Access.Reauthorise.Every)
	occasion := due.UTC().Format(time.DateOnly) + "-" + itoa(it.ReauthTold)
	if it.ReauthTold < len(reauthReminders) {
		days := int(due.Sub(c.now) / day)
		c.notice(NoticeReauthorise, ToAdmin, occasion, Notice{Link: true, Facts: Facts{Expires: due, Days: days}})
		return
	}
	c.notice(NoticeReauthOverdue, ToSupport, occasion, Notice{Facts: Facts{Expires: due}})
	if it.Access.Reauthorise.Enforce {
		c.enter(Deactivated, Reauthorisation)
	}
}

func (c *change) reauthorised() {
	it := &c.it
	it.ConfirmedAt, it.ReauthTold = c.now, 0
	if it.State == Deactivated && it.Cause == Reauthorisation {
		c.enter(Active, "")
		it.Check.DueAt = c.now
	}
	c.tell(FleetView{})
}
