package simulation

import (
	"slices"
	"strings"
	"time"

	"keyward/pkg/integration"
)

// What is promised to people who wait, or from whom something is awaited.
const (
	promisedUserReminder = 3 * 24 * time.Hour  // after the vendor's user was found missing
	promisedUserMails    = 2                   // reminders of it
	promisedGrace        = 24 * time.Hour      // from the last request for a confirmation to its end
	promisedDeletion     = 90 * 24 * time.Hour // of a key that does not work
)

// A waiter is somebody whom a page told to wait.
type waiter struct {
	id     integration.ID
	upload integration.UploadID
	at     time.Time
}

// toldToWait is told of a page that said that Apple has given no answer yet.
func (t *truth) toldToWait(c *customer, u integration.UploadID) {
	i := slices.IndexFunc(t.order, func(k *known) bool { return k.it.Label == c.label }) // the operator's answer may be lost
	id := t.order[i].it.ID
	if !slices.ContainsFunc(t.waiters, func(w waiter) bool { return w.upload == u }) {
		t.waiters = append(t.waiters, waiter{id, u, t.w.now()})
	}
}

// whoWaitsHears: whoever was told to wait has been told the end by e-mail,
// whatever it was.
func (t *truth) whoWaitsHears() {
	for _, w := range t.waiters {
		k := t.of(w.id)
		if k.it.State == integration.Disconnected || t.w.now().Sub(w.at) < 2*time.Hour {
			continue
		}
		u, err := t.w.store.Upload(ctx(), w.id, w.upload)
		t.must(err == nil && t.hears(k, u), "who-waits-hears-the-end", text("%s: %s was told to wait at %s; upload %s is %s, and no e-mail says so",
			w.id, u.Contact, w.at.Format(time.DateTime), w.upload, u.State))
	}
}

// hears reports whether the uploader, or whoever got the e-mail in their place,
// has been told what became of the upload, or something later.
func (t *truth) hears(k *known, u integration.Upload) bool {
	contacts, _ := t.w.store.Contacts(ctx(), u.Integration)
	lost := slices.ContainsFunc(contacts, func(c integration.Contact) bool { return c.ID == u.Contact && !c.Reachable() })
	for _, n := range k.notices {
		if n.Kind == integration.NoticeUnreachable && strings.Contains(n.Dedupe, string(u.ID)) {
			return true // nobody could be reached, and support hears that
		}
		ends := isAcceptance(n.Kind) || n.Kind == integration.NoticeKeySafe || n.Kind == integration.NoticeUploadRefused || n.Kind == integration.NoticeUploadAgain
		if !ends || !strings.Contains(n.Dedupe, string(u.ID)) {
			continue
		}
		reached := n.SentTo == u.Contact || slices.Contains(n.Tried, u.Contact) || lost
		if n.Status == integration.Sent && reached || n.Status == integration.Dropped && t.outlived(k, n) {
			return true
		}
	}
	return false
}

// outlived reports whether something later was said in the place of the notice,
// or nobody could be reached.
func (t *truth) outlived(k *known, n integration.Notice) bool {
	for _, o := range k.notices {
		later := !o.CreatedAt.Before(n.CreatedAt) && o.Dedupe != n.Dedupe
		if later && (o.Audience != integration.ToSupport || o.Kind == integration.NoticeUnreachable) {
			return true
		}
	}
	return false
}

// userSeen notes since when the readings say that the vendor's user is missing
// or lacks access.
func (k *known) userSeen(next integration.Integration, now time.Time) {
	switch wanting := next.User.Wanting(); {
	case wanting && k.wanting.IsZero():
		k.wanting = now
	case !wanting && next.User.Access != integration.UserUnknown:
		k.wanting, k.userMails = time.Time{}, 0
	}
}

