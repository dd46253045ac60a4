package notify

import (
	"context"
	"errors"
	"time"

	"keyward/pkg/integration"
)

// settle writes what became of the job's mail.
//
//	sent              sent
//	address rejected  the contact is marked undeliverable, the next one's turn
//	certainly unsent  the attempt is not counted, and is repeated when the lease has run out
//	anything else     the mail may have gone out: the lease runs out, and the attempt counts
func (s *Service) settle(ctx context.Context, j job, messageID string, err error) error {
	// The mail is out or not, whatever becomes of the caller.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	s.report(ctx, j, err)
	switch {
	case err == nil:
		return s.amend(ctx, j, func(n integration.Notice, _ []integration.Contact, now time.Time) integration.Change {
			return sent(n, messageID, j.said, now)
		})
	case errors.Is(err, integration.ErrUndeliverable) || errors.Is(err, integration.ErrInvalid):
		return s.amend(ctx, j, s.rejected(j))
	case errors.Is(err, integration.ErrNotSent) || errors.Is(err, integration.ErrThrottled):
		return s.amend(ctx, j, func(n integration.Notice, _ []integration.Contact, _ time.Time) integration.Change {
			return uncounted(n)
		})
	default:
		return nil
	}
}

// amend changes the notice while its lease is still the job's. Whoever else
// has taken it over meanwhile knows more: then nothing is written.
func (s *Service) amend(ctx context.Context, j job, change func(integration.Notice, []integration.Contact, time.Time) integration.Change) error {
	id := j.notice.Integration
	return integration.Retry(ctx, func() error {
		d, err := s.read(ctx, id, j.notice.Dedupe)
		if err != nil {
			return err
		}
		if d.notice.Status != integration.Sending || d.notice.Lease.ID != j.notice.Lease.ID {
			s.Logger.InfoContext(ctx, "notice taken over", "integration", id, "kind", j.notice.Kind)
			return nil
		}
		return s.commit(ctx, "finishing a notice", change(d.notice, d.contacts, s.Now()))
	})
}

// rejected gives the contact up. Support has no next contact: a refusal of
// its address is repeated until the notice is too old, in case it is mended.
func (s *Service) rejected(j job) func(integration.Notice, []integration.Contact, time.Time) integration.Change {
	return func(n integration.Notice, contacts []integration.Contact, now time.Time) integration.Change {
		if j.to.ID == "" {
			return uncounted(n)
		}
		return Undelivered(n, j.to.ID, contacts, integration.AddressRefused, now)
	}
}

// report logs how a mail went, by codes alone: the texts of mail services
// hold addresses.
func (s *Service) report(ctx context.Context, j job, err error) {
	attrs := []any{"integration", j.notice.Integration, "kind", j.notice.Kind, "contact", j.to.ID, "attempt", j.notice.Attempts}
	if err == nil {
		s.Logger.InfoContext(ctx, "mail sent", attrs...)
		return
	}
	s.Logger.ErrorContext(ctx, "mail not sent", append(attrs, "code", code(err))...)
}

// code names an error without its text.
func code(err error) string {
	var service interface{ ErrorCode() string }
	switch {
	case errors.As(err, &service):
		return service.ErrorCode()
	case errors.Is(err, integration.ErrUndeliverable), errors.Is(err, integration.ErrInvalid):
		return "rejected"
	case errors.Is(err, integration.ErrThrottled):
		return "throttled"
	case errors.Is(err, integration.ErrNotSent):
		return "not_sent"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "timeout"
	default:
		return "unknown"
	}
}
