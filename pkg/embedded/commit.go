package embedded

import (
	"context"
	"encoding/json"

	"go.etcd.io/bbolt"

	"keyward/pkg/correlation"
	"keyward/pkg/integration"
)

// Commit writes all of the change or nothing; see conformance.Store.
func (s *Store) Commit(ctx context.Context, c integration.Change) error {
	return s.db.call(ctx, "store.Commit", func() error {
		p, err := compile(c.Correlated(correlation.ID(ctx)))
		if err != nil {
			return err
		}
		if s.db.cfg.Hooks.twist("store.Commit:newer") {
			p.newer()
		}
		return s.execute(p)
	})
}

func (s *Store) execute(p *plan) error {
	if len(p.writes) == 0 {
		return nil
	}
	streamed := false
	err := s.db.writer.do(p.check, func(tx *bbolt.Tx) (err error) {
		streamed, err = p.apply(tx, s)
		return err
	})
	if err == nil && streamed {
		s.db.stream.give()
	}
	return err
}

// check looks at all conditions. A conflict counts for more than a name that
// is taken: who reads again sees both.
func (p *plan) check(tx *bbolt.Tx) error {
	items := tx.Bucket(bucketItems)
	taken := false
	for _, w := range p.writes {
		there := row(items.Get(w.key))
		switch w.when {
		case atVersion:
			if there.version() != w.version {
				return integration.ErrConflict
			}
		case unclaimed:
			taken = taken || there != nil && string(there[headSize:]) != string(w.row[headSize:])
		}
	}
	if taken {
		return integration.ErrTaken
	}
	return nil
}

// apply writes the items with their indexes and the stream.
func (p *plan) apply(tx *bbolt.Tx, s *Store) (streamed bool, err error) {
	items := tx.Bucket(bucketItems)
	for _, w := range p.writes {
		there := row(items.Get(w.key))
		if w.when == ifAbsent && there != nil {
			continue
		}
		if err := w.index(tx, there); err != nil {
			return false, err
		}
		if w.notice != nil {
			streamed = true
			if err := s.db.record(tx, w, there == nil); err != nil {
				return false, err
			}
		}
		if w.row == nil {
			err = items.Delete(w.key)
		} else {
			err = items.Put(w.key, w.row)
		}
		if err != nil {
			return false, err
		}
	}
	return streamed, nil
}

// index keeps the indexes of due work and of listings in step with the item.
func (w write) index(tx *bbolt.Tx, there row) error {
	due := tx.Bucket(bucketDue)
	if was, is := there.due(), w.row.due(); was != is {
		if was != 0 {
			if err := due.Delete(dueKey(w.shard, was, w.key)); err != nil {
				return err
			}
		}
		if is != 0 {
			if err := due.Put(dueKey(w.shard, is, w.key), nil); err != nil {
				return err
			}
		}
	}
	list := tx.Bucket(bucketList)
	for _, k := range w.gone {
		if err := list.Delete(k); err != nil {
			return err
		}
	}
	for _, k := range w.come {
		if err := list.Put(k, nil); err != nil {
			return err
		}
	}
	return nil
}

// member reads the text that a look-up of a reference holds.
func member(r row) (string, error) {
	var text string
	err := json.Unmarshal(r[headSize:], &text)
	return text, err
}
