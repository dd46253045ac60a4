package integration

import (
	"slices"
	"time"
)

// firstCheckAfter is how soon a new key meets its first scheduled check.
const firstCheckAfter = 15 * time.Minute

// acceptKey puts a key in force that Apple accepted. The one before it stays
// until the new one is proven.
func (c *change) acceptKey(e KeyAccepted) error {
	it := &c.it
	if it.Key.is(e.Key.Upload) || it.Other.is(e.Key.Upload) {
		return nil // the same verdict once more
	}
	if e.Epoch != it.LinkEpoch {
		return ErrLinkVoid
	}
	if err := it.RefusesTeam(e.TeamID, e.Key, e.Outcome); err != nil {
		return err
	}
	old := it.Key
	c.discard(it.Other)
	key := e.Key
	key.AcceptedAt, key.FirstOKAt, key.RejectedAt = c.now, time.Time{}, time.Time{}
	it.Key, it.Other, it.OtherStreak = &key, old, Streak{}
	c.joinTeam(e)
	it.Streak, it.Unanswered, it.WrongFiles, it.Refused = Streak{}, Unanswered{}, 0, Refusal{}
	it.ConfirmedAt, it.ReauthTold, it.ReauthToldAt = c.now, 0, time.Time{}
	c.voidLinks()
	c.learn(e.Outcome)
	it.Check = CheckState{DueAt: c.now.Add(firstCheckAfter), LastAt: c.now, Verdict: e.Outcome.Verdict, Reason: e.Outcome.Reason, OKAt: it.Check.OKAt}
	if it.Access.WatchesCerts {
		it.Certificates.DueAt, it.Certificates.Lease = c.now, Lease{}
	}
	c.announce(old, e)
	return nil
}

// announce enters the state that the accepted key leads to, and tells it.
func (c *change) announce(old *Key, e KeyAccepted) {
	facts := Facts{KeyID: e.Key.KeyID, Contact: e.Contact}
	if old != nil && old.RejectedAt.IsZero() { // a dead one needs no word about when to revoke it
		facts.OldKeyID = old.KeyID
	}
	occasion := string(e.Key.Upload)
	if e.Outcome.Verdict == Blocked {
		c.enter(ActionRequired, e.Outcome.Reason)
		c.keySafe(facts, e.Outcome.Reason, occasion)
		return
	}
	c.it.Check.OKAt = c.now
	c.enter(Active, "")
	kind := NoticeAccepted
	if old != nil && old.KeyID != facts.KeyID {
		kind = NoticeReplaced
	}
	c.notice(kind, ToAdmin, occasion, Notice{Facts: facts})
	c.closeProblem(ToAdmin)
}

// keySafe tells of the accepted key and of what stands in its way in one
// mail, to whoever can mend that. It counts as the telling of the problem.
func (c *change) keySafe(facts Facts, why Reason, occasion string) {
	c.it.Told = c.it.Told.next(why, c.now)
	c.notice(NoticeKeySafe, audience(why), occasion, Notice{Reason: why, Facts: facts})
	n := c.problemNotice(why)
	n.Facts.Count = 1 // the answer at the upload
	c.notice(NoticeActionRequired, ToSupport, itoa(c.it.Told.Episode), n)
}

// learn takes over what an outcome found out about the team. What was seen
// before is not given up on one answer without it.
func (c *change) learn(o Outcome) {
	if len(o.Findings) == 0 {
		return
	}
	c.it.Findings, c.it.ProbedAt = o.Findings, c.now
	c.learnApps(o)
	c.learnUser(o.User)
}

// learnApps leaves what is known where the apps were not listed.
func (c *change) learnApps(o Outcome) {
	it := &c.it
	if !o.Can(Apps) && len(o.Apps) == 0 {
		return
	}
	lost := slices.DeleteFunc(slices.Clone(it.Apps), func(known App) bool {
		return slices.ContainsFunc(o.Apps, func(a App) bool { return a.ID == known.ID })
	})
	sure := true
	if len(lost) > 0 && len(o.Apps) < MaxApps { // a full list has no room for all
		it.AppsMissingFrom, sure = absent(it.AppsMissingFrom, c.now)
	}
	it.Apps = o.Apps
	if sure {
		it.AppsMissingFrom = time.Time{}
		return
	}
	it.Apps = append(slices.Clone(o.Apps), lost...)
	it.Apps = it.Apps[:min(len(it.Apps), MaxApps)]
}

// learnUser leaves what is known where the user was not looked for, or nothing
// was answered.
func (c *change) learnUser(found UserFinding) {
	it := &c.it
	if found.Access == UserNotAsked || !it.Access.User.Asked() {
		return
	}
	if found.Access == UserMissing && it.User.Access != UserNotAsked && it.User.Access != UserUnknown && it.User.Access != UserMissing {
		since, sure := absent(it.UserMissingFrom, c.now)
		if it.UserMissingFrom = since; !sure {
			return
		}
	}
	it.UserMissingFrom, it.User = time.Time{}, found
	switch {
	case found.Wanting() && it.UserTask.Since.IsZero():
		it.UserTask.Since = c.now
	case !found.Wanting() && found.Access != UserUnknown:
		it.UserTask = UserTask{}
	}
}

// LooksAgain reports whether something seen before was missing when Apple was
// last asked, so that the next check must ask for it again.
func (it Integration) LooksAgain() bool {
	return !it.UserMissingFrom.IsZero() || !it.AppsMissingFrom.IsZero()
}
