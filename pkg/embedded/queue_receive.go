package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"

	"keyward/pkg/integration"
)

// errNothing ends a receive that found nothing before it writes anything.
var errNothing = errors.New("nothing visible")

// maxReceive is SQS's limit on one receive.
const maxReceive = 10

// Receive takes at most n (1 to 10) visible messages and hides them. What is
// not deleted in time is received again, and after too many times goes to the
// dead-letter queue instead. It does not wait; see Wake and NextVisibleAt.
func (q *Queue) Receive(ctx context.Context, n int) ([]Message, error) {
	if n < 1 || n > maxReceive {
		return nil, fmt.Errorf("%s: %w: %d messages at once", q.op("Receive"), integration.ErrInvalid, n)
	}
	return ask(ctx, q.db, q.op("Receive"), func() (got []Message, err error) {
		if at, err := q.NextVisibleAt(); err != nil || at.IsZero() || at.After(q.db.now()) {
			return nil, err // the usual case for an idle queue, without a write
		}
		reorder := q.db.cfg.Hooks.twist(q.op("Receive:reorder"))
		again := q.db.cfg.Hooks.twist(q.op("Receive:duplicate"))
		var keys [][]byte
		dead := false
		err = q.db.writer.do(func(tx *bbolt.Tx) error {
			if keys = q.candidates(tx, n, reorder); len(keys) == 0 {
				return errNothing
			}
			return nil
		}, func(tx *bbolt.Tx) error {
			got, dead, err = q.take(tx, keys, again)
			return err
		})
		if errors.Is(err, errNothing) {
			return nil, nil
		}
		if err == nil && dead {
			q.db.wakeOf(q.cfg.DeadLetter).give()
		}
		return got, err
	})
}

// lookahead is how far a reordered receive looks for later messages.
const lookahead = 4 * maxReceive

// candidates are the keys of visible messages, the longest visible first.
func (q *Queue) candidates(tx *bbolt.Tx, n int, reorder bool) [][]byte {
	most := n
	if reorder {
		most = lookahead
	}
	var keys [][]byte
	prefix, now := queuePrefix(q.name), stamp(q.db.now())
	c := tx.Bucket(bucketVisible).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix) && len(keys) < most; k, _ = c.Next() {
		rest := k[len(prefix):]
		if binary.BigEndian.Uint64(rest) > now {
			break
		}
		keys = append(keys, append(slices.Clone(prefix), rest[8:]...))
	}
	if reorder {
		slices.Reverse(keys)
	}
	return keys[:min(n, len(keys))]
}

// take hides the messages and counts the receive; those received too often
// move on instead. With again they stay visible, so that they come twice.
func (q *Queue) take(tx *bbolt.Tx, keys [][]byte, again bool) (got []Message, dead bool, err error) {
	for _, key := range keys {
		m, err := keptAt(tx, key)
		if err != nil {
			return nil, false, err
		}
		if q.cfg.MaxReceives > 0 && m.Receives >= q.cfg.MaxReceives {
			dead = true
			if err := q.bury(tx, key, m); err != nil {
				return nil, false, err
			}
			continue
		}
		was := m.VisibleAt
		m.Receives++
		m.Nonce++
		if m.FirstReceived.IsZero() {
			m.FirstReceived = q.db.now()
		}
		if !again {
			m.VisibleAt = q.db.now().Add(q.cfg.Visibility)
		}
		if err := store(tx, key, was, m, q.name); err != nil {
			return nil, false, err
		}
		got = append(got, m.message(key[len(q.name)+1:]))
	}
	return got, dead, nil
}

func keptAt(tx *bbolt.Tx, key []byte) (kept, error) {
	var m kept
	if err := json.Unmarshal(tx.Bucket(bucketMessages).Get(key), &m); err != nil {
		return m, fmt.Errorf("a stored message cannot be read: %w", err)
	}
	return m, nil
}

// bury moves a message to the dead-letter queue; it keeps its ID and, as with
// SQS, the time when it was first sent.
func (q *Queue) bury(tx *bbolt.Tx, key []byte, m kept) error {
	if err := drop(tx, key, m, q.name); err != nil {
		return err
	}
	m.VisibleAt, m.Receives, m.Source = q.db.now(), 0, q.name
	return q.db.Queue(q.cfg.DeadLetter, QueueConfig{}).put(tx, m)
}

func (m kept) message(place []byte) Message {
	return Message{
		ID: m.ID, Body: m.Body, SentAt: m.SentAt, FirstReceived: m.FirstReceived, Receives: m.Receives, Source: m.Source,
		Receipt: fmt.Sprintf("%d.%d", binary.BigEndian.Uint64(place), m.Nonce),
	}
}

// Delete takes a message out for good. A receipt that a later receive made
// void deletes nothing, without an error, as with SQS. ErrInvalid: not a
// receipt.
func (q *Queue) Delete(ctx context.Context, receipt string) error {
	place, nonce, _ := strings.Cut(receipt, ".")
	n, err := strconv.ParseUint(place, 10, 64)
	times, err2 := strconv.ParseUint(nonce, 10, 64)
	if err != nil || err2 != nil {
		return fmt.Errorf("%s: %w: not a receipt", q.op("Delete"), integration.ErrInvalid)
	}
	key := q.key(n)
	return q.db.call(ctx, q.op("Delete"), func() error {
		return ignoreNothing(q.db.writer.do(func(tx *bbolt.Tx) error {
			if tx.Bucket(bucketMessages).Get(key) == nil {
				return errNothing
			}
			return nil
		}, func(tx *bbolt.Tx) error {
			m, err := keptAt(tx, key)
			if err != nil || m.Nonce != times {
				return err
			}
			return drop(tx, key, m, q.name)
		}))
	})
}

func ignoreNothing(err error) error {
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}
