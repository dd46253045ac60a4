package integration

import (
	"slices"
	"time"
)

// Apply decides what an event does to an integration. It returns the changed
// copy and the notices that must be written with it. An event that no longer
// matters (an outcome about a key that is not in force, or of a check that is
// not the one leased) changes nothing and is no error. A *TransitionError
// says that the event has no meaning in the state; ErrLinkVoid, that a key
// came through a link that is void; a *TeamError, that it is of another team.
func Apply(it Integration, ev Event, now time.Time) (Integration, []Notice, error) {
	switch ev.relevance(it) {
	case absorbed:
		return it, nil, nil
	case impossible:
		return it, nil, &TransitionError{State: it.State, Event: ev.event()}
	}
	c := change{it: it, now: now}
	if err := ev.apply(&c); err != nil {
		return it, nil, err
	}
	c.attend()
	return c.it, c.notices, nil
}

// A change is an integration while an event is being applied to it.
type change struct {
	it      Integration
	now     time.Time
	notices []Notice
}

// notice adds one. The dedupe key names the kind, the audience and the
// occasion, so that the same occasion is never told twice.
func (c *change) notice(k NoticeKind, to Audience, occasion string, n Notice) {
	n.Integration, n.Kind, n.Audience = c.it.ID, k, to
	n.Dedupe = string(k) + "#" + string(to) + "#" + occasion
	n.CreatedAt, n.Status = c.now, Pending
	n.DueAt = c.now.Add(NoticeGrace)
	if n.NotBefore.After(c.now) {
		n.DueAt = n.NotBefore
	}
	c.notices = append(c.notices, n)
}

// NoticeGrace is how long a notice may stay pending before the sweep shows it
// to notify once more.
const NoticeGrace = 5 * time.Minute

func (c *change) enter(s State, why Reason) {
	if c.it.State != s || c.it.Cause != why {
		c.it.Since = c.now
	}
	c.it.State, c.it.Cause = s, why
}

// discard marks a key's secret for deletion from the vault.
func (c *change) discard(k *Key) {
	if k == nil {
		return
	}
	d := Discarded{Upload: k.Upload, KeyID: k.KeyID, Fingerprint: k.Fingerprint, Since: c.now}
	c.it.Trash = append(slices.Clone(c.it.Trash), d)
}

// maxWrongFiles is how many refused files are one too many to keep from support.
const maxWrongFiles = 10

func (c *change) countWrongFile(diagnosis string) {
	if diagnosis == RefusedLinkVoid {
		return // nobody's mistake
	}
	c.it.WrongFiles++
	if c.it.WrongFiles == maxWrongFiles {
		c.notice(NoticeWrongFiles, ToSupport, itoa(c.it.LinkEpoch), Notice{Facts: Facts{Count: maxWrongFiles}})
	}
}

// underWay is how long intake may be at work on a file: it has a minute.
const underWay = 2 * time.Minute

func (c *change) disconnect(e DisconnectRequested) {
	for _, u := range e.Uploads {
		if !c.it.Key.is(u) && !c.it.Other.is(u) {
			c.it.Trash = append(slices.Clone(c.it.Trash), Discarded{Upload: u, Since: c.now.Add(underWay)})
		}
	}
	c.discard(c.it.Key)
	c.discard(c.it.Other)
	c.enter(Disconnected, "")
	c.it.TeamMove = TeamMove{}
	c.it.Key, c.it.Other, c.it.OtherStreak = nil, nil, Streak{}
	c.it.Streak, c.it.Unanswered, c.it.Told.Problem, c.it.Told.Reminded, c.it.Told.RetryAt = Streak{}, Unanswered{}, "", 0, time.Time{}
	c.it.Check.DueAt, c.it.Check.Lease = time.Time{}, Lease{}
	c.it.Certificates.DueAt, c.it.Certificates.Lease = time.Time{}, Lease{}
	c.it.DisconnectedAt, c.it.ReceiptOwed = c.now, true
	c.voidLinks()
	c.receipt()
}

func (c *change) emptied(e Emptied) {
	c.it.Trash = slices.DeleteFunc(slices.Clone(c.it.Trash), func(d Discarded) bool { return slices.Contains(e.Uploads, d.Upload) })
	if len(c.it.Trash) == 0 {
		c.it.Trash = nil
	}
	c.receipt()
}

// NoKeyInBackups says what is left of a key that has been deleted. Secrets are
// deleted from the vault without a recovery window, and the table, whose
// backups last for weeks, never holds one.
const NoKeyInBackups = "No backup holds the key: once it is deleted, nobody can bring it back. " +
	"Our records, which hold no key material, still show its key ID and whose it was."

// receipt goes out when the vault is empty, and not before: it says so.
func (c *change) receipt() {
	if !c.it.ReceiptOwed || len(c.it.Trash) > 0 {
		return
	}
	c.it.ReceiptOwed = false
	c.notice(NoticeDisconnected, ToBusiness, "end", Notice{Facts: Facts{Since: c.it.DisconnectedAt}})
}
