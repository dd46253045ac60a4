package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"keyward/infra/demo"
	"keyward/pkg/operator"
)

// smoke is a short story that needs every function and every wire of the
// template. Its first chapter is the demonstration's: five customers are
// invited and hand over their keys, by browser.
func smoke(ctx context.Context, w *World) error {
	chapter, stop := context.WithCancel(ctx)
	defer stop()
	if _, err := demo.Run(chapter, w, func(s demo.Step) {
		if s.OK {
			stop()
		}
	}); err != nil && chapter.Err() == nil {
		return err
	}
	support, err := w.Operator(operator.Support)
	if err != nil {
		return err
	}
	page, err := support.List(ctx, operator.Listing{})
	if err != nil {
		return fmt.Errorf("listing: %w", err)
	}
	if len(page.Integrations) != 5 {
		return fmt.Errorf("%d integrations are listed", len(page.Integrations))
	}
	one, other := page.Integrations[0].ID, page.Integrations[1].ID
	for _, act := range []func(context.Context, *World, *operator.Client) error{
		checked, listed, bounced(one), disconnected(other),
	} {
		if err := act(ctx, w, support); err != nil {
			return err
		}
	}
	if t := w.Troubles(); len(t) > 0 {
		return errors.New("all came out as expected, but not without troubles")
	}
	return nil
}

// checked: the sweep has every key checked, the first time after minutes.
func checked(ctx context.Context, w *World, support *operator.Client) error {
	return until(ctx, w, time.Hour, "the keys were not checked", func() (bool, error) {
		ok, err := everyOne(ctx, support, func(i operator.Integration) bool { return i.Check.Verdict == "ok" })
		return ok && len(w.Checks()) == 5, err
	})
}

// listed: all certificates are looked at. One of the five does without.
func listed(ctx context.Context, w *World, support *operator.Client) error {
	return until(ctx, w, 3*time.Hour, "the certificates are not watched", func() (bool, error) {
		return everyOne(ctx, support, func(i operator.Integration) bool {
			return i.Certificate.DueAt.IsZero() || !i.Certificate.NotAfter.IsZero()
		})
	})
}

// until lets time pass, and gives up when anything went wrong.
func until(ctx context.Context, w *World, limit time.Duration, otherwise string, holds func() (bool, error)) error {
	for passed := time.Duration(0); passed < limit && len(w.Troubles()) == 0; passed += 10 * time.Minute {
		if err := w.Advance(ctx, 10*time.Minute); err != nil {
			return err
		}
		if ok, err := holds(); ok || err != nil {
			return err
		}
	}
	return errors.New(otherwise)
}

func everyOne(ctx context.Context, support *operator.Client, holds func(operator.Integration) bool) (bool, error) {
	page, err := support.List(ctx, operator.Listing{})
	if err != nil {
		return false, fmt.Errorf("listing: %w", err)
	}
	for _, brief := range page.Integrations {
		if i, err := support.Get(ctx, brief.ID); err != nil || !holds(i) {
			return false, err
		}
	}
	return true, nil
}

// bounced: a mail comes back, and its contact is marked.
func bounced(id string) func(context.Context, *World, *operator.Client) error {
	return func(ctx context.Context, w *World, support *operator.Client) error {
		for _, m := range w.Host.Mails() {
			if m.Tags["integration"] != id || m.Tags["contact"] == "" {
				continue
			}
			if err := w.Bounce(m.ID); err != nil {
				return err
			}
			break
		}
		if err := w.Advance(ctx, time.Minute); err != nil {
			return err
		}
		i, err := support.Get(ctx, id)
		if err == nil && !slices.ContainsFunc(i.Contacts, func(c operator.Contact) bool { return !c.Undeliverable.IsZero() }) {
			err = fmt.Errorf("the contact whose mail bounced is not marked")
		}
		return err
	}
}

// disconnected: the key leaves the vault, and the receipt says so.
func disconnected(id string) func(context.Context, *World, *operator.Client) error {
	return func(ctx context.Context, w *World, support *operator.Client) error {
		if _, err := support.Disconnect(ctx, id); err != nil {
			return fmt.Errorf("disconnecting: %w", err)
		}
		if err := w.Advance(ctx, 2*time.Minute); err != nil {
			return err
		}
		names, err := w.Secrets(ctx)
		if err == nil && len(names) != 4 {
			err = fmt.Errorf("%d keys are in the vault, not 4", len(names))
		}
		return err
	}
}

func TestSmoke(t *testing.T) {
	w := mustWorld(t)
	began := time.Now()
	if err := smoke(t.Context(), w); err != nil {
		t.Errorf("%v\n%q", err, w.Troubles())
	}
	t.Logf("took %v: %v", time.Since(began).Round(time.Second), w.gate.Calls())
}
