package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"
)

// A Depth is how full a queue is.
type Depth struct {
	Visible int
	Hidden  int       // delayed, or being worked on
	Oldest  time.Time // when the oldest message was sent; zero when the queue is empty
}

// Depth looks into the queue without receiving anything.
func (q *Queue) Depth(ctx context.Context) (Depth, error) {
	return read(ctx, q.db, q.op("Depth"), func(tx *bbolt.Tx) (d Depth, err error) {
		now := stamp(q.db.now())
		err = q.each(tx, func(key []byte, m kept) error {
			if stamp(m.VisibleAt) <= now {
				d.Visible++
			} else {
				d.Hidden++
			}
			if d.Oldest.IsZero() || m.SentAt.Before(d.Oldest) {
				d.Oldest = m.SentAt
			}
			return nil
		})
		return d, err
	})
}

// Messages shows the queue's messages, the first sent first, without receiving
// them.
func (q *Queue) Messages(ctx context.Context) ([]Message, error) {
	return read(ctx, q.db, q.op("Messages"), func(tx *bbolt.Tx) (all []Message, err error) {
		err = q.each(tx, func(key []byte, m kept) error {
			all = append(all, m.message(key[len(q.name)+1:]))
			return nil
		})
		return all, err
	})
}

// each visits the queue's messages; visit must not write.
func (q *Queue) each(tx *bbolt.Tx, visit func(key []byte, m kept) error) error {
	prefix := queuePrefix(q.name)
	c := tx.Bucket(bucketMessages).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		m, err := keptAt(tx, k)
		if err != nil {
			return err
		}
		if err := visit(bytes.Clone(k), m); err != nil {
			return err
		}
	}
	return nil
}

// Purge empties the queue.
func (q *Queue) Purge(ctx context.Context) error {
	return q.db.call(ctx, q.op("Purge"), func() error {
		return q.db.writer.do(nil, func(tx *bbolt.Tx) error {
			return q.move(tx, func([]byte, kept) error { return nil })
		})
	})
}

// Redrive sends at most limit dead letters in q back to where they came from.
// Those that were sent back rounds times already stay, for a person to look
// at. It tells how many were moved, and how many stay.
func (q *Queue) Redrive(ctx context.Context, limit, rounds int) (moved, stuck int, err error) {
	var sources []string
	err = q.db.call(ctx, q.op("Redrive"), func() error {
		return q.db.writer.do(nil, func(tx *bbolt.Tx) error {
			sources, stuck = nil, 0
			return q.move(tx, func(_ []byte, m kept) error {
				switch {
				case m.Source == "" || m.Rounds >= rounds:
					stuck++
					return q.put(tx, m)
				case len(sources) == limit:
					return q.put(tx, m)
				}
				sources = append(sources, m.Source)
				source := q.db.Queue(m.Source, QueueConfig{})
				m.VisibleAt, m.Receives, m.Source, m.Rounds = q.db.now(), 0, "", m.Rounds+1
				return source.put(tx, m)
			})
		})
	})
	if err != nil {
		return 0, 0, err
	}
	for _, name := range sources {
		q.db.wakeOf(name).give()
	}
	return len(sources), stuck, nil
}

// move takes every message out and hands it on.
func (q *Queue) move(tx *bbolt.Tx, on func(key []byte, m kept) error) error {
	type entry struct {
		key []byte
		m   kept
	}
	var all []entry
	if err := q.each(tx, func(k []byte, m kept) error { all = append(all, entry{k, m}); return nil }); err != nil {
		return err
	}
	for _, e := range all {
		if err := drop(tx, e.key, e.m, q.name); err != nil {
			return err
		}
		if err := on(e.key, e.m); err != nil {
			return err
		}
	}
	return nil
}

// queueNext is the earliest time at which any queue has something visible.
func queueNext(tx *bbolt.Tx) time.Time {
	var next uint64
	c := tx.Bucket(bucketVisible).Cursor()
	for k, _ := c.First(); k != nil; {
		end := bytes.IndexByte(k, 0)
		if at := binary.BigEndian.Uint64(k[end+1:]); next == 0 || at < next {
			next = at
		}
		k, _ = c.Seek(append(k[:end:end], 1)) // the next queue's first
	}
	return unstamp(next)
}

// NextAt is the earliest time at which any work waits in the file: an item of
// the store is due, or a message of any queue visible. Zero: there is none.
// The stream is not looked at: its records always wait for now.
func (db *DB) NextAt() (time.Time, error) {
	next, err := db.NextDue()
	if err != nil {
		return time.Time{}, err
	}
	err = db.view(func(tx *bbolt.Tx) error {
		if at := queueNext(tx); next.IsZero() || !at.IsZero() && at.Before(next) {
			next = at
		}
		return nil
	})
	return next, err
}
