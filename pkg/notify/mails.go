package notify

import (
	"slices"
	"strings"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/wording"
)

// mails are the integration's e-mails as support's own speak of them. An ID
// stands for the contact, as everywhere in them. What waits and will not be
// sent any more counts as dropped.
func (d desk) mails(now time.Time) wording.Mails {
	ns := slices.Clone(d.others)
	for i, n := range ns {
		if s := d.next(n, now); s == drop || s == forsake {
			ns[i].Status = integration.Dropped
		}
	}
	return wording.NewMails(ns, d.recipient, moment, now)
}

// next is what is to be done with another notice once its time has come.
func (d desk) next(o integration.Notice, now time.Time) step {
	return decide(desk{notice: o, it: d.it, contacts: d.contacts, others: d.others}, later(now, o.NotBefore)).step
}

// recipient names whom a notice went to, with the duties that the contact has.
func (d desk) recipient(n integration.Notice) string {
	i := slices.IndexFunc(d.contacts, func(c integration.Contact) bool { return c.ID == n.SentTo })
	if i < 0 {
		return string(n.SentTo)
	}
	words := []string{string(n.SentTo)}
	for _, duty := range d.contacts[i].Duties {
		words = append(words, strings.ReplaceAll(string(duty), "_", " "))
	}
	return strings.Join(words, ", ")
}

// alike are the kinds in which the customer hears what support hears in
// another: of a problem together with the key that came, or of its end.
var alike = map[integration.NoticeKind][]integration.NoticeKind{
	integration.NoticeActionRequired: {integration.NoticeKeySafe},
	integration.NoticeRecovered:      {integration.NoticeAccepted, integration.NoticeReplaced},
}

// together says what became of the e-mails to the customer that were written
// with this one to support.
func (d desk) together(now time.Time) string {
	var out []string
	for _, o := range d.others {
		kind := o.Kind == d.notice.Kind || slices.Contains(alike[d.notice.Kind], o.Kind)
		if s := d.fate(o, now); kind && o.Audience != integration.ToSupport && o.CreatedAt.Equal(d.notice.CreatedAt) && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return "No e-mail about this goes to the customer."
	}
	return strings.Join(out, " ")
}

// fate says what became, or will become, of an e-mail to the customer.
func (d desk) fate(o integration.Notice, now time.Time) string {
	link := ""
	if o.Link {
		link = ", with a fresh upload link"
	}
	switch wording.DeliveryOf(o, now) {
	case wording.DeliverySent:
		what := ""
		if d.notice.Kind == integration.NoticeRecovered {
			what = " that it works again"
		}
		return "The customer was told " + d.mails(now).Sent(o) + link + what + "."
	case wording.DeliveryBounced:
		return "The e-mail to the customer did not arrive: tell them by another way."
	case wording.DeliveryDropped:
		if o.Attempts > 0 {
			return "It is not certain that the e-mail to the customer went out: tell them by another way."
		}
		return "The e-mail to the customer was not sent."
	}
	switch d.next(o, now) {
	case drop:
		return "No e-mail about this goes to the customer."
	case forsake:
		return "No contact of the customer can be reached: tell them by another way."
	}
	if o.NotBefore.After(now) {
		return "The e-mail to the customer is held back until " + moment(o.NotBefore) + link + "."
	}
	return "The e-mail to the customer is on its way" + link + "."
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// before says what the customer had been told of the matter until then.
func (d desk) before(now time.Time) string {
	m := d.mails(now)
	switch d.notice.Kind {
	case integration.NoticeRecovered:
		return m.Before(d.notice)
	case integration.NoticeStillOpen:
		return m.Problem(d.it)
	case integration.NoticeInvitationOver:
		return m.Invited(d.it.Invitation.At)
	case integration.NoticeReauthOverdue:
		return m.Asked(d.notice.Facts.Expires)
	}
	return ""
}
