package wording

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"keyward/pkg/integration"
)

// Mails are what support's sentences about e-mails are derived from: the
// notices themselves, never what was meant to be sent.
type Mails struct {
	who     func(integration.Notice) string
	when    func(time.Time) string
	now     time.Time
	notices []integration.Notice // to the customer, the oldest first
}

// NewMails takes an integration's notices. Who names whom one was sent to, and
// when writes a time.
func NewMails(ns []integration.Notice, who func(integration.Notice) string, when func(time.Time) string, now time.Time) Mails {
	ns = slices.DeleteFunc(slices.Clone(ns), func(n integration.Notice) bool { return n.Audience == integration.ToSupport })
	slices.SortStableFunc(ns, func(a, b integration.Notice) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return Mails{who, when, now, ns}
}

// last is the newest notice that fits; nil when there is none.
func (m Mails) last(fits func(integration.Notice) bool) *integration.Notice {
	for i, n := range slices.Backward(m.notices) {
		if fits(n) {
			return &m.notices[i]
		}
	}
	return nil
}

// arrived are the e-mails that went out and did not come back, oldest first.
func (m Mails) arrived(fits func(integration.Notice) bool) []integration.Notice {
	return slices.DeleteFunc(slices.Clone(m.notices), func(n integration.Notice) bool { return !arrived(n) || !fits(n) })
}

func arrived(n integration.Notice) bool { return DeliveryOf(n, time.Time{}) == DeliverySent }

var problemKinds = []integration.NoticeKind{integration.NoticeActionRequired, integration.NoticeAccessLost, integration.NoticeKeySafe}

func aboutProblem(n integration.Notice) bool { return slices.Contains(problemKinds, n.Kind) }

// Told says what the customer knows of the integration's health.
func (m Mails) Told(it integration.Integration) string {
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
	return health + fmt.Sprintf(" The last e-mail to the customer was %q, %s.", PlainKind(last.Kind), m.Sent(*last))
}

// PlainKind is the kind as words.
func PlainKind(k integration.NoticeKind) string { return strings.ReplaceAll(string(k), "_", " ") }

// Sent says when a notice went out, and to whom.
func (m Mails) Sent(n integration.Notice) string {
	return "on " + m.when(n.SentAt) + " (to " + m.who(n) + ")"
}

// health is what the customer was told of problems, and by which notice.
func (m Mails) health(it integration.Integration) (string, *integration.Notice) {
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
		return "The customer was last told of a problem " + m.Sent(*lastProblem) + ".", lastProblem
	}
	return "The customer was told " + m.Sent(*over) + " that the key works again.", over
}

// problem is what the customer was told of the problem that there is now.
func (m Mails) problem(it integration.Integration) (string, *integration.Notice) {
	n := m.last(func(n integration.Notice) bool {
		return aboutProblem(n) && n.Reason == it.Cause && !n.CreatedAt.Before(it.Since)
	})
	if n == nil {
		text := "The customer has not been told of this"
		if at := it.Told.RetryAt; at.After(m.now) {
			text += ": the e-mail is held back at least until " + m.when(at)
		}
		return text + ".", nil
	}
	switch DeliveryOf(*n, m.now) {
	case DeliverySent:
		return "The customer was told of this " + m.Sent(*n) + m.reminded(*n) + ".", n
	case DeliveryHeld:
		return "The e-mail about this is held back until " + m.when(n.NotBefore) + ".", n
	case DeliveryPending:
		return "The e-mail about this is on its way.", n
	}
	return "The e-mail about this did not reach the customer: tell them by another way.", n
}

// Problem says what the customer was told of the problem that there is now.
func (m Mails) Problem(it integration.Integration) string {
	text, _ := m.problem(it)
	return text
}

func (m Mails) reminded(about integration.Notice) string {
	return m.days(", and reminded on ", m.arrived(func(n integration.Notice) bool {
		return n.Kind == integration.NoticeProblemReminder && n.Reason == about.Reason && n.CreatedAt.After(about.CreatedAt)
	}))
}

// days lists when the notices went out; empty when there are none.
func (m Mails) days(prefix string, ns []integration.Notice) string {
	var days []string
	for _, n := range ns {
		day, _, _ := strings.Cut(m.when(n.SentAt), ",")
		days = append(days, day)
	}
	if days = slices.Compact(days); len(days) == 0 {
		return ""
	}
	return prefix + List(days)
}

// Before says whether the customer had heard of the problem that a later
// notice calls over.
func (m Mails) Before(over integration.Notice) string {
	n := m.last(func(n integration.Notice) bool {
		return aboutProblem(n) && n.Reason == over.Reason && n.CreatedAt.Before(over.CreatedAt)
	})
	if n == nil || !arrived(*n) {
		return "No e-mail about the problem had reached the customer."
	}
	return "The customer was told of the problem " + m.Sent(*n) + "."
}

// Invited says who was invited since the time, and reminded.
func (m Mails) Invited(since time.Time) string {
	of := func(k integration.NoticeKind) []integration.Notice {
		return m.arrived(func(n integration.Notice) bool { return n.Kind == k && !n.CreatedAt.Before(since) })
	}
	invited, reminded := of(integration.NoticeInvitation), m.days("reminded on ", of(integration.NoticeInvitationReminder))
	switch {
	case len(invited) > 0 && reminded != "":
		return "The customer was invited " + m.Sent(invited[len(invited)-1]) + ", and " + reminded + "."
	case len(invited) > 0:
		return "The customer was invited " + m.Sent(invited[len(invited)-1]) + ". No reminder reached them."
	case reminded != "":
		return "The invitation did not reach the customer, who was " + reminded + "."
	}
	return "No invitation reached the customer."
}

// Asked says when the customer was asked to confirm by the time.
func (m Mails) Asked(by time.Time) string {
	asked := m.days("on ", m.arrived(func(n integration.Notice) bool {
		return n.Kind == integration.NoticeReauthorise && (by.IsZero() || n.Facts.Expires.Equal(by))
	}))
	if asked == "" {
		return "No e-mail that asks for it reached the customer."
	}
	return "The customer was asked " + asked + "."
}

// How far an e-mail has come, as support reads it.
const (
	DeliveryPending = "pending"
	DeliveryHeld    = "held_back" // until NotBefore
	DeliverySent    = "sent"
	DeliveryBounced = "bounced" // and there is nobody else, or it is too late
	DeliveryDropped = "dropped"
)

// DeliveryOf is how far the notice has come.
func DeliveryOf(n integration.Notice, now time.Time) string {
	lost := slices.Contains(n.Tried, n.SentTo)
	switch {
	case lost && (n.Status == integration.Sent || n.Status == integration.Dropped):
		return DeliveryBounced
	case n.Status == integration.Sent:
		return DeliverySent
	case n.Status == integration.Dropped:
		return DeliveryDropped
	case n.NotBefore.After(now):
		return DeliveryHeld
	}
	return DeliveryPending
}
