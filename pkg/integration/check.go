package integration

import "time"

// checked applies the outcome of a check, unless the check or its key is not
// the one that counts any more.
func (c *change) checked(e Checked) {
	it := &c.it
	if !it.Key.is(e.Used) || e.Check == "" || it.Check.Lease.ID != e.Check {
		return
	}
	outcome := c.seeTeam(c.settleOther(e))
	it.Check.Lease = Lease{}
	it.Check.LastID, it.Check.LastAt = e.Check, c.now
	it.Check.Verdict, it.Check.Reason = outcome.Verdict, outcome.Reason
	user := it.User
	c.learn(outcome)
	switch outcome.Verdict {
	case OK:
		c.ok()
	case Rejected, Blocked:
		c.bad(outcome, e.Fleet)
	default:
		c.unanswered(outcome, e.Fleet)
	}
	c.tell(e.Fleet)
	c.remindOfUser(user, outcome.User, e.Fleet)
	it.Check.DueAt = c.nextCheck(outcome, e.Fleet)
}

func (c *change) ok() {
	it := &c.it
	it.Streak, it.Unanswered = Streak{}, Unanswered{}
	it.Check.OKAt = c.now
	if !it.Key.RejectedAt.IsZero() {
		key := *it.Key
		key.RejectedAt = time.Time{}
		it.Key = &key
	}
	if it.State != Deactivated || it.Cause != Reauthorisation {
		c.enter(Active, "")
	}
	c.prove()
}

// prove notes the key's first good check. The key that it replaced is not
// needed any more; one that was rolled back is.
func (c *change) prove() {
	it := &c.it
	if it.Key.proven() {
		return
	}
	key := *it.Key
	key.FirstOKAt = c.now
	it.Key = &key
	old := it.Other
	if old == nil || it.rolledBack() {
		return
	}
	c.discard(old)
	it.Other, it.OtherStreak = nil, Streak{}
	if old.RejectedAt.IsZero() && old.KeyID != key.KeyID {
		c.notice(NoticeMayRevoke, ToAdmin, string(key.Upload), Notice{Facts: Facts{KeyID: key.KeyID, OldKeyID: old.KeyID}})
	}
}

// bad counts an answer against the key, or against what stands in its way,
// and acts once that is confirmed. During a fleet hold nothing counts.
func (c *change) bad(o Outcome, fleet FleetView) {
	it := &c.it
	it.Unanswered = Unanswered{}
	switch {
	case !fleet.Hold:
		it.Streak = it.Streak.add(o, c.now)
	case !it.Streak.continuedBy(o): // it does not count, and it still breaks the streak
		it.Streak = Streak{}
	default:
		it.Streak = it.Streak.pause(fleet.HoldSince)
	}
	confirmed := !fleet.Hold && it.Streak.confirmed(fleet, c.now)
	switch {
	case it.State == Active:
		c.enter(Suspect, o.Reason)
	case it.State == Deactivated && (o.Verdict == Rejected || it.Cause == Reauthorisation):
	case confirmed && o.Verdict == Rejected:
		c.enter(Deactivated, o.Reason)
		key := *it.Key
		key.RejectedAt = c.now
		it.Key = &key
	case confirmed && o.Verdict == Blocked:
		c.enter(ActionRequired, o.Reason)
	case it.State == Suspect:
		it.Cause = o.Reason
	}
}

// toldAfter is how long Apple may stay silent about one integration before
// support hears of it.
const toldAfter = 24 * time.Hour

// add counts one more inconclusive answer. The time before it counts up to
// when Apple was to be asked again.
func (u Unanswered) add(o Outcome, now time.Time) Unanswered {
	if u.Since.IsZero() {
		u.Since = now
	} else if !u.Until.IsZero() {
		u.Paused += max(0, now.Sub(u.Until))
	}
	u.Count++
	u.Because, u.Until = o.Reason, now.Add(max(recheck, min(o.RetryIn, Interval)))
	return u
}

// start is when the silence would have begun without the time in which nobody
// asked; zero when there is none.
func (u Unanswered) start() time.Time {
	if u.Since.IsZero() {
		return time.Time{}
	}
	return u.Since.Add(u.Paused)
}

// StartWith is when the silence began, less the time in which nobody asked,
// where one more answer is inconclusive.
func (u Unanswered) StartWith(o Outcome, now time.Time) time.Time { return u.add(o, now).start() }

func (c *change) unanswered(o Outcome, fleet FleetView) {
	c.it.Streak = c.it.Streak.pause(c.it.Streak.Last)
	c.it.Unanswered = c.it.Unanswered.add(o, c.now)
	u := &c.it.Unanswered
	if u.Told || fleet.Silent || c.now.Sub(u.start()) < toldAfter {
		return
	}
	u.Told = true
	c.notice(NoticeUnanswered, ToSupport, u.Since.UTC().Format(time.RFC3339), Notice{Reason: o.Reason, Facts: Facts{Since: u.Since, Count: u.Count}})
}
