package embedded

import (
	"bytes"
	"context"
	"errors"

	"go.etcd.io/bbolt"

	"keyward/pkg/integration"
)

// A Store is the table; see conformance.Store for what its methods promise.
type Store struct{ db *DB }

// Store is the table of integrations.
func (db *DB) Store() *Store { return &Store{db} }

// Integration reads one; ErrNotFound when it is not there.
func (s *Store) Integration(ctx context.Context, id integration.ID) (integration.Integration, error) {
	return item[integration.Integration](ctx, s, "store.Integration", pkIntegration(id), meta)
}

// Upload reads one; ErrNotFound when it is not there.
func (s *Store) Upload(ctx context.Context, id integration.ID, u integration.UploadID) (integration.Upload, error) {
	return item[integration.Upload](ctx, s, "store.Upload", pkIntegration(id), skUpload(u))
}

// Notice reads one; ErrNotFound when it is not there.
func (s *Store) Notice(ctx context.Context, id integration.ID, dedupe string) (integration.Notice, error) {
	return item[integration.Notice](ctx, s, "store.Notice", pkIntegration(id), skNotice(dedupe))
}

// Link reads one; ErrNotFound when it is not there.
func (s *Store) Link(ctx context.Context, hash string) (integration.Link, error) {
	return item[integration.Link](ctx, s, "store.Link", pkLink(hash), meta)
}

// Owner reads one; nobody's is the zero Owner with the fingerprint.
func (s *Store) Owner(ctx context.Context, fingerprint string) (integration.Owner, error) {
	o, err := item[integration.Owner](ctx, s, "store.Owner", pkOwner(fingerprint), meta)
	if errors.Is(err, integration.ErrNotFound) {
		return integration.Owner{Fingerprint: fingerprint}, nil
	}
	return o, err
}

// Uploads lists an integration's uploads, ordered by ID.
func (s *Store) Uploads(ctx context.Context, id integration.ID) ([]integration.Upload, error) {
	return children[integration.Upload](ctx, s, "store.Uploads", id, skUpload(""))
}

// Contacts lists an integration's contacts, ordered by ID.
func (s *Store) Contacts(ctx context.Context, id integration.ID) ([]integration.Contact, error) {
	return children[integration.Contact](ctx, s, "store.Contacts", id, skContact(""))
}

// Certificates lists an integration's certificates, ordered by serial.
func (s *Store) Certificates(ctx context.Context, id integration.ID) ([]integration.Certificate, error) {
	return children[integration.Certificate](ctx, s, "store.Certificates", id, "CRT#")
}

// Notices lists an integration's notices, ordered by dedupe key.
func (s *Store) Notices(ctx context.Context, id integration.ID) ([]integration.Notice, error) {
	return children[integration.Notice](ctx, s, "store.Notices", id, skNotice(""))
}

func item[T any](ctx context.Context, s *Store, op, pk, sk string) (T, error) {
	return read(ctx, s.db, op, func(tx *bbolt.Tx) (T, error) { return get[T](tx, pk, sk) })
}

// children reads the items of an integration whose sort keys begin so.
func children[T any](ctx context.Context, s *Store, op string, id integration.ID, prefix string) ([]T, error) {
	return read(ctx, s.db, op, func(tx *bbolt.Tx) ([]T, error) {
		first, err := itemKey(pkIntegration(id), prefix)
		if err != nil {
			return nil, nil // nothing can be under such a key
		}
		var all []T
		c := tx.Bucket(bucketItems).Cursor()
		for k, v := c.Seek(first); bytes.HasPrefix(k, first); k, v = c.Next() {
			one, err := decode[T](v)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		return all, nil
	})
}
