package sweep

import (
	"context"
	"fmt"
	"slices"

	"keyward/pkg/integration"
)

// empty deletes the secrets that must leave the vault by now, and then frees their
// keys and tells the domain, in one transaction: should that fail, the secrets
// are deleted once more, which is no error.
func (s *Service) empty(ctx context.Context, c *current, t *tally) error {
	if err := s.refresh(ctx, c); err != nil {
		return err
	}
	var gone []integration.UploadID
	for _, d := range c.it.Trash {
		if !due(d.Since, s.Now()) {
			continue
		}
		if !inForce(c.it, func(k *integration.Key) bool { return k.Upload == d.Upload }) {
			if err := s.Vault.Delete(ctx, c.it.ID, d.Upload); err != nil {
				return fmt.Errorf("deleting a secret: %w", err)
			}
		}
		gone = append(gone, d.Upload)
	}
	c.fresh = true
	err := integration.Retry(ctx, func() error {
		if err := s.refresh(ctx, c); err != nil {
			return err
		}
		ch, err := integration.Decide(c.it, integration.Emptied{Uploads: gone}, s.Now())
		if err != nil || ch.Empty() {
			return err
		}
		if ch.Owners, err = s.released(ctx, c.it, gone); err != nil {
			return err
		}
		return s.Store.Commit(ctx, ch)
	})
	if err != nil {
		return fmt.Errorf("noting that secrets are gone: %w", err)
	}
	t.add(func(r *Result) { r.Emptied += len(gone) })
	return nil
}

// released gives up the ownership of the keys whose secrets are gone, except
// where the integration still has the same key under another upload.
func (s *Service) released(ctx context.Context, it integration.Integration, gone []integration.UploadID) ([]integration.Edit[integration.Owner], error) {
	var edits []integration.Edit[integration.Owner]
	seen := map[string]bool{"": true}
	for _, d := range it.Trash {
		if !slices.Contains(gone, d.Upload) || seen[d.Fingerprint] || held(it, gone, d.Fingerprint) {
			continue
		}
		seen[d.Fingerprint] = true
		o, err := s.Store.Owner(ctx, d.Fingerprint)
		if err != nil {
			return nil, fmt.Errorf("reading ownership: %w", err)
		}
		if slices.Contains(o.Holders, it.ID) {
			edits = append(edits, integration.Put(o, o.Release(it.ID)))
		}
	}
	return edits, nil
}

// held tells whether the integration has the key still: in force, beside it,
// or on its way out with a later round.
func held(it integration.Integration, gone []integration.UploadID, fingerprint string) bool {
	return inForce(it, func(k *integration.Key) bool { return k.Fingerprint == fingerprint }) ||
		slices.ContainsFunc(it.Trash, func(d integration.Discarded) bool {
			return d.Fingerprint == fingerprint && !slices.Contains(gone, d.Upload)
		})
}

func inForce(it integration.Integration, is func(*integration.Key) bool) bool {
	return (it.Key != nil && is(it.Key)) || (it.Other != nil && is(it.Other))
}
