package embedded

import (
	"bytes"
	"context"

	"go.etcd.io/bbolt"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
	"keyward/pkg/table"
)

// A Vault keeps private keys in the clear: the file's mode protects them.
// See conformance.Vault for what its methods promise.
type Vault struct{ db *DB }

// Vault is where private keys are.
func (db *DB) Vault() *Vault { return &Vault{db} }

// secretName is the name that the secret would have in Secrets Manager.
func (v *Vault) secretName(id integration.ID, u integration.UploadID) ([]byte, error) {
	k := table.Key{PK: "keyward/" + v.db.cfg.Stage + "/" + string(id), SK: string(u)}
	return itemKey(k), k.Valid()
}

// Put stores a key; ErrConflict when another is there.
func (v *Vault) Put(ctx context.Context, id integration.ID, u integration.UploadID, k keyfile.PrivateKey) error {
	return v.db.call(ctx, "vault.Put", func() error {
		name, err := v.secretName(id, u)
		if err != nil {
			return err
		}
		if k.IsZero() {
			return integration.ErrInvalid
		}
		text := k.PEM()
		return v.db.writer.do(func(tx *bbolt.Tx) error {
			there := tx.Bucket(bucketVault).Get(name)
			if there != nil && !bytes.Equal(there, text) {
				return integration.ErrConflict
			}
			return nil
		}, func(tx *bbolt.Tx) error { return tx.Bucket(bucketVault).Put(name, text) })
	})
}

// Get gives the key, or ErrNotFound.
func (v *Vault) Get(ctx context.Context, id integration.ID, u integration.UploadID) (keyfile.PrivateKey, error) {
	return read(ctx, v.db, "vault.Get", func(tx *bbolt.Tx) (keyfile.PrivateKey, error) {
		name, err := v.secretName(id, u)
		if err != nil {
			return keyfile.PrivateKey{}, integration.ErrNotFound
		}
		text := tx.Bucket(bucketVault).Get(name)
		if text == nil {
			return keyfile.PrivateKey{}, integration.ErrNotFound
		}
		return keyfile.Parse(text)
	})
}

// Delete takes the key away.
func (v *Vault) Delete(ctx context.Context, id integration.ID, u integration.UploadID) error {
	return v.db.call(ctx, "vault.Delete", func() error {
		name, err := v.secretName(id, u)
		if err != nil {
			return nil // nothing can be there
		}
		return v.db.writer.do(nil, func(tx *bbolt.Tx) error { return tx.Bucket(bucketVault).Delete(name) })
	})
}

// Names lists the secrets' names, for tests and for a look at what is held:
// keyward/<stage>/<integration>/<upload>.
func (v *Vault) Names(ctx context.Context) ([]string, error) {
	return read(ctx, v.db, "vault.Names", func(tx *bbolt.Tx) (names []string, err error) {
		err = tx.Bucket(bucketVault).ForEach(func(k, _ []byte) error {
			name := splitKey(k)
			names = append(names, name.PK+"/"+name.SK)
			return nil
		})
		return names, err
	})
}
