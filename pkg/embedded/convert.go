package embedded

import (
	"bytes"
	"encoding/binary"

	"go.etcd.io/bbolt"

	"keyward/pkg/table"
)

// convert moves the items of a file from before November 2026 into the table.
// They were rows of 8 bytes of version, 8 bytes of due time and JSON in the
// bucket "items", with indexes of another form in "due" and "list".
func convert(tx *bbolt.Tx) error {
	old := tx.Bucket([]byte("items"))
	if old == nil {
		return nil
	}
	err := old.ForEach(func(k, v []byte) error {
		if len(v) < 16 {
			return table.ErrItem
		}
		writes, err := table.Convert(splitKey(k), int64(binary.BigEndian.Uint64(v)), bytes.Clone(v[16:])) // #nosec G115 -- counted from 1
		for _, w := range writes {
			if err == nil {
				if err = index(tx, table.Item{}, w.Item); err == nil {
					err = putItem(tx, w)
				}
			}
		}
		return err
	})
	for _, name := range []string{"items", "due", "list"} {
		if err == nil && tx.Bucket([]byte(name)) != nil {
			err = tx.DeleteBucket([]byte(name))
		}
	}
	return err
}
