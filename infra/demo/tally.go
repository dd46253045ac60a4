package demo

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"sync"

	"keyward/pkg/integration"
)

// A tally counts checks by the lines that validate logs about them, and hands
// every line on.
type tally struct {
	slog.Handler
	shared *tallied
}

type tallied struct {
	mu     sync.Mutex
	checks map[integration.ID]int
}

func newTally(next slog.Handler) *tally {
	return &tally{next, &tallied{checks: map[integration.ID]int{}}}
}

// Enabled lets through what is counted, whatever the next handler wants.
func (t *tally) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

func (t *tally) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "checked" {
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "integration" {
				t.shared.mu.Lock()
				t.shared.checks[integration.ID(a.Value.String())]++
				t.shared.mu.Unlock()
			}
			return true
		})
	}
	if !t.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return t.Handler.Handle(ctx, r)
}

func (t *tally) WithAttrs(as []slog.Attr) slog.Handler {
	return &tally{t.Handler.WithAttrs(as), t.shared}
}

func (t *tally) WithGroup(name string) slog.Handler {
	return &tally{t.Handler.WithGroup(name), t.shared}
}

func (t *tally) counts() map[integration.ID]int {
	t.shared.mu.Lock()
	defer t.shared.mu.Unlock()
	return maps.Clone(t.shared.checks)
}

// Seeded is randomness that comes out the same for the same seed, so that a
// story is told alike every time. It is for worlds that vanish when the story
// ends, where nothing is worth guessing.
func Seeded(seed byte) io.Reader { return &seeded{source: rand.NewChaCha8([32]byte{seed})} }

type seeded struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

func (s *seeded) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source.Read(p)
}
