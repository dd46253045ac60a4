package integration

import "time"

// Interval is how often a healthy integration is checked.
const Interval = 6 * time.Hour

// When a bad answer is looked at again, counted from the start of its streak.
var (
	rejectedAgain = []time.Duration{5 * time.Minute, 30 * time.Minute} // then every hour, until it is confirmed
	blockedAgain  = []time.Duration{5 * time.Minute, 30 * time.Minute, time.Hour}
	silentAgain   = []time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}
)

// How often a problem that was told is looked at: often at first, because a
// person may be mending it and waits for us to notice.
const (
	mendingFor   = 3 * day
	mendingEvery = time.Hour
	deadEvery    = day      // a deactivated key: Apple does recover
	deadFor      = 90 * day // then the key is deleted
	duringHold   = 30 * time.Minute
)

// nextCheck is when Apple is asked next, after the outcome.
func (c *change) nextCheck(o Outcome, fleet FleetView) time.Time {
	it, now := &c.it, c.now
	switch {
	case o.Verdict == Inconclusive:
		n := min(it.Unanswered.Count, len(silentAgain)) - 1
		return now.Add(max(silentAgain[n], min(o.RetryIn, Interval)))
	case fleet.Hold && o.Verdict != OK && it.State != Deactivated:
		return now.Add(duringHold)
	case it.rolledBack():
		return after(it.OtherStreak.start(), rejectedAgain, recheck, now)
	case it.State == Deactivated && o.Verdict != Blocked:
		return now.Add(deadEvery)
	case o.Verdict == Rejected:
		return after(it.Streak.start(), rejectedAgain, recheck, now)
	case it.State == ActionRequired && now.Sub(it.Since) < mendingFor:
		return now.Add(mendingEvery)
	case it.State == Suspect || it.State == Deactivated:
		return after(it.Streak.start(), blockedAgain, Interval, now)
	}
	at := slot(it.ID, now)
	if reminder := it.userReminderAt(); reminder.After(now) {
		at = earliest(at, reminder) // which goes out with a fresh answer
	}
	return at
}

// after is the first of the steps, counted from since, that is still to come;
// beyond the last one, every so often. What does not count, as after an answer
// during a fleet hold, has no beginning.
func after(since time.Time, steps []time.Duration, every time.Duration, now time.Time) time.Time {
	if since.IsZero() {
		return now.Add(duringHold)
	}
	for _, s := range steps {
		if at := since.Add(s); at.After(now) {
			return at
		}
	}
	n := now.Sub(since)/every + 1
	return since.Add(n * every)
}

// slot is the integration's next regular time: every Interval, at an offset
// that its ID decides, so that the checks of a fleet spread evenly.
func slot(id ID, now time.Time) time.Time {
	offset := time.Duration(id.hash()%uint64(Interval/time.Second)) * time.Second
	at := now.UTC().Truncate(Interval).Add(offset)
	if !at.After(now) {
		at = at.Add(Interval)
	}
	return at
}

// DueAt is when the sweep must look at the integration next: the earliest of
// its timers. Zero means never.
func (it Integration) DueAt() time.Time {
	return earliest(it.Check.DueAt, it.Certificates.DueAt, it.TickAt(), it.EmptyAt())
}

// EmptyAt is when the next secret must leave the vault. Zero means never.
func (it Integration) EmptyAt() time.Time {
	var at time.Time
	for _, d := range it.Trash {
		at = earliest(at, d.Since)
	}
	return at
}

// TickAt is when time alone changes something: a reminder, a deadline, a
// mail held back. Zero means never.
func (it Integration) TickAt() time.Time {
	if it.State == Disconnected {
		return time.Time{}
	}
	return earliest(it.Invitation.nextAt(), it.Told.nextReminder(), it.Told.RetryAt, it.reauthAt(), it.deadline(), it.Attention.NextAt, it.Certificates.stepAt())
}

// deadline is when a deactivated integration's key is deleted.
func (it Integration) deadline() time.Time {
	if it.State != Deactivated || it.Key == nil {
		return time.Time{}
	}
	return it.Since.Add(deadFor)
}

func (c *change) tick(fleet FleetView) {
	c.remindOfInvitation()
	c.remindOfProblem(fleet)
	c.remindOfReauthorisation()
	if at := c.it.Certificates.stepAt(); !at.IsZero() && !at.After(c.now) {
		c.climb()
	}
	c.tell(fleet)
	if at := c.it.deadline(); !at.IsZero() && !at.After(c.now) {
		c.deleteDeadKey()
	}
}

func (c *change) deleteDeadKey() {
	it := &c.it
	keyID := it.Key.KeyID
	c.discard(it.Key)
	c.discard(it.Other)
	it.Key, it.Other, it.OtherStreak = nil, nil, Streak{}
	it.Check.DueAt, it.Check.Lease = time.Time{}, Lease{}
	it.Certificates.DueAt, it.Certificates.Lease = time.Time{}, Lease{}
	n := Notice{Reason: it.Cause, Facts: Facts{KeyID: keyID, Since: it.Since}}
	c.notice(NoticeKeyDeleted, ToSupport, itoa(it.Told.Episode), n)
	n.Link = true
	c.notice(NoticeKeyDeleted, ToAdmin, itoa(it.Told.Episode), n)
}

// earliest is the first of the times that are not zero.
func earliest(times ...time.Time) time.Time {
	var first time.Time
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// TokensAllowed tells whether credentials may be handed out, and warns, with
// a Reason for each, of what the caller should know.
func (it Integration) TokensAllowed() (warnings []Reason, ok bool) {
	switch {
	case it.Key == nil, it.Cause == WrongTeam:
		return nil, false
	case it.State == Active:
		return nil, true
	case it.State == Suspect || it.State == ActionRequired:
		return []Reason{it.Cause}, true
	}
	return nil, false
}
