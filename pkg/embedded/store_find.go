package embedded

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"keyward/pkg/integration"
)

// Find returns the integrations that have the look-up key, ordered by ID.
func (s *Store) Find(ctx context.Context, lookup string) ([]integration.ID, error) {
	if isReference(lookup) {
		return read(ctx, s.db, "store.Find", func(tx *bbolt.Tx) ([]integration.ID, error) { return byReference(tx, lookup) })
	}
	return readIndex(ctx, s.db, "store.Find", func(tx *bbolt.Tx) ([]integration.ID, error) { return byLookup(tx, lookup) })
}

func byReference(tx *bbolt.Tx, lookup string) ([]integration.ID, error) {
	key, err := itemKey(lookup, meta)
	if err != nil {
		return nil, nil
	}
	r := row(tx.Bucket(bucketItems).Get(key))
	if r == nil {
		return nil, nil
	}
	text, err := member(r)
	return []integration.ID{memberID(text)}, err
}

func byLookup(tx *bbolt.Tx, lookup string) ([]integration.ID, error) {
	first, err := itemKey(lookup, skMember(""))
	if err != nil {
		return nil, nil
	}
	var ids []integration.ID
	c := tx.Bucket(bucketItems).Cursor()
	for k, _ := c.Seek(first); bytes.HasPrefix(k, first); k, _ = c.Next() {
		_, sk := splitKey(k)
		ids = append(ids, memberID(sk))
	}
	return slices.Compact(ids), nil
}

// memberID reads "INT#id", and "INT#id#CON#contact".
func memberID(sk string) integration.ID {
	id, _, _ := strings.Cut(strings.TrimPrefix(sk, skMember("")), "#")
	return integration.ID(id)
}

// Due returns what is due in the shard by the time, oldest first.
func (s *Store) Due(ctx context.Context, shard int, by time.Time, limit int) ([]integration.Due, error) {
	if err := atLeastOne(limit); err != nil {
		return nil, fmt.Errorf("store.Due: %w", err)
	}
	return readIndex(ctx, s.db, "store.Due", func(tx *bbolt.Tx) ([]integration.Due, error) {
		var all []integration.Due
		c := tx.Bucket(bucketDue).Cursor()
		first := []byte{byte(shard)}
		for k, _ := c.Seek(first); bytes.HasPrefix(k, first) && len(all) < limit; k, _ = c.Next() {
			at, item := splitDueKey(k)
			if at > stamp(by) {
				break
			}
			all = append(all, dueOf(at, item))
		}
		return all, nil
	})
}

func dueOf(at uint64, item []byte) integration.Due {
	pk, sk := splitKey(item)
	d := integration.Due{Integration: integration.ID(strings.TrimPrefix(pk, pkIntegration(""))), At: unstamp(at)}
	if sk != meta {
		d.Dedupe = strings.TrimPrefix(sk, skNotice(""))
	}
	return d
}

// NextAt is the earliest time at which anything in the store is due, for a
// clock that jumps; zero when nothing ever is.
func (s *Store) NextAt() (time.Time, error) {
	var next uint64
	err := s.db.view(func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketDue).Cursor()
		for shard := range integration.Shards {
			first := []byte{byte(shard)}
			if k, _ := c.Seek(first); bytes.HasPrefix(k, first) {
				if at, _ := splitDueKey(k); next == 0 || at < next {
					next = at
				}
			}
		}
		return nil
	})
	return unstamp(next), err
}

func atLeastOne(limit int) error {
	if limit < 1 {
		return fmt.Errorf("%w: a limit of %d", integration.ErrInvalid, limit)
	}
	return nil
}
