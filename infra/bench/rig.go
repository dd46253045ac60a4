package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/embedded"
)

// A rig is both sides, on one file and one simulator.
type rig struct {
	apple   *appleProcess
	db      *embedded.DB
	keyward *keyward
	floor   *floor
}

// newRig gets so many integrations ready in a new file.
func newRig(ctx context.Context, dir string, integrations int) (*rig, error) {
	r := &rig{}
	if err := r.fill(ctx, filepath.Join(dir, "keyward.db"), integrations); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *rig) fill(ctx context.Context, path string, integrations int) (err error) {
	if r.apple, err = startApple(ctx, order{Keys: integrations}); err != nil {
		return err
	}
	if err := seed(ctx, path, r.apple); err != nil {
		return err
	}
	size, err := rowSize(path)
	if err != nil {
		return err
	}
	if r.db, err = embedded.Open(embedded.Config{Path: path}); err != nil {
		return err
	}
	if r.keyward, err = newKeyward(r.db, r.apple); err != nil {
		return err
	}
	r.floor, err = newFloor(r.db, r.apple, size)
	return err
}

// transport is of the same making for both sides; each has its own.
func (p *appleProcess) transport() http.RoundTripper { return appstoreconnect.NewTransport(p.tls()) }

// A tournament is the rounds of both sides with so many checks in flight.
type tournament struct {
	flight         int
	keyward, floor []round
}

// tournament lets the sides take turns, after one round each that opens
// connections and does not count.
func (r *rig) tournament(ctx context.Context, o options, flight int) (tournament, error) {
	t := tournament{flight: flight}
	n := o.checks
	if flight == 1 {
		n /= 3
	}
	for i := range o.rounds + 1 {
		ours, err := r.play(ctx, r.keyward.side(), n, flight)
		if err != nil {
			return t, err
		}
		floors, err := r.play(ctx, r.floor.side(), n, flight)
		if err != nil {
			return t, err
		}
		if i > 0 {
			t.keyward, t.floor = append(t.keyward, ours), append(t.floor, floors)
		}
	}
	return t, nil
}

// profile writes a CPU profile of one round of Keyward.
func (r *rig) profile(ctx context.Context, o options) error {
	f, err := os.Create(o.profile)
	if err != nil {
		return err
	}
	s := r.keyward.side()
	s.ready = func(ctx context.Context, n int) error {
		return errors.Join(r.keyward.lease(ctx, n), pprof.StartCPUProfile(f))
	}
	s.proof = func(ctx context.Context, n int) error {
		pprof.StopCPUProfile()
		return r.keyward.prove(ctx, n)
	}
	_, err = r.play(ctx, s, o.checks, inFlight)
	return errors.Join(err, f.Close())
}

// Close ends the simulator and lets go of the file.
func (r *rig) Close() {
	if r.db != nil {
		_ = r.db.Close()
	}
	if r.apple != nil {
		_ = r.apple.Close()
	}
}