// remindedOfUser holds a reminder of the vendor's user to its day, and to the
// truth: whoever added the user more than a day ago does not hear of it.
func (t *truth) remindedOfUser(k *known, n integration.Notice) {
	key := t.w.apple.keys[keyID(k.it)]
	if n.Kind != integration.NoticeUserReminder || key == nil {
		return
	}
	now := t.w.now()
	since := later(k.wanting, k.it.Key.AcceptedAt)
	k.userMails++
	t.must(!k.wanting.IsZero() && now.Sub(since) >= promisedUserReminder-t.slack() && k.userMails <= promisedUserMails, "the-user-is-reminded-of",
		text("%s: reminder %d of the vendor's user, which has been missing since %s", n.Integration, k.userMails, since))
	team := key.team
	missing := team.user == integration.UserMissing || team.user == integration.UserIncomplete
	t.must(missing || now.Sub(team.userAt) < 30*time.Hour, "the-user-is-reminded-of", text("%s: reminded of the vendor's user, which is %s since %s", n.Integration, team.user, team.userAt))
	t.must(k.it.State == integration.Active, "the-user-is-reminded-of", text("%s is %s, and the vendor's user is asked for", n.Integration, k.it.State))
}

// userIsRemindedOf: once it has been missing for three days.
func (t *truth) userIsRemindedOf(k *known) {
	if k.it.State != integration.Active || !k.it.User.Wanting() || k.wanting.IsZero() {
		return
	}
	since := later(later(k.wanting, k.it.Key.AcceptedAt), k.turned)
	due := promisedUserReminder + 2*promisedInterval + t.held(since) + t.delays(since)
	t.must(k.userMails > 0 || t.w.now().Sub(since) < due, "the-user-is-reminded-of", text("%s: the vendor's user has been missing since %s, and nobody was reminded", k.it.ID, since))
}

// confirmationsEnd holds the end of an unconfirmed integration to a request of
// at least a day before, and to coming at all where it is enforced.
func (t *truth) confirmationsEnd(k *known) {
	it, now := k.it, t.w.now()
	level := it.Access.Reauthorise
	if !level.Enforce || it.Key == nil || it.State == integration.Deactivated || it.State == integration.Disconnected {
		return
	}
	due := it.ConfirmedAt.Add(level.Every)
	if k.requested.After(it.ConfirmedAt) {
		due = later(due, k.requested.Add(promisedGrace))
	}
	t.must(now.Sub(due) <= time.Hour+t.slack()+t.delays(due), "confirmations-run-out", text("%s should have been confirmed by %s, and is %s", it.ID, due, it.State))
}

// unconfirmed is told of an integration that ended for want of a confirmation.
func (t *truth) unconfirmed(k *known, next integration.Integration) {
	now := t.w.now()
	asked := k.requested.After(next.ConfirmedAt) && now.Sub(k.requested) >= promisedGrace-t.slack()
	over := now.Sub(next.ConfirmedAt) >= next.Access.Reauthorise.Every-t.slack()
	t.must(next.Access.Reauthorise.Enforce && asked && over, "confirmations-run-out",
		text("%s ended unconfirmed: confirmed at %s, asked at %s", next.ID, next.ConfirmedAt, k.requested))
}

// deadKeysGo: a key that has not worked for ninety days is deleted, and no
// other key is that was not replaced.
func (t *truth) deadKeysGo(k *known) {
	if k.it.State == integration.Deactivated && k.it.Key != nil {
		end := k.it.Since.Add(promisedDeletion)
		t.must(t.w.now().Sub(end) <= time.Hour+t.slack()+t.delays(end), "dead-keys-go", text("%s: dead since %s, and the key is still there", k.it.ID, k.it.Since))
	}
}

// givenUp is told of an integration that has no key any more.
func (t *truth) givenUp(prev, next integration.Integration) {
	if prev.Key == nil || next.Key != nil || next.State == integration.Disconnected {
		return
	}
	t.must(prev.State == integration.Deactivated && t.w.now().Sub(prev.Since) >= promisedDeletion-t.slack(), "dead-keys-go",
		text("%s: the key was deleted, and was %s since %s", next.ID, prev.State, prev.Since))
}
