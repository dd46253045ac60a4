package sweep

import (
	"context"
	"errors"
	"fmt"

	"keyward/pkg/integration"
)

// notice looks after a notice that has not gone out in time: writing it puts
// it into the stream once more, where notify sees it.
func (s *Service) notice(ctx context.Context, d integration.Due, t *tally) error {
	var did step
	err := integration.Retry(ctx, func() error {
		n, err := s.Store.Notice(ctx, d.Integration, d.Dedupe)
		if errors.Is(err, integration.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if did = chase(n, s.Now()); did == leave {
			return nil
		}
		next := chased(n, did, s.Now())
		return s.Store.Commit(ctx, integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(n, next)}})
	})
	if err != nil {
		return fmt.Errorf("looking after a notice: %w", err)
	}
	switch did {
	case again:
		t.add(func(r *Result) { r.Notices++ })
	case drop:
		t.add(func(r *Result) { r.Dropped++ })
		s.Logger.ErrorContext(ctx, "notice dropped", "integration", d.Integration, "because", "too_old")
	default:
		t.add(func(r *Result) { r.Skipped++ })
	}
	return nil
}
