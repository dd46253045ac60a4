package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"keyward/pkg/integration"
)

// sent is the change that ends a notice well.
func sent(n integration.Notice, messageID string, said integration.Content, now time.Time) integration.Change {
	after := n
	after.Status, after.SentAt, after.MessageID, after.Content = integration.Sent, now, messageID, said
	after.Lease, after.DueAt = integration.Lease{}, time.Time{}
	return change(n, after, "notice_sent", "", now)
}

// uncounted is the change after an attempt that certainly sent nothing. The
// notice keeps the status sending until its lease has run out: a pending one
// would come back through the stream at once.
func uncounted(n integration.Notice) integration.Change {
	after := n
	after.Attempts--
	after.SentTo = ""
	return integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(n, after)}}
}

// ended is the change that ends a notice unsent. A forsaken one leaves a
// notice to support in its place.
func ended(d desk, v decision, now time.Time) integration.Change {
	after := d.notice
	after.Status, after.DueAt, after.Lease = integration.Dropped, time.Time{}, integration.Lease{}
	c := change(d.notice, after, "notice_dropped", v.why, now)
	if v.step == forsake {
		c.Notices = []integration.Notice{unreachable(string(integration.NoticeUnreachable)+"#support#"+d.notice.Dedupe, d.notice, d.notice.SentTo, v.why, 0, now)}
	}
	return c
}

// Undelivered is the change after a mail to the contact turned out not to
// arrive. Why is AddressRefused, Bounced or Complained, which mark the contact as
// undeliverable and tell support, once; or NotDelivered, which says nothing
// about the address. The notice goes to the next contact, or ends when there is
// none or it is older than MaxAge, which support is told. The change is
// Empty when all of that has been done before, so that it may be applied any
// number of times.
func Undelivered(n integration.Notice, to integration.ContactID, contacts []integration.Contact, why integration.Reason, now time.Time) integration.Change {
	var c integration.Change
	left := len(remaining(n, without(contacts, to)))
	if n.SentTo == to && !slices.Contains(n.Tried, to) {
		after := reopened(n, to, left, now)
		c = change(n, after, "notice_undelivered", why, now)
		if why == integration.NotDelivered && after.Status != integration.Pending {
			dedupe := string(integration.NoticeUnreachable) + "#support#" + n.Dedupe
			c.Notices = []integration.Notice{unreachable(dedupe, n, to, why, left, now)}
		}
	}
	if why == integration.NotDelivered {
		return c
	}
	i := slices.IndexFunc(contacts, func(x integration.Contact) bool { return x.ID == to })
	if i < 0 || !contacts[i].Undeliverable.IsZero() {
		return c
	}
	marked := contacts[i]
	marked.Undeliverable = now
	c.Contacts = []integration.Edit[integration.Contact]{integration.Put(contacts[i], marked)}
	dedupe := fmt.Sprintf("%s#support#%s-%d", integration.NoticeUnreachable, to, marked.Version)
	c.Notices = []integration.Notice{unreachable(dedupe, n, to, why, left, now)}
	return c
}

// reopened is the notice after its mail to the contact was lost.
func reopened(n integration.Notice, to integration.ContactID, left int, now time.Time) integration.Notice {
	n.Tried = append(slices.Clone(n.Tried), to)
	n.Lease, n.DueAt = integration.Lease{}, time.Time{}
	switch {
	case overage(n, now):
		return n
	case left == 0:
		n.Status = integration.Dropped
		return n
	}
	n.Status, n.Attempts, n.DueAt = integration.Pending, 0, now.Add(integration.NoticeGrace)
	n.SentTo, n.SentAt, n.MessageID, n.Content = "", time.Time{}, "", integration.Content{}
	return n
}

func without(contacts []integration.Contact, id integration.ContactID) []integration.Contact {
	return slices.DeleteFunc(slices.Clone(contacts), func(c integration.Contact) bool { return c.ID == id })
}

// unreachable is the notice to support that the customer did not get another
// one. Facts.Names holds that one's kind and reason.
func unreachable(dedupe string, lost integration.Notice, to integration.ContactID, why integration.Reason, left int, now time.Time) integration.Notice {
	return integration.Notice{
		Integration: lost.Integration, Dedupe: dedupe,
		Kind: integration.NoticeUnreachable, Audience: integration.ToSupport, Reason: why,
		Facts:     integration.Facts{Contact: to, Recipients: left, Names: []string{string(lost.Kind), string(lost.Reason)}},
		CreatedAt: now, Status: integration.Pending, DueAt: now.Add(integration.NoticeGrace),
	}
}

// change is one notice's progress with its line of history.
func change(before, after integration.Notice, what string, why integration.Reason, now time.Time) integration.Change {
	sum := sha256.Sum256([]byte(before.Dedupe))
	return integration.Change{
		Sent: []integration.Edit[integration.Notice]{integration.Put(before, after)},
		History: []integration.Entry{{
			Integration: before.Integration, At: now, What: what, Actor: "keyward", Reason: why,
			Seq:    fmt.Sprintf("ntc-%s-%08d", hex.EncodeToString(sum[:6]), before.Version),
			Detail: string(before.Kind) + " to " + recipient(before),
		}},
	}
}

// recipient names whom the notice went to, or was meant for.
func recipient(n integration.Notice) string {
	if n.SentTo != "" {
		return string(n.SentTo)
	}
	return string(n.Audience)
}
