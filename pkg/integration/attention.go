package integration

import (
	"slices"
	"strings"
	"time"
)

// A Need is one reason why a person should look at an integration.
type Need string

const (
	NeedsNewKey          Need = "deactivated"             // access is lost
	NeedsAction          Need = "action_required"         // the customer must do something at Apple
	NeedsWatching        Need = "suspect"                 // a bad answer that is not confirmed
	CertificateEnded     Need = "certificate_ended"       // the watched certificate has expired
	CertificateGone      Need = "certificate_gone"        // it was revoked, or is not visible any more
	CertificateEnding    Need = "certificate_ending"      // it ends within 30 days
	CertificatesUnread   Need = "certificates_unreadable" // no complete list for two days
	NoAnswer             Need = "no_answer"               // Apple has said nothing conclusive for a day
	NewKeyFails          Need = "new_key_fails"           // rolled back to the key before it
	ConfirmationOverdue  Need = "confirmation_overdue"    // nobody confirmed, and the vendor does not enforce it
	VendorUserIncomplete Need = "vendor_user"             // the vendor's user is missing, or lacks access
	FileRefused          Need = "file_refused"            // and nothing was uploaded since
	FileWaits            Need = "file_waits"              // Apple has not given an answer about it for an hour
	NoLink               Need = "no_link"                 // no key, and the upload link has expired or was revoked
)

// Needs lists every need, the most urgent first. This is the order of
// support's lists, wherever they are shown.
func Needs() []Need {
	return []Need{
		NeedsNewKey, NeedsAction, NeedsWatching,
		CertificateEnded, CertificateGone, CertificateEnding, CertificatesUnread,
		NoAnswer, NewKeyFails, ConfirmationOverdue, VendorUserIncomplete,
		FileRefused, FileWaits, NoLink,
	}
}

// When time alone makes something need attention.
const (
	endingSoon  = 30 * day
	unreadAfter = 2 * day
	retryWithin = time.Hour // a person whose file was refused tries again within minutes, or needs help
	waitsLong   = time.Hour
)

// Attention says what a person should look at. It is kept with the
// integration, so that a list of all that need attention reads nothing else.
type Attention struct {
	Needs  []Need    // the most urgent first; nil: nothing
	Since  time.Time // since when the first one has been the most urgent
	NextAt time.Time // when time alone may change it; zero: never
}

// Order sorts integrations that need attention: by urgency, the oldest first.
// It is empty for one that needs none.
func (it Integration) Order() string {
	if len(it.Attention.Needs) == 0 {
		return ""
	}
	rank := slices.Index(Needs(), it.Attention.Needs[0])
	if rank < 0 {
		rank = len(Needs()) // of a newer version
	}
	const ranks = "abcdefghijklmnopqrstuvwxyz"
	return ranks[rank:rank+1] + "#" + it.Attention.Since.UTC().Format("2006-01-02T15:04:05Z") + "#" + string(it.ID)
}

// IDInOrder is the integration's ID in a text that Order made.
func IDInOrder(order string) ID { return ID(order[strings.LastIndexByte(order, '#')+1:]) }

// attend brings the integration's Attention up to date. It runs after every
// event, and adds needs in the order of Needs.
func (c *change) attend() {
	before := c.it.Attention
	var l needList
	c.it.state(&l)
	if c.it.Key != nil {
		c.it.certificateNeeds(&l, c.now)
		c.it.keyNeeds(&l)
	}
	if c.it.State != Disconnected {
		c.it.uploadNeeds(&l, c.now)
	}
	after := Attention{Needs: l.needs, NextAt: l.next}
	if len(after.Needs) > 0 {
		after.Since = c.now
		if len(before.Needs) > 0 && before.Needs[0] == after.Needs[0] {
			after.Since = before.Since
		}
	}
	c.it.Attention = after
}

// A needList collects needs, and the time at which there may be others.
type needList struct {
	needs []Need
	next  time.Time
}

func (l *needList) add(n Need, needed bool) {
	if needed {
		l.needs = append(l.needs, n)
	}
}

// from adds a need from the time on.
func (l *needList) from(at time.Time, n Need, now time.Time) {
	if l.add(n, !at.After(now)); at.After(now) {
		l.next = earliest(l.next, at)
	}
}

func (it Integration) state(l *needList) {
	l.add(NeedsNewKey, it.State == Deactivated)
	l.add(NeedsAction, it.State == ActionRequired)
	l.add(NeedsWatching, it.State == Suspect)
}

// certificateNeeds looks at what is known of the watched certificate, whether
// or not Apple answers.
func (it Integration) certificateNeeds(l *needList, now time.Time) {
	w := it.Certificates
	switch {
	case w.Serial == "":
	case w.Serial == w.Vanished:
		l.add(CertificateGone, true)
	case !w.NotAfter.After(now):
		l.add(CertificateEnded, true)
	default:
		l.from(w.NotAfter.Add(-endingSoon), CertificateEnding, now)
		l.next = earliest(l.next, w.NotAfter)
	}
	if it.Access.WatchesCerts && it.State == Active {
		last := it.Key.AcceptedAt
		if w.CheckedAt.After(last) {
			last = w.CheckedAt
		}
		l.from(last.Add(unreadAfter), CertificatesUnread, now)
	}
}

func (it Integration) keyNeeds(l *needList) {
	l.add(NoAnswer, it.Unanswered.Told)
	l.add(NewKeyFails, it.rolledBack())
	l.add(ConfirmationOverdue, it.State != Deactivated && it.Access.Reauthorise.Every > 0 && it.ReauthTold >= len(reauthReminders))
	l.add(VendorUserIncomplete, it.Access.User.Asked() && it.User.Wanting())
}

func (it Integration) uploadNeeds(l *needList, now time.Time) {
	if !it.Refused.At.IsZero() && len(it.Waiting) == 0 {
		l.from(it.Refused.At.Add(retryWithin), FileRefused, now)
	}
	if len(it.Waiting) > 0 {
		l.from(it.Waiting[0].Since.Add(waitsLong), FileWaits, now)
	}
	if it.State == AwaitingKey && len(it.Waiting) == 0 {
		l.from(it.Invitation.ExpiresAt, NoLink, now) // zero without a link
	}
}

// A WaitingFile is an upload that waits for Apple's answer.
type WaitingFile struct {
	Upload  UploadID
	Contact ContactID
	Since   time.Time
	Reason  Reason // why the first answer was not the last word
}

// waits notes that an upload waits. A file that came through a link which is
// void by now will not be accepted: nobody need know that it waits.
func (c *change) waits(e UploadWaits) {
	if e.Stuck && e.Epoch == c.it.LinkEpoch {
		c.notice(NoticeUploadStuck, ToSupport, string(e.Upload), Notice{Reason: e.Reason, Facts: Facts{Contact: e.Contact}})
	}
	known := slices.ContainsFunc(c.it.Waiting, func(w WaitingFile) bool { return w.Upload == e.Upload })
	if !known && e.Epoch == c.it.LinkEpoch {
		w := WaitingFile{Upload: e.Upload, Contact: e.Contact, Since: c.now, Reason: e.Reason}
		c.it.Waiting = append(slices.Clone(c.it.Waiting), w)
	}
}

// judged notes that an upload waits no longer.
func (c *change) judged(u UploadID) {
	c.it.Waiting = slices.DeleteFunc(slices.Clone(c.it.Waiting), func(w WaitingFile) bool { return w.Upload == u })
	if len(c.it.Waiting) == 0 {
		c.it.Waiting = nil
	}
}
