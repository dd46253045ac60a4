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
// A new key that fails its first scheduled checks while the one it replaced
// still works is rolled back: the old one is in force again. The new one
// stays beside it, is looked at with every check, and comes back in force
// with its first good answer, or is thrown away once its rejection is
// confirmed: a key that was accepted is never lost to one of Apple's moods.
func (c *change) settleOther(e Checked) Outcome {
	it := &c.it
	if it.Other == nil || e.Other == nil || !it.Other.is(e.UsedOther) || e.Fleet.Hold {
		return e.Outcome
	}
	switch works := e.Other.Verdict == OK; {
	case !it.rolledBack() && e.Outcome.Verdict == Rejected && works:
		c.swap()
		c.notice(NoticeRolledBack, ToSupport, string(it.Other.Upload), Notice{Reason: e.Outcome.Reason, Facts: Facts{KeyID: it.Key.KeyID, OldKeyID: it.Other.KeyID}})
		it.OtherRow = Row{}.add(e.Outcome, c.now)
		return *e.Other
	case it.rolledBack() && works:
		c.swap()
		it.OtherRow = Row{}
		return *e.Other
	case it.rolledBack() && e.Other.Verdict == Rejected:
		c.countOther(e)
	case it.rolledBack() && e.Other.Verdict == Inconclusive:
		it.OtherRow = it.OtherRow.unheard(it.OtherRow.Last)
	}
	return e.Outcome
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
