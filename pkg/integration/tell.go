package integration

import (
	"slices"
	"time"
)

// When the contacts hear again of a problem.
const (
	sameCauseAfter = 24 * time.Hour   // the same cause is not mailed again before
	waveHolds      = 24 * time.Hour   // customers' mails wait this long in an agreement wave
	holdRetry      = 10 * time.Minute // how often a mail held back is looked at
)

var problemReminders = [...]time.Duration{3 * day, 10 * day, 17 * day} // the last goes to support

// problem is what the state says is wrong, if it says so for certain.
func (it Integration) problem() (why Reason, open bool) {
	if it.State == ActionRequired || it.State == Deactivated {
		return it.Cause, true
	}
	return "", false
}

// tell reconciles what the contacts were last told with what is so. It runs
// after every event that can change either, and keeps three promises: a
// problem is told once for each cause; after a problem that was told, one
// mail says that it is over; and nothing is told while Apple, and not the
// customer, seems to be at fault.
func (c *change) tell(fleet FleetView) {
	it := &c.it
	why, open := it.problem()
	held := it.Told.heldByFleet()
	it.Told.RetryAt = time.Time{}
	switch {
	case !open && it.State == Active:
		c.closeProblem("")
	case !open, it.Told.Problem == why && it.Told.Lost == (it.State == Deactivated):
	default:
		if at := it.holdBack(why, fleet, c.now); at.After(c.now) {
			it.Told.RetryAt = at
			return
		}
		c.tellProblem(why, fleet.Wave || held)
	}
}

// heldByFleet tells whether a mail is held back with those of others: once it
// may go, theirs may, too.
func (t Told) heldByFleet() bool {
	own := func(cause Telling) bool { return t.RetryAt.Equal(cause.At.Add(sameCauseAfter)) }
	return !t.RetryAt.IsZero() && !slices.ContainsFunc(t.Lately, own)
}

// holdBack is until when the problem must not be told; not after now means
// that it may be.
func (it Integration) holdBack(why Reason, fleet FleetView, now time.Time) time.Time {
	switch {
	case fleet.Hold:
		return now.Add(holdRetry)
	case fleet.Wave && why == Agreement && now.Sub(it.Since) < waveHolds:
		return now.Add(holdRetry)
	}
	for _, cause := range it.Told.Lately {
		if cause.Reason == why {
			return cause.At.Add(sameCauseAfter)
		}
	}
	return time.Time{}
}

// next is what is told once the problem has been.
func (t Told) next(why Reason, now time.Time) Told {
	return Told{Problem: why, At: now, Episode: t.Episode + 1, Lately: t.lately(why, now)}
}

// lately is what was told within the last day, the new cause included.
func (t Told) lately(why Reason, now time.Time) []Telling {
	out := []Telling{{Reason: why, At: now}}
	for _, cause := range t.Lately {
		if cause.Reason != why && now.Sub(cause.At) < sameCauseAfter {
			out = append(out, cause)
		}
	}
	return out
}

// audience is who can mend the problem.
func audience(why Reason) Audience {
	if why == Agreement || why == Membership {
		return ToAccountHolder
	}
	return ToAdmin
}

// tellProblem writes the mails. The customer's is paced, at a time within the
// next hour that the ID decides, where those of others go out with it.
func (c *change) tellProblem(why Reason, paced bool) {
	it := &c.it
	it.Told = it.Told.next(why, c.now)
	kind := NoticeActionRequired
	if it.State == Deactivated {
		kind, it.Told.Lost = NoticeAccessLost, true
	}
	episode := it.Told.Episode
	n := c.problemNotice(why)
	c.notice(kind, ToSupport, itoa(episode), n)
	n.Link = needsNewKey(why)
	if paced {
		n.NotBefore = c.now.Add(time.Duration(it.ID.hash() % uint64(time.Hour)))
	}
	c.notice(kind, audience(why), itoa(episode), n)
}

// problemNotice says since when the problem has been seen, and how often.
func (c *change) problemNotice(why Reason) Notice {
	n := Notice{Reason: why, Facts: Facts{Since: c.it.Since}}
	if c.it.Key != nil {
		n.Facts.KeyID = c.it.Key.KeyID
	}
	if s := c.it.Streak; s.shows(why) {
		n.Facts.Since, n.Facts.Count, n.Facts.Missing = s.Since, s.Count, s.Missing
	}
	return n
}

// needsNewKey tells whether a fresh upload link helps against the problem.
func needsNewKey(why Reason) bool {
	return why != Agreement && why != Membership && why != NoApps
}

// closeProblem says that a problem which was told is over. Whoever is in the
// audience "said" hears it in another mail of the same moment.
func (c *change) closeProblem(said Audience) {
	told := &c.it.Told
	if told.Problem == "" {
		return
	}
	why := told.Problem
	n := Notice{Reason: why, Facts: Facts{Since: told.At}}
	if to := audience(why); to != said {
		c.notice(NoticeRecovered, to, itoa(told.Episode), n)
	}
	c.notice(NoticeRecovered, ToSupport, itoa(told.Episode), n)
	told.Problem, told.Lost, told.Reminded, told.RetryAt = "", false, 0, time.Time{}
}

// nextReminder is when the open problem is mentioned again; zero: never.
func (t Told) nextReminder() time.Time {
	if t.Problem == "" || t.Reminded >= len(problemReminders) {
		return time.Time{}
	}
	return t.At.Add(problemReminders[t.Reminded])
}

// remindOfProblem sends the latest reminder that is due, and only that.
func (c *change) remindOfProblem(fleet FleetView) {
	told := &c.it.Told
	if fleet.Hold {
		return
	}
	before := told.Reminded
	for at := told.nextReminder(); !at.IsZero() && !at.After(c.now); at = told.nextReminder() {
		told.Reminded++
	}
	if told.Reminded == before {
		return
	}
	n := c.problemNotice(told.Problem)
	n.Facts.Since, n.Facts.Count = told.At, 0
	occasion := itoa(told.Episode) + "-" + itoa(told.Reminded)
	if told.Reminded == len(problemReminders) {
		c.notice(NoticeStillOpen, ToSupport, occasion, n)
		return
	}
	n.Link = needsNewKey(told.Problem)
	c.notice(NoticeProblemReminder, audience(told.Problem), occasion, n)
}
