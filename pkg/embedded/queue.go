package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"go.etcd.io/bbolt"

	"keyward/pkg/integration"
)

// maxDelay is SQS's own limit.
const maxDelay = 15 * time.Minute

// QueueConfig says how a queue treats what is not deleted.
type QueueConfig struct {
	Visibility  time.Duration // may; how long a received message stays hidden; default 30 s, as SQS
	MaxReceives int           // may; after so many receives the next moves it to DeadLetter; 0: never
	DeadLetter  string        // must, where MaxReceives is given: another queue's name
}

// A Queue carries messages as SQS does: at least once, hidden while somebody
// works on them, in no promised order.
type Queue struct {
	db   *DB
	name string
	cfg  QueueConfig
	wake signal
}

// Queue is the queue of that name, a constant of the program's without NUL.
// Each has one consumer: calls with one name share its Wake.
func (db *DB) Queue(name string, cfg QueueConfig) *Queue {
	if cfg.Visibility <= 0 {
		cfg.Visibility = 30 * time.Second
	}
	return &Queue{db: db, name: name, cfg: cfg, wake: db.wakeOf(name)}
}

func (db *DB) wakeOf(queue string) signal {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.queues[queue] == nil {
		db.queues[queue] = newSignal()
	}
	return db.queues[queue]
}

// A Message is one message as its consumer receives it.
type Message struct {
	ID            string
	Receipt       string // for Delete; another one with each receive
	Body          string // JSON
	SentAt        time.Time
	FirstReceived time.Time
	Receives      int    // this one included
	Source        string // of a dead letter: the queue that gave it up
}

// kept is a message in the file.
type kept struct {
	ID            string
	Nonce         uint64 // of the last receive
	Body          string
	SentAt        time.Time
	VisibleAt     time.Time
	FirstReceived time.Time `json:",omitzero"`
	Receives      int       `json:",omitempty"`
	Source        string    `json:",omitempty"`
	Rounds        int       `json:",omitempty"` // how often it was sent back from the dead letters
}

func (q *Queue) op(method string) string { return "queue." + q.name + "." + method }

// Send queues the JSON form of the message; see conformance.Queue.
func (q *Queue) Send(ctx context.Context, message any, delay time.Duration) error {
	if delay < 0 || delay > maxDelay {
		return fmt.Errorf("%s: %w: a delay of %s", q.op("Send"), integration.ErrInvalid, delay)
	}
	return q.db.call(ctx, q.op("Send"), func() error {
		body, err := json.Marshal(message)
		if err != nil {
			return fmt.Errorf("%w: %w", integration.ErrInvalid, err)
		}
		m, err := q.compose(body, delay)
		if err != nil {
			return err
		}
		err = q.db.writer.do(nil, func(tx *bbolt.Tx) error { return q.put(tx, m) })
		if err == nil {
			q.wake.give()
		}
		return err
	})
}

// lateBy is how much longer than asked a late message stays hidden.
const lateBy = 20 * time.Second

func (q *Queue) compose(body []byte, delay time.Duration) (kept, error) {
	if len(body) > 256<<10 {
		return kept{}, fmt.Errorf("%w: a message of %d bytes is too big", integration.ErrInvalid, len(body))
	}
	if q.db.cfg.Hooks.twist(q.op("Send:late")) {
		delay += lateBy
	}
	id, err := q.db.uuid()
	now := q.db.now()
	return kept{ID: id, Body: string(body), SentAt: now, VisibleAt: now.Add(delay)}, err
}

// put writes a new message.
func (q *Queue) put(tx *bbolt.Tx, m kept) error {
	n, err := tx.Bucket(bucketMessages).NextSequence()
	if err != nil {
		return err
	}
	return store(tx, q.key(n), time.Time{}, m, q.name)
}

// key is the place of a message; the sequence numbers are shared by all queues.
func (q *Queue) key(n uint64) []byte { return append(queuePrefix(q.name), sequenceKey(n)...) }

func queuePrefix(name string) []byte { return append([]byte(name), 0) }

// visibleKey is a message's place in the order of becoming visible.
func visibleKey(name string, at time.Time, key []byte) []byte {
	k := binary.BigEndian.AppendUint64(queuePrefix(name), stamp(at))
	return append(k, key[len(name)+1:]...)
}

// store writes a message and its place in the order of becoming visible; was
// is when it would have become visible so far, zero for a new one.
func store(tx *bbolt.Tx, key []byte, was time.Time, m kept, name string) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	visible := tx.Bucket(bucketVisible)
	if !was.IsZero() {
		if err := visible.Delete(visibleKey(name, was, key)); err != nil {
			return err
		}
	}
	return errors.Join(tx.Bucket(bucketMessages).Put(key, text), visible.Put(visibleKey(name, m.VisibleAt, key), nil))
}

// drop takes a message out of the queue.
func drop(tx *bbolt.Tx, key []byte, m kept, name string) error {
	return errors.Join(tx.Bucket(bucketMessages).Delete(key), tx.Bucket(bucketVisible).Delete(visibleKey(name, m.VisibleAt, key)))
}

// Name is the name that the queue was opened with.
func (q *Queue) Name() string { return q.name }

// Wake gives an element after a message was sent; several may give one.
func (q *Queue) Wake() <-chan struct{} { return q.wake }

// NextVisibleAt is when the first message is, or becomes, visible; zero when
// the queue is empty.
func (q *Queue) NextVisibleAt() (time.Time, error) {
	var at time.Time
	err := q.db.view(func(tx *bbolt.Tx) error {
		prefix := queuePrefix(q.name)
		if k, _ := tx.Bucket(bucketVisible).Cursor().Seek(prefix); bytes.HasPrefix(k, prefix) {
			at = unstamp(binary.BigEndian.Uint64(k[len(prefix):]))
		}
		return nil
	})
	return at, err
}

// uuid makes an ID in the form of a random UUID.
func (db *DB) uuid() (string, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(db.random, b); err != nil {
		return "", fmt.Errorf("no randomness: %w", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], nil
}
