package certificates

import (
	"context"
	"errors"
	"fmt"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
)

// maxItems bounds the certificates of one transaction: DynamoDB takes 100
// items at once [AWS], and the integration, its history and its notices are
// among them.
const maxItems = 60

// Inventory looks at the certificates as the message asks. Nil means that the
// message is done with; after an error the same message must come again.
func (s *Service) Inventory(ctx context.Context, m integration.CheckMessage) error {
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
	used := it.Key.Upload
	list, reason := s.list(ctx, it)
	if reason != "" {
		s.Logger.InfoContext(ctx, "certificates not listed", "integration", it.ID, "check", m.Check, "reason", reason)
		return s.apply(ctx, it, m.Check, integration.CertificatesUnlisted{Check: m.Check, Used: used, Reason: reason}, nil)
	}
	return s.listed(ctx, it, m.Check, list)
}

// leased tells whether the look is the one that somebody is to take.
func leased(it integration.Integration, check integration.CheckID) bool {
	return check != "" && it.Key != nil && it.State != integration.Disconnected && it.Certificates.Lease.ID == check
}

// list asks Apple with the key in force. The reason is empty when the list is
// complete.
func (s *Service) list(ctx context.Context, it integration.Integration) ([]integration.Certificate, integration.Reason) {
	ctx, cancel := s.inTime(ctx)
	defer cancel()
	k := it.Key
	secret, err := s.Vault.Get(ctx, it.ID, k.Upload)
	if err != nil {
		return nil, integration.VaultDown
	}
	creds, err := appstoreconnect.CredentialsOf(*k, secret)
	if err != nil {
		s.Logger.ErrorContext(ctx, "key not to be had", "integration", it.ID, "upload", k.Upload, "another", true)
		return nil, integration.VaultDown
	}
	list, err := s.Apple.Certificates(ctx, creds)
	if err != nil {
		_, reason := appstoreconnect.Classify(err)
		return nil, reason
	}
	return convert(it.ID, list), ""
}

// listed compares a complete list with what is known, and writes what is new.
func (s *Service) listed(ctx context.Context, it integration.Integration, check integration.CheckID, list []integration.Certificate) error {
	known, err := s.Store.Certificates(ctx, it.ID)
	if err != nil {
		return fmt.Errorf("loading certificates: %w", err)
	}
	changed := merge(known, list, s.Now())
	// What one transaction cannot hold goes before it: an item says only what
	// Apple listed, and saying it twice does no harm.
	for len(changed) > maxItems {
		if err := s.Store.Commit(ctx, integration.Change{Certificates: changed[:maxItems]}); err != nil {
			return fmt.Errorf("writing certificates: %w", err)
		}
		changed = changed[maxItems:]
	}
	s.Logger.InfoContext(ctx, "certificates listed", "integration", it.ID, "check", check, "count", len(list))
	ev := integration.CertificatesListed{Check: check, Used: it.Key.Upload, Listed: list, SlotLimit: s.Slots}
	return s.apply(ctx, it, check, ev, changed)
}

// apply writes what comes of the look. Should somebody else have written
// meanwhile, it is applied to what is there then.
func (s *Service) apply(ctx context.Context, it integration.Integration, check integration.CheckID, ev integration.Event, certs []integration.Certificate) error {
	stale := false
	err := integration.Retry(ctx, func() error {
		if stale {
			var err error
			if it, err = s.Store.Integration(ctx, it.ID); err != nil {
				return err
			}
		}
		stale = true
		if !leased(it, check) {
			return nil
		}
		ch, err := integration.Decide(it, ev, s.Now())
		if err != nil || ch.Empty() {
			return err
		}
		ch.Certificates = certs
		return s.Store.Commit(ctx, ch)
	})
	if err != nil {
		return fmt.Errorf("applying an inventory: %w", err)
	}
	return nil
}
