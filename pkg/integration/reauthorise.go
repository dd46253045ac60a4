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
	if it.ReauthTold == len(reauthReminders)-1 {
		return it.reauthDue()
	}
	return it.ConfirmedAt.Add(every - reauthReminders[it.ReauthTold])
}

// reauthDue is the day by which the contact must have confirmed: never less
// than a day after the last reminder, which comes late where nothing ran, or
// where the integration could not be confirmed.
func (it Integration) reauthDue() time.Time {
	due := it.ConfirmedAt.Add(it.Access.Reauthorise.Every)
	if graced := it.ReauthToldAt.Add(day); !it.ReauthToldAt.IsZero() && graced.After(due) {
		return graced
	}
	return due
}

// remindOfReauthorisation sends the latest reminder that is due. Overdue is
// told to support, and ends access only where the vendor enforces it.
func (c *change) remindOfReauthorisation() {
	it := &c.it
	before := it.ReauthTold
	last := len(reauthReminders) - 1 // nobody is overdue who was not reminded
	for at := it.reauthAt(); !at.IsZero() && !at.After(c.now) && (it.ReauthTold < last || before == last); at = it.reauthAt() {
		it.ReauthTold++
	}
	if it.ReauthTold == before {
		return
	}
	if it.ReauthTold <= last {
		it.ReauthToldAt = c.now
	}
	due := it.reauthDue()
	occasion := it.ConfirmedAt.UTC().Format(time.RFC3339) + "-" + itoa(it.ReauthTold)
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
	it.ConfirmedAt, it.ReauthTold, it.ReauthToldAt = c.now, 0, time.Time{}
	if it.State == Deactivated && it.Cause == Reauthorisation {
		it.Check.DueAt = c.now
		if bad := it.Check.Verdict == Rejected || it.Check.Verdict == Blocked; bad {
			c.enter(Suspect, it.Check.Reason) // a click does not make a key work
		} else {
			c.enter(Active, "")
		}
	}
	if it.State == Active {
		c.closeProblem("")
	} // a problem that is not told yet waits for Tick, which knows of a hold
}
