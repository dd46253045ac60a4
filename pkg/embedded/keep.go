package embedded

import (
	"bytes"
	"context"

	"go.etcd.io/bbolt"

	"keyward/pkg/integration"
)

// Keep stores something of the host's own beside the ports' state, such as
// what a simulator must remember. The name must not be empty.
func (db *DB) Keep(ctx context.Context, name string, data []byte) error {
	return db.call(ctx, "host.Keep", func() error {
		return db.writer.do(nil, func(tx *bbolt.Tx) error {
			return tx.Bucket(bucketMeta).Put([]byte("host/"+name), data)
		})
	})
}

// Kept returns what Keep stored last under the name, or ErrNotFound.
func (db *DB) Kept(ctx context.Context, name string) ([]byte, error) {
	return read(ctx, db, "host.Kept", func(tx *bbolt.Tx) ([]byte, error) {
		v := tx.Bucket(bucketMeta).Get([]byte("host/" + name))
		if v == nil {
			return nil, integration.ErrNotFound
		}
		return bytes.Clone(v), nil
	})
}
