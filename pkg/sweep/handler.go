package sweep

import (
	"context"
	"time"
)

// A Schedule is what EventBridge Scheduler hands over: the input that the
// template gives it, with Scheduler's own time filled in.
type Schedule struct {
	ScheduledAt string `json:"scheduled_at"` // RFC 3339, UTC
}

// Handler runs a sweep for each event of the schedule. What is due is decided
// by the clock, not by the event; a late one is logged.
func Handler(s *Service) func(context.Context, Schedule) error {
	return func(ctx context.Context, e Schedule) error {
		if at, err := time.Parse(time.RFC3339, e.ScheduledAt); err == nil {
			if late := s.Now().Sub(at); late > time.Minute {
				s.Logger.WarnContext(ctx, "sweep is late", "seconds", int(late.Seconds()))
			}
		}
		_, err := s.Run(ctx)
		return err
	}
}
