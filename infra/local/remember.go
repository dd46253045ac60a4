package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// What the host keeps for itself in the state's file.
const (
	keptApple = "apple"  // the simulator's snapshot
	keptWhich = "server" // which App Store Connect the keys belong to
	keptClock = "clock"  // how far the clock is ahead
)

// ErrOtherApple says that the state belongs to another App Store Connect.
var ErrOtherApple = errors.New("this state belongs to another App Store Connect; choose another directory with --dir")

// remember takes up the simulator and the clock where the last run left them.
func (s *Server) remember(ctx context.Context, clock *Clock) error {
	db := s.Host.db
	which := s.cfg.Apple
	if which == "" {
		which = "simulator"
	}
	before, err := db.Kept(ctx, keptWhich)
	switch {
	case errors.Is(err, integration.ErrNotFound):
		err = db.Keep(ctx, keptWhich, []byte(which))
	case err == nil && string(before) != which:
		err = ErrOtherApple
	}
	if err != nil {
		return err
	}
	if s.Apple == nil {
		return nil
	}
	if err := s.Host.rememberClock(ctx); err != nil {
		return err
	}
	snapshot, err := db.Kept(ctx, keptApple)
	if errors.Is(err, integration.ErrNotFound) {
		return asctest.SampleTeams(s.Apple)
	}
	if err != nil {
		return err
	}
	return s.Apple.Restore(snapshot)
}

// keepApple stores the simulator after every change.
func (s *Server) keepApple() {
	if s.Host == nil {
		return
	}
	snapshot, err := s.Apple.Snapshot()
	if err == nil {
		err = s.Host.db.Keep(context.Background(), keptApple, snapshot)
	}
	if err != nil {
		s.cfg.Logger.ErrorContext(context.Background(), "keeping the simulated App Store Connect", "error", err)
	}
}

func (h *Host) rememberClock(ctx context.Context) error {
	text, err := h.db.Kept(ctx, keptClock)
	if errors.Is(err, integration.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	ahead, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("reading the clock: %w", err)
	}
	h.cfg.Clock.MoveTo(time.Now().Add(ahead))
	return nil
}

func (h *Host) keepClock(ctx context.Context) error {
	return h.db.Keep(ctx, keptClock, []byte(h.cfg.Clock.Ahead().String()))
}

// writeCredentials leaves the roles' tokens where the command line finds them.
func (s *Server) writeCredentials() error {
	c := s.Host.Credentials()
	text, err := json.MarshalIndent(map[string]string{
		"url": s.OperatorURL(), "support": c[operator.Support], "automation": c[operator.Automation], "export": c[operator.Export],
	}, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(s.cfg.Dir, "credentials.json")
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("writing the credentials: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing the credentials: %w", err)
	}
	return nil
}
