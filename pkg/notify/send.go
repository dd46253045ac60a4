package notify

import (
	"context"
	"errors"
	"fmt"

	"keyward/pkg/integration"
)

// A job is one mail under way: the notice as leased, its recipient and, where
// it carries one, its link.
type job struct {
	desk
	to   integration.Contact // zero: support
	link Link
	said integration.Content // once composed
}

// Send sends the notice, unless that is done, not due, in other hands or
// without sense by now. It may be called at any time, any number of times,
// by any number of workers. An error means that nothing is known to have
// been sent and that the caller should call again; it holds no address.
func (s *Service) Send(ctx context.Context, id integration.ID, dedupe string) error {
	var j *job
	err := integration.Retry(ctx, func() (err error) {
		j, err = s.claim(ctx, id, dedupe)
		return err
	})
	if errors.Is(err, integration.ErrNotFound) {
		s.Logger.InfoContext(ctx, "notice gone", "integration", id)
		return nil
	}
	if err != nil || j == nil {
		return err
	}
	return s.deliver(ctx, *j)
}

// claim decides about the notice, and either writes how it ended or leases
// it. A nil job means that there is nothing more to do.
func (s *Service) claim(ctx context.Context, id integration.ID, dedupe string) (*job, error) {
	d, err := s.read(ctx, id, dedupe)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	switch v := decide(d, now); v.step {
	case send:
		return s.lease(ctx, d, v.to, now)
	case drop, forsake:
		s.Logger.InfoContext(ctx, "notice dropped", "integration", id, "kind", d.notice.Kind, "why", v.why)
		return nil, s.commit(ctx, "dropping a notice", ended(d, v, now))
	default:
		return nil, nil
	}
}

// read gathers what decide looks at.
func (s *Service) read(ctx context.Context, id integration.ID, dedupe string) (d desk, err error) {
	if d.notice, err = s.Store.Notice(ctx, id, dedupe); err != nil {
		return d, fmt.Errorf("reading a notice: %w", err)
	}
	d.it = integration.Integration{ID: id}
	if id == integration.Fleet {
		return d, nil
	}
	if d.it, err = s.Store.Integration(ctx, id); err != nil {
		return d, fmt.Errorf("reading the integration: %w", err)
	}
	if d.contacts, err = s.Store.Contacts(ctx, id); err != nil {
		return d, fmt.Errorf("reading contacts: %w", err)
	}
	if looksBack(d.notice) {
		if d.others, err = s.Store.Notices(ctx, id); err != nil {
			return d, fmt.Errorf("reading notices: %w", err)
		}
	}
	return d, nil
}

// deliver composes and sends the job's mail and writes how that ended.
func (s *Service) deliver(ctx context.Context, j job) error {
	m, err := s.compose(&j)
	if err != nil {
		return s.settle(ctx, j, "", err)
	}
	sending, cancel := context.WithTimeout(ctx, s.SendTimeout)
	defer cancel()
	messageID, err := s.Mailer.Send(sending, m)
	return s.settle(ctx, j, messageID, err)
}

func (s *Service) commit(ctx context.Context, what string, c integration.Change) error {
	if err := s.Store.Commit(ctx, c); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
