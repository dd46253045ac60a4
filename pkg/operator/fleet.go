package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"keyward/pkg/integration"
)

func (s *Service) fleet(ctx context.Context, c call) (reply, error) {
	if err := c.query(); err != nil {
		return reply{}, err
	}
	view, err := s.viewFleet(ctx)
	if err != nil {
		return reply{}, err
	}
	return ok(view)
}

func (s *Service) viewFleet(ctx context.Context) (Fleet, error) {
	f, err := s.Store.Fleet(ctx)
	if err != nil {
		return Fleet{}, fmt.Errorf("reading the fleet: %w", err)
	}
	out := Fleet{
		Size: f.Size, Counts: map[string]int{},
		Hold: !f.HoldSince.IsZero(), HoldSince: f.HoldSince, HeldPeak: f.HeldPeak,
		MayEndHold: f.Decidable(s.Now()), MayEndHoldAt: f.DecidableAt(), ReleasedAt: f.ReleasedAt, ReleasedBy: f.ReleasedBy,
		Wave: !f.WaveSince.IsZero(), WaveSince: f.WaveSince, WavePeak: f.WavePeak,
		Silent: !f.SilentTold.IsZero(), SilentTold: f.SilentTold, CanaryFails: f.CanaryFails,
	}
	if err := s.countBad(ctx, f, &out); err != nil {
		return Fleet{}, err
	}
	for _, state := range integration.States() {
		if out.Counts[string(state)], err = s.Store.Count(ctx, state); err != nil {
			return Fleet{}, fmt.Errorf("counting: %w", err)
		}
	}
	return out, nil
}

// countBad counts who is bad in the hold and in the wave just now. Without
// them there is nothing to count.
func (s *Service) countBad(ctx context.Context, f integration.FleetStatus, out *Fleet) error {
	if out.Hold {
		marks, err := s.Store.Marks(ctx, integration.MarkedRejected, integration.MaxMarks)
		if err != nil {
			return fmt.Errorf("listing marks: %w", err)
		}
		out.HeldNow = len(f.Held(marks))
		out.HeldPeak = max(out.HeldPeak, out.HeldNow) // the sweep may not have seen the latest
	}
	if out.Wave {
		marks, err := s.Store.Marks(ctx, integration.MarkedAgreement, integration.MaxMarks)
		if err != nil {
			return fmt.Errorf("listing marks: %w", err)
		}
		out.WaveNow = len(f.Blocked(marks))
		out.WavePeak = max(out.WavePeak, out.WaveNow)
	}
	return nil
}

// endHold ends a fleet hold that is old enough to be support's to decide on.
// Who asked is in the fleet's history before the hold ends.
func (s *Service) endHold(ctx context.Context, c call) (reply, error) {
	if err := c.none(); err != nil {
		return reply{}, err
	}
	now := s.Now()
	st, err := s.Store.Fleet(ctx)
	if err != nil {
		return reply{}, fmt.Errorf("reading the fleet: %w", err)
	}
	if _, _, err := st.EndHold(c.by.actor(), nil, now); err != nil {
		return reply{}, notEnded(st, err, now)
	}
	line := integration.Entry{What: "end_hold_requested", Detail: "on since " + when(st.HoldSince)}
	if err := s.write(ctx, c, st.Version, line); err != nil {
		return reply{}, fmt.Errorf("recording who ends the hold: %w", err)
	}
	err = integration.Retry(ctx, func() error { return s.release(ctx, c.by.actor(), now) })
	if err != nil {
		return reply{}, err
	}
	view, err := s.viewFleet(ctx)
	return reply{status: http.StatusOK, body: FleetDone{Fleet: view, Next: released}}, err
}

const released = "The hold has ended. Each key that is still rejected is checked once more at least; those that stay rejected " +
	"are deactivated in the usual way, and their customers are told. What was rejected until now begins no other hold."

// release is one try to end the hold at the time.
func (s *Service) release(ctx context.Context, by string, at time.Time) error {
	st, err := s.Store.Fleet(ctx)
	if err != nil {
		return err
	}
	if st.HoldSince.IsZero() && st.ReleasedBy == by && st.ReleasedAt.Equal(at) {
		return nil // the try before did it, and its answer was lost
	}
	marks, err := s.Store.Marks(ctx, integration.MarkedRejected, integration.MaxMarks)
	if err != nil {
		return fmt.Errorf("listing marks: %w", err)
	}
	after, n, err := st.EndHold(by, marks, at)
	if err != nil {
		return notEnded(st, err, at)
	}
	if err := s.label(ctx, n.Facts.Names); err != nil {
		return err
	}
	return s.Store.SetFleet(ctx, st, after, []integration.Notice{n})
}

// label puts labels in the place of IDs.
func (s *Service) label(ctx context.Context, names []string) error {
	for i, id := range names {
		it, err := s.Store.Integration(ctx, integration.ID(id))
		switch {
		case errors.Is(err, integration.ErrNotFound):
		case err != nil:
			return fmt.Errorf("reading labels: %w", err)
		default:
			names[i] = it.Label
		}
	}
	return nil
}

// notEnded says why the hold stays, or that there is none.
func notEnded(st integration.FleetStatus, err error, now time.Time) error {
	switch {
	case errors.Is(err, integration.ErrNoHold):
		before := ""
		if !st.ReleasedAt.IsZero() {
			before = fmt.Sprintf(" The last one that a person ended was ended on %s by %s.", when(st.ReleasedAt), st.ReleasedBy)
		}
		return problem(http.StatusConflict, CodeNoHold, "There is no fleet hold.%s", before)
	case errors.Is(err, integration.ErrHoldYoung):
		return problem(http.StatusConflict, CodeHoldYoung,
			"The fleet hold is %s old. It may be ended from %s on: until it has lasted for 24 hours Keyward waits by itself, because most such troubles at Apple end within hours.",
			span(now.Sub(st.HoldSince)), when(st.DecidableAt()))
	}
	return err
}

// span writes a duration in hours and minutes.
func span(d time.Duration) string {
	d = max(0, d).Truncate(time.Minute)
	h, m := int(d.Hours()), int(d.Minutes())%60
	var parts []string
	if h > 0 {
		parts = append(parts, fmt.Sprintf("%d h", h))
	}
	if m > 0 || h == 0 {
		parts = append(parts, fmt.Sprintf("%d min", m))
	}
	return strings.Join(parts, " ")
}
