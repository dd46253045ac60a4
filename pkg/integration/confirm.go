package integration

import "time"

// When a run of equal answers is believed. Apple rejects valid keys now and
// then, sometimes for hours, and its agreement errors come and go too [FIELD].
const (
	rejectedCount = 4
	rejectedOver  = 6 * time.Hour
	rejectedSmall = 24 * time.Hour // in a fleet too small to show that Apple is at fault
	blockedCount  = 3
	blockedOver   = time.Hour
	smallFleet    = 5
)

// add counts one more answer. Another verdict, or another reason of a
// blocked one, begins a new row.
func (r Row) add(o Outcome, now time.Time) Row {
	if r.Verdict != o.Verdict || (o.Verdict == Blocked && r.Reason != o.Reason) {
		r = Row{Verdict: o.Verdict, Since: now, Last: now}
	}
	r = r.heard(now)
	r.Reason, r.Missing = o.Reason, o.Missing
	r.Count++
	return r
}

// heard notes an answer that counts.
func (r Row) heard(now time.Time) Row {
	if !r.UnheardFrom.IsZero() {
		r.Unheard += max(0, now.Sub(r.UnheardFrom))
	}
	r.UnheardFrom, r.Last = time.Time{}, now
	return r
}

// unheard notes one that does not, and that the row has not counted since its
// last answer, or since the given time where that is later.
func (r Row) unheard(from time.Time) Row {
	if r.Count > 0 && r.UnheardFrom.IsZero() {
		r.UnheardFrom = r.Last
		if from.After(r.Last) {
			r.UnheardFrom = from
		}
	}
	return r
}

// counts is since when the row would have gone on, had there always been an
// answer; zero when there is none.
func (r Row) counts() time.Time {
	if r.Since.IsZero() {
		return time.Time{}
	}
	return r.Since.Add(r.Unheard)
}

// confirmed tells whether the row is long enough, in answers and in time.
func (r Row) confirmed(fleet FleetView, now time.Time) bool {
	over := now.Sub(r.counts())
	switch r.Verdict {
	case Rejected:
		need := rejectedOver
		if fleet.Size < smallFleet && !fleet.Canary {
			need = rejectedSmall
		}
		return r.Count >= rejectedCount && over >= need
	case Blocked:
		return r.Count >= blockedCount && over >= blockedOver
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
		it.OtherRow = Row{}
	case it.otherCounts(e):
		c.swap()
		c.notice(NoticeRolledBack, ToSupport, string(it.Other.Upload), Notice{Reason: e.Outcome.Reason, Facts: Facts{KeyID: it.Key.KeyID, OldKeyID: it.Other.KeyID}})
		it.OtherRow = Row{}.add(e.Outcome, c.now)
	case back && e.Other.Verdict == Rejected:
		c.countOther(e)
	case back && e.Other.Verdict == Inconclusive:
		it.OtherRow = it.OtherRow.unheard(it.OtherRow.Last)
	case back: // Apple knows it, and does not let it in
		it.OtherRow = Row{}
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

func (c *change) swap() { c.it.Key, c.it.Other = c.it.Other, c.it.Key }

func (c *change) countOther(e Checked) {
	it := &c.it
	it.OtherRow = it.OtherRow.add(*e.Other, c.now)
	if !it.OtherRow.confirmed(e.Fleet, c.now) {
		return
	}
	lost := it.Other
	c.discard(lost)
	it.Other, it.OtherRow = nil, Row{}
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
