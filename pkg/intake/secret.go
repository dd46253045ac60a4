package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// keep puts the key into the vault, under the upload's name.
func (s *Service) keep(ctx context.Context, l look, u integration.Upload, v verdict) error {
	if a, ok := waitsFor(u); ok && a.ETag != l.ref.ETag {
		if err := s.stillThere(ctx, l); err != nil {
			return err
		}
	}
	err := s.Vault.Put(ctx, l.integration, l.upload, v.key)
	if errors.Is(err, integration.ErrConflict) {
		return s.makeRoom(ctx, l, u, v)
	}
	if err != nil {
		return fmt.Errorf("storing key: %w", err)
	}
	return nil
}

// makeRoom deletes the secret of another file that came through the same form,
// reached the vault and was not accepted. First the upload is noted as waiting
// for the file at hand: should the other still be at work, its transaction
// fails on the version, and it finds that its object is gone. It always ends
// in an error; ErrConflict means: now try again.
func (s *Service) makeRoom(ctx context.Context, l look, u integration.Upload, v verdict) error {
	if err := s.stillThere(ctx, l); err != nil {
		return err
	}
	v.state, v.diagnosis = integration.UploadWaiting, string(integration.VaultDown)
	a := s.attempt(l, v)
	a.At = a.At.Add(-appleDelay) // so that no message about it passes for a duplicate: see onItsWay
	claimed := u.Judged(a)
	claimed.WaitFrom, claimed.Tries = time.Time{}, 0
	err := s.Store.Commit(ctx, integration.Change{Uploads: []integration.Edit[integration.Upload]{integration.Put(u, claimed)}})
	if err != nil {
		return err
	}
	if err := s.Vault.Delete(ctx, l.integration, l.upload); err != nil {
		return fmt.Errorf("deleting the key of another file: %w", err)
	}
	return integration.ErrConflict
}

// stillThere gives errSuperseded unless the object at hand is in the bucket.
func (s *Service) stillThere(ctx context.Context, l look) error {
	_, err := s.Objects.Read(ctx, l.ref.Key, l.ref.ETag)
	if gone(err) {
		return errSuperseded
	}
	if err != nil {
		return fmt.Errorf("reading upload: %w", err)
	}
	return nil
}

// leftBehind gives the key that the vault holds under the upload's name
// without the integration knowing: of an earlier run that did not end. It is
// the zero key where there is none.
func (s *Service) leftBehind(ctx context.Context, it integration.Integration, u integration.Upload) (keyfile.PrivateKey, error) {
	if known(it, u.ID) {
		return keyfile.PrivateKey{}, nil
	}
	k, err := s.Vault.Get(ctx, it.ID, u.ID)
	if errors.Is(err, integration.ErrNotFound) {
		return keyfile.PrivateKey{}, nil
	}
	if err != nil {
		return keyfile.PrivateKey{}, fmt.Errorf("looking for a key left behind: %w", err)
	}
	return k, nil
}

// dropSecret is for a run that put a secret into the vault and then found that
// another had judged the attempt.
func (s *Service) dropSecret(ctx context.Context, it integration.Integration, u integration.Upload, k keyfile.PrivateKey) error {
	if known(it, u.ID) {
		return nil
	}
	var ch integration.Change
	discard(&ch, it, u, k, s.Now())
	return s.Store.Commit(ctx, ch)
}

// known tells whether the integration names the upload's secret.
func known(it integration.Integration, u integration.UploadID) bool {
	for _, k := range []*integration.Key{it.Key, it.Other} {
		if k != nil && k.Upload == u {
			return true
		}
	}
	return trashed(it, u)
}

// trashed tells whether the upload's secret is about to leave the vault.
func trashed(it integration.Integration, u integration.UploadID) bool {
	return slices.ContainsFunc(it.Trash, func(d integration.Discarded) bool { return d.Upload == u })
}

// discard adds to the change that the upload's secret must leave the vault.
// The sweep sees to it.
func discard(ch *integration.Change, it integration.Integration, u integration.Upload, k keyfile.PrivateKey, now time.Time) {
	if ch.Integration.After == nil {
		ch.Integration = integration.Put(it, it)
	}
	after := *ch.Integration.After
	d := integration.Discarded{Upload: u.ID, KeyID: u.KeyID, Fingerprint: k.Fingerprint(), Since: now}
	after.Trash = append(slices.Clone(after.Trash), d)
	ch.Integration.After = &after
}
