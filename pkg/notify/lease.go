package notify

import (
	"context"
	"net/url"
	"time"

	"keyward/pkg/integration"
)

// A Link is an upload link as a mail shows it. The zero value is none.
type Link struct {
	URL       string // with the token
	ExpiresAt time.Time
}

// lease takes the notice for this worker, and stores the link that its mail
// will carry, in one transaction: no mail ever carries a link that does not
// work. SentTo is written now, so that a bounce can be put down to the right
// contact even if this worker dies before it has written that it sent.
func (s *Service) lease(ctx context.Context, d desk, to integration.Contact, now time.Time) (*job, error) {
	after := d.notice
	after.Status = integration.Sending
	after.Lease = integration.Lease{ID: integration.NewCheckID(s.Random), Until: now.Add(s.Lease)}
	after.DueAt = after.Lease.Until
	after.Attempts++
	after.SentTo = to.ID
	c := integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(d.notice, after)}}
	j := &job{desk: d, to: to}
	j.notice = after
	if after.Link && to.ID != "" {
		var stored integration.Link
		stored, j.link = s.newLink(d.it, after.Kind, to.ID, now)
		c.Links = []integration.Link{stored}
	}
	return j, s.commit(ctx, "leasing a notice", c)
}

// newLink makes an upload link for the contact. A reminder's link ends with
// the invitation that it reminds of.
func (s *Service) newLink(it integration.Integration, kind integration.NoticeKind, to integration.ContactID, now time.Time) (integration.Link, Link) {
	token, hash := integration.NewLinkToken(s.Random)
	expires := now.Add(integration.LinkLife)
	if kind == integration.NoticeInvitationReminder {
		expires = it.Invitation.ExpiresAt
	}
	stored := integration.Link{
		Hash: hash, Integration: it.ID, Contact: to, Epoch: it.LinkEpoch, IssuedAt: now, ExpiresAt: expires,
	}
	u, _ := url.JoinPath(s.PublicURL, "l", token) // New has checked PublicURL
	return stored, Link{URL: u, ExpiresAt: expires}
}
