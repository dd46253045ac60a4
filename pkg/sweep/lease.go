package sweep

import (
	"context"
	"fmt"
	"slices"
	"time"

	"keyward/pkg/correlation"
	"keyward/pkg/integration"
)

// leaseFor is how long a worker has for one check or one listing. It is longer
// than the functions' time-outs and the queues' delays together.
const leaseFor = 15 * time.Minute

// A current is an integration as it was read last. The first attempt to write
// uses it, later ones read again.
type current struct {
	it    integration.Integration
	fresh bool
}

// decide applies an event, if the integration still needs the task when it is
// written; done tells whether it did.
func (s *Service) decide(ctx context.Context, c *current, k task, event func(integration.Integration) integration.Event) (done bool, err error) {
	err = integration.Retry(ctx, func() error {
		done = false
		if err := s.refresh(ctx, c); err != nil {
			return err
		}
		now := s.Now()
		if !slices.Contains(plan(c.it, now), k) {
			return nil
		}
		ch, err := integration.Decide(c.it, event(c.it), now)
		if err != nil || ch.Empty() {
			return err
		}
		done = true
		return s.Store.Commit(ctx, ch)
	})
	if err != nil {
		return false, fmt.Errorf("%s: %w", k, err)
	}
	return done, nil
}

// refresh reads the integration again, unless it has just been read.
func (s *Service) refresh(ctx context.Context, c *current) error {
	if c.fresh {
		c.fresh = false
		return nil
	}
	it, err := s.Store.Integration(ctx, c.it.ID)
	if err != nil {
		return fmt.Errorf("loading integration: %w", err)
	}
	c.it = it
	return nil
}

// leaseCheck gives a check to validate.
func (s *Service) leaseCheck(ctx context.Context, c *current, t *tally) error {
	m := integration.CheckMessage{Integration: c.it.ID, Check: integration.NewCheckID(s.Random), Correlation: correlation.ID(ctx)}
	leased, err := s.decide(ctx, c, check, func(integration.Integration) integration.Event {
		return integration.CheckLeased{Check: m.Check, Until: s.Now().Add(leaseFor)}
	})
	if err != nil || !leased {
		return err
	}
	if err := s.Checks.Send(ctx, m, 0); err != nil {
		return fmt.Errorf("queueing a check: %w", err)
	}
	t.add(func(r *Result) { r.Checks++ })
	return nil
}

// leaseListing gives a look at the certificates to certificates.
func (s *Service) leaseListing(ctx context.Context, c *current, t *tally) error {
	m := integration.CheckMessage{Integration: c.it.ID, Check: integration.NewCheckID(s.Random), Correlation: correlation.ID(ctx)}
	leased, err := s.decide(ctx, c, listing, func(integration.Integration) integration.Event {
		return integration.CertificatesLeased{Check: m.Check, Until: s.Now().Add(leaseFor)}
	})
	if err != nil || !leased {
		return err
	}
	if err := s.Certificates.Send(ctx, m, 0); err != nil {
		return fmt.Errorf("queueing a look at certificates: %w", err)
	}
	t.add(func(r *Result) { r.Certificates++ })
	return nil
}
