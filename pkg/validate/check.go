package validate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
)

// fullEvery is how often every capability is probed.
const fullEvery = 7 * 24 * time.Hour

// Check does the check that the message asks for. Nil means that the message
// is done with; after an error the same message must come again.
func (s *Service) Check(ctx context.Context, m integration.CheckMessage) error {
	it, err := s.Store.Integration(ctx, m.Integration)
	if errors.Is(err, integration.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("loading integration: %w", err)
	}
	if !leased(it, m.Check) {
		return nil
	}
	ev := s.look(ctx, it, m.Check)
	if ev.Fleet, err = s.view(ctx, it, ev.Outcome); err != nil {
		return err
	}
	if err := s.mark(ctx, it, it.Settled(ev)); err != nil {
		return err
	}
	return s.apply(ctx, it, ev)
}

// leased tells whether the check is the one that somebody is to do. A lease
// that ran out counts as long as nobody else has it.
func leased(it integration.Integration, check integration.CheckID) bool {
	return check != "" && it.Key != nil && it.State != integration.Disconnected && it.Check.Lease.ID == check
}

// look asks Apple about the key in force, and about the other one where there
// is reason to.
func (s *Service) look(ctx context.Context, it integration.Integration, check integration.CheckID) integration.Checked {
	ctx, cancel := s.inTime(ctx)
	defer cancel()
	ev := integration.Checked{Check: check, Used: it.Key.Upload, Outcome: s.ask(ctx, it, it.Key)}
	if it.ConsultsOther(ev.Outcome) {
		o := s.ask(ctx, it, it.Other)
		ev.UsedOther, ev.Other = it.Other.Upload, &o
	}
	return ev
}

// ask asks Apple about one key. The key leaves the vault for this call alone.
func (s *Service) ask(ctx context.Context, it integration.Integration, k *integration.Key) integration.Outcome {
	secret, err := s.Vault.Get(ctx, it.ID, k.Upload)
	var creds appstoreconnect.Credentials
	if err == nil {
		creds, err = appstoreconnect.CredentialsOf(*k, secret)
	}
	if err != nil {
		s.Logger.ErrorContext(ctx, "key not to be had", "integration", it.ID, "upload", k.Upload,
			"missing", errors.Is(err, integration.ErrNotFound), "another", errors.Is(err, appstoreconnect.ErrAnotherKey))
		return integration.Outcome{Verdict: integration.Inconclusive, Reason: integration.VaultDown}
	}
	return s.Apple.Check(ctx, creds, plan(it, k, s.Now()))
}

// plan says how closely to look: at everything once a week, and while
// something is wrong or not known; else with a single call.
func plan(it integration.Integration, k *integration.Key, now time.Time) appstoreconnect.Plan {
	p := appstoreconnect.Plan{Level: it.Access, Known: it.Findings, Apps: it.WantedApps(), Depth: appstoreconnect.Quick}
	troubled := it.State != integration.Active || it.Streak.Count > 0 || !it.Unanswered.Since.IsZero()
	mending := it.User.Wanting() || it.User.Access == integration.UserInvited // the customer may be adding our user just now
	if troubled || mending || it.LooksAgain() || len(it.Findings) == 0 || now.Sub(it.ProbedAt) >= fullEvery {
		p.Depth = appstoreconnect.Full
	}
	p.FreshToken = troubled || k != it.Key
	return p
}

// apply writes what comes of the outcome. Should somebody else have written
// meanwhile, it is applied to what is there then.
func (s *Service) apply(ctx context.Context, it integration.Integration, ev integration.Checked) error {
	stale := false
	err := integration.Retry(ctx, func() error {
		if stale {
			var err error
			if it, err = s.Store.Integration(ctx, it.ID); err != nil {
				return err
			}
		}
		stale = true
		if !leased(it, ev.Check) {
			return nil
		}
		ch, err := integration.Decide(it, ev, s.Now())
		if err != nil || ch.Empty() {
			return err
		}
		return s.Store.Commit(ctx, ch)
	})
	if err != nil {
		return fmt.Errorf("applying a check: %w", err)
	}
	s.Logger.LogAttrs(ctx, slog.LevelInfo, "checked", slog.String("integration", string(it.ID)), slog.String("check", string(ev.Check)),
		slog.String("verdict", string(ev.Outcome.Verdict)), slog.String("reason", string(ev.Outcome.Reason)))
	return nil
}
