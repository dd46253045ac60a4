package integration

import "time"

// When a streak of equal answers is believed. Apple rejects valid keys now and
// then, sometimes for hours, and its agreement errors come and go too [FIELD].
const (
	rejectedCount = 4
	rejectedOver  = 6 * time.Hour
	rejectedSmall = 24 * time.Hour // in a fleet too small to show that Apple is at fault
	blockedCount  = 3
	blockedOver   = time.Hour
	smallFleet    = 5
)

// recheck is how often Apple is asked about a bad answer. The time between two
// answers counts for that much at most: while nobody asks, nobody knows what
// Apple would have said.
const recheck = time.Hour

// add counts one more answer. Another verdict, or another reason of a
// blocked one, begins a new streak.
func (s Streak) add(o Outcome, now time.Time) Streak {
	if !s.continuedBy(o) {
		s = Streak{Verdict: o.Verdict, Since: now, Last: now}
	}
	s = s.resume(now)
	s.Reason, s.Missing = o.Reason, o.Missing
	s.Count++
	return s
}

// continuedBy reports whether the answer is one more of those in the streak.
func (s Streak) continuedBy(o Outcome) bool {
	return s.Verdict == o.Verdict && (o.Verdict != Blocked || s.Reason == o.Reason)
}

// shows reports whether the streak's answers are about the problem: after one
// was confirmed, Apple may have begun to give others.
func (s Streak) shows(why Reason) bool {
	if s.Verdict == Rejected {
		return why == NotAuthorized || why == ForbiddenAtAll || why == WrongProgram || why == WrongKeyKind
	}
	return s.Verdict == Blocked && s.Reason == why
}

// resume notes an answer that counts.
func (s Streak) resume(now time.Time) Streak {
	until := s.Last.Add(recheck)
	if !s.PausedFrom.IsZero() && s.PausedFrom.Before(until) {
		until = s.PausedFrom
	}
	s.Paused += max(0, now.Sub(until))
	s.PausedFrom, s.Last = time.Time{}, now
	return s
}

// pause notes an answer that does not count: the streak stands still from its
// last answer on, or from the given time where that is later.
func (s Streak) pause(from time.Time) Streak {
	if s.PausedFrom.IsZero() {
		s.PausedFrom = s.Last
		if from.After(s.Last) {
			s.PausedFrom = from
		}
	}
	return s
}

// start is when the streak would have begun without the time that does not
// count; zero when there is no streak.
func (s Streak) start() time.Time {
	if s.Since.IsZero() {
		return time.Time{}
	}
	return s.Since.Add(s.Paused)
}

// activeFor is how much of the streak's time counts.
func (s Streak) activeFor(now time.Time) time.Duration { return now.Sub(s.start()) }

// confirmed reports whether the streak has enough answers over enough time.
func (s Streak) confirmed(fleet FleetView, now time.Time) bool {
	over := s.activeFor(now)
	switch s.Verdict {
	case Rejected:
		need := rejectedOver
		if fleet.Size < smallFleet && !fleet.Canary {
			need = rejectedSmall
		}
		return s.Count >= rejectedCount && over >= need
	case Blocked:
		return s.Count >= blockedCount && over >= blockedOver
	}
	return false
}

// settleOther looks after the second key, and returns the outcome that counts
// for the integration.
//
// A new key that fails its first scheduled checks while Apple still knows the
// one it replaced is rolled back: the old one is in force again. The new one
// stays beside it, is looked at with every check, and comes back in force
// with its first good answer, or is thrown away once its rejection is
// confirmed: a key that was accepted is never lost to one of Apple's moods.
func (c *change) settleOther(e Checked) Outcome {
	it := &c.it
	if !it.hasOther(e) || e.Fleet.Hold {
		return e.Outcome
	}
	outcome, back := it.Settled(e), it.rolledBack()
	switch {
	case it.otherCounts(e) && back:
		c.swap()
	case it.otherCounts(e):
		c.swap()
		c.notice(NoticeRolledBack, ToSupport, string(it.Other.Upload), Notice{Reason: e.Outcome.Reason, Facts: Facts{KeyID: it.Key.KeyID, OldKeyID: it.Other.KeyID}})
		it.OtherStreak = Streak{}.add(e.Outcome, c.now)
	case back && e.Other.Verdict == Rejected:
		c.countOther(e)
	case back && e.Other.Verdict == Inconclusive:
		it.OtherStreak = it.OtherStreak.pause(it.OtherStreak.Last)
	case back: // Apple knows it, and does not let it in
		it.OtherStreak = Streak{}
	}
	return outcome
}

// Settled is the outcome that counts for the integration where its two keys
// were asked about: that of the one which is, or should be, in force.
func (it Integration) Settled(e Checked) Outcome {
	if it.otherCounts(e) {
		return *e.Other
	}
	return e.Outcome
}

func (it Integration) hasOther(e Checked) bool {
	return it.Other != nil && e.Other != nil && it.Other.is(e.UsedOther)
}

// otherCounts tells whether the key beside the one in force should be in force
// instead. Where the team as a whole is not let in, an old key that Apple
// knows is better than a new one that it does not.
func (it Integration) otherCounts(e Checked) bool {
	switch {
	case !it.hasOther(e):
		return false
	case it.rolledBack():
		return e.Other.Verdict == OK
	}
	team := e.Other.Verdict == Blocked && (e.Other.Reason == Agreement || e.Other.Reason == Membership)
	return e.Outcome.Verdict == Rejected && (e.Other.Verdict == OK || team)
}

// swap puts the other key in force. A streak belongs to one key, and the team
// follows the key: the one before may have moved the integration.
func (c *change) swap() {
	it := &c.it
	it.Key, it.Other = it.Other, it.Key
	it.Streak, it.OtherStreak = Streak{}, Streak{}
	if t := it.Key.Team; t.ID != "" && t.ID != it.TeamID {
		it.setTeam(t)
		it.Apps, it.ProbedAt = nil, time.Time{}
	}
}

func (c *change) countOther(e Checked) {
	it := &c.it
	it.OtherStreak = it.OtherStreak.add(*e.Other, c.now)
	if !it.OtherStreak.confirmed(e.Fleet, c.now) {
		return
	}
	lost := it.Other
	c.discard(lost)
	it.Other, it.OtherStreak = nil, Streak{}
	n := Notice{Reason: e.Other.Reason, Facts: Facts{KeyID: it.Key.KeyID, OldKeyID: lost.KeyID}}
	c.notice(NoticeKeyRefused, ToSupport, string(lost.Upload), n)
	n.Link = true
	c.notice(NoticeKeyRefused, ToAdmin, string(lost.Upload), n)
}

// rolledBack tells whether the key in force is the older of the two.
func (it Integration) rolledBack() bool {
	return it.Key != nil && it.Other != nil && it.Other.AcceptedAt.After(it.Key.AcceptedAt)
}

// ConsultsOther tells whether a check whose key in force got the outcome
// should also look at Integration.Other: when the new key fails and the old
// one may still work, and after a roll-back.
func (it Integration) ConsultsOther(o Outcome) bool {
	if it.Other == nil || it.Key == nil {
		return false
	}
	return it.rolledBack() || (o.Verdict == Rejected && !it.Key.proven() && it.Other.RejectedAt.IsZero())
}
