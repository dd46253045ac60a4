package operator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"keyward/pkg/integration"
)

// A mailbag is what support's sentences about e-mails are derived from: the
// notices themselves, never what was meant to be sent.
type mailbag struct {
	notices []integration.Notice // to the customer, the oldest first
	who     func(integration.ContactID) string
	now     time.Time
}

func newMailbag(ns []integration.Notice, who func(integration.ContactID) string, now time.Time) mailbag {
	ns = slices.DeleteFunc(slices.Clone(ns), func(n integration.Notice) bool { return n.Audience == integration.ToSupport })
	slices.SortStableFunc(ns, func(a, b integration.Notice) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return mailbag{ns, who, now}
}

// last is the newest notice that fits; nil when there is none.
func (m mailbag) last(fits func(integration.Notice) bool) *integration.Notice {
	for i, n := range slices.Backward(m.notices) {
		if fits(n) {
			return &m.notices[i]
		}
	}
	return nil
}

func arrived(n integration.Notice) bool { return deliveryOf(n, time.Time{}) == deliverySent }

var problemKinds = []integration.NoticeKind{integration.NoticeActionRequired, integration.NoticeAccessLost, integration.NoticeKeySafe}

func aboutProblem(n integration.Notice) bool { return slices.Contains(problemKinds, n.Kind) }

// told says what the customer knows.
func told(it integration.Integration, m mailbag) string {
	health, about := m.health(it)
	last := m.last(arrived)
	switch {
	case last == nil && len(m.notices) == 0:
		return "No e-mail has been sent to the customer."
	case last == nil:
		return strings.TrimSpace(health + " No e-mail has reached the customer yet.")
	case about != nil && about.Dedupe == last.Dedupe:
		return health
	}
	return health + fmt.Sprintf(" The last e-mail to the customer was %q, %s.", plainKind(last.Kind), m.sentTo(*last))
}

func plainKind(k integration.NoticeKind) string { return strings.ReplaceAll(string(k), "_", " ") }

func (m mailbag) sentTo(n integration.Notice) string {
	return "on " + when(n.SentAt) + " to " + m.who(n.SentTo)
}

// health is what the customer was told of problems, and by which notice.
func (m mailbag) health(it integration.Integration) (string, *integration.Notice) {
	if it.State == integration.ActionRequired || it.State == integration.Deactivated {
		return m.problem(it)
	}
	lastProblem := m.last(func(n integration.Notice) bool { return arrived(n) && aboutProblem(n) })
	if lastProblem == nil {
		return "No e-mail about a problem with the key has been sent.", nil
	}
	over := m.last(func(n integration.Notice) bool {
		return arrived(n) && n.Kind == integration.NoticeRecovered && n.CreatedAt.After(lastProblem.CreatedAt)
	})
	if over == nil {
		return "The customer was last told of a problem " + m.sentTo(*lastProblem) + ".", lastProblem
	}
	return "The customer was told " + m.sentTo(*over) + " that the key works again.", over
}

// problem is what the customer was told of the problem that there is now.
func (m mailbag) problem(it integration.Integration) (string, *integration.Notice) {
	n := m.last(func(n integration.Notice) bool {
		return aboutProblem(n) && n.Reason == it.Cause && !n.CreatedAt.Before(it.Since)
	})
	if n == nil {
		text := "The customer has not been told of this"
		if at := it.Told.RetryAt; at.After(m.now) {
			text += ": the e-mail is held back at least until " + when(at)
		}
		return text + ".", nil
	}
	switch deliveryOf(*n, m.now) {
	case deliverySent:
		return "The customer was told of this " + m.sentTo(*n) + m.reminded(*n) + ".", n
	case deliveryHeld:
		return "The e-mail about this is held back until " + when(n.NotBefore) + ".", n
	case deliveryPending:
		return "The e-mail about this is on its way.", n
	}
	return "The e-mail about this did not reach the customer: tell them by another way.", n
}

func (m mailbag) reminded(about integration.Notice) string {
	var days []string
	for _, n := range m.notices {
		if n.Kind == integration.NoticeProblemReminder && n.Reason == about.Reason && n.CreatedAt.After(about.CreatedAt) && arrived(n) {
			days = append(days, n.SentAt.UTC().Format("2 Jan 2006"))
		}
	}
	if len(days) == 0 {
		return ""
	}
	return ", and reminded on " + strings.Join(days, " and ")
}

// How far an e-mail has come, as support reads it.
const (
	deliveryPending = "pending"
	deliveryHeld    = "held_back" // until NotBefore
	deliverySent    = "sent"
	deliveryBounced = "bounced" // and there is nobody else, or it is too late
	deliveryDropped = "dropped"
)

func deliveryOf(n integration.Notice, now time.Time) string {
	lost := slices.Contains(n.Tried, n.SentTo)
	switch {
	case lost && (n.Status == integration.Sent || n.Status == integration.Dropped):
		return deliveryBounced
	case n.Status == integration.Sent:
		return deliverySent
	case n.Status == integration.Dropped:
		return deliveryDropped
	case n.NotBefore.After(now):
		return deliveryHeld
	}
	return deliveryPending
}

// filesUnderWay says what became of the files that arrived since the last key
// was accepted.
func filesUnderWay(it integration.Integration) string {
	switch {
	case len(it.Waiting) > 0:
		w := it.Waiting[0]
		text := "A key file has been waiting for Apple since " + when(w.Since) + ". " + because(w.Reason)
		switch others := it.Waiting[1:]; len(others) {
		case 0:
			return text
		case 1:
			return text + " Another one is waiting too."
		default:
			return text + fmt.Sprintf(" %d others are waiting too.", len(others))
		}
	case !it.Refused.At.IsZero():
		return "The last key file was refused on " + when(it.Refused.At) + ". " + refusal(it.Refused.Diagnosis) + wrongFiles(it)
	}
	return ""
}

// needWords say why an integration needs attention.
func needWords(n integration.Need) string {
	switch n {
	case integration.NeedsNewKey:
		return "Access is lost"
	case integration.NeedsAction:
		return "Action required at Apple"
	case integration.NeedsWatching:
		return "Bad answer, not confirmed"
	case integration.CertificateEnded:
		return "Certificate has expired"
	case integration.CertificateGone:
		return "Certificate is gone"
	case integration.CertificateEnding:
		return "Certificate expires soon"
	case integration.CertificatesUnread:
		return "Certificates cannot be read"
	case integration.NoAnswer:
		return "No clear answer from Apple"
	case integration.NewKeyFails:
		return "New key failed, old one in use"
	case integration.ConfirmationOverdue:
		return "Confirmation is overdue"
	case integration.VendorUserIncomplete:
		return "Vendor's user is not complete"
	case integration.FileRefused:
		return "File refused, no new upload"
	case integration.FileWaits:
		return "File waits for Apple"
	case integration.NoLink:
		return "No key and no upload link"
	}
	return plainKind(integration.NoticeKind(n))
}

func viewNeed(n integration.Need) Need { return Need{Code: string(n), Text: needWords(n)} }
