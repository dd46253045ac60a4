package embedded

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"go.etcd.io/bbolt"

	"keyward/pkg/integration"
)

// An Inbox takes all mail and keeps it to be read. It is the Mailer of one
// machine.
type Inbox struct{ db *DB }

// Inbox is where all mail goes.
func (db *DB) Inbox() *Inbox { return &Inbox{db} }

// A Received mail is one that was sent to anybody.
type Received struct {
	ID   string // in the form of SES's message IDs
	At   time.Time
	Mail integration.Mail
}

// Send keeps the mail and returns its message ID.
func (b *Inbox) Send(ctx context.Context, m integration.Mail) (string, error) {
	return ask(ctx, b.db, "mail.Send", func() (string, error) {
		id, err := b.messageID()
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(Received{ID: id, At: b.db.now(), Mail: m})
		if err != nil {
			return "", err
		}
		return id, b.db.writer.do(nil, func(tx *bbolt.Tx) error {
			n, err := tx.Bucket(bucketMail).NextSequence()
			if err != nil {
				return err
			}
			return tx.Bucket(bucketMail).Put(sequenceKey(n), text)
		})
	})
}

// messageID looks like SES's: the time in hex, a UUID's form, six zeros.
func (b *Inbox) messageID() (string, error) {
	r := make([]byte, 4)
	if _, err := io.ReadFull(b.db.random, r); err != nil {
		return "", fmt.Errorf("no randomness: %w", err)
	}
	id, err := b.db.uuid()
	head := binary.BigEndian.AppendUint64(nil, 0x0107<<48|uint64(b.db.now().UnixMilli()))
	return hex.EncodeToString(head) + "-" + hex.EncodeToString(r) + id[8:] + "-000000", err
}

// List returns the mails, the newest first, at most limit.
func (b *Inbox) List(ctx context.Context, limit int) ([]Received, error) {
	return read(ctx, b.db, "mail.List", func(tx *bbolt.Tx) (all []Received, err error) {
		c := tx.Bucket(bucketMail).Cursor()
		for k, v := c.Last(); k != nil && len(all) < limit; k, v = c.Prev() {
			var r Received
			if err := json.Unmarshal(v, &r); err != nil {
				return nil, fmt.Errorf("a stored mail cannot be read: %w", err)
			}
			all = append(all, r)
		}
		return all, nil
	})
}

// Get returns one mail; ErrNotFound when it is not there.
func (b *Inbox) Get(ctx context.Context, id string) (Received, error) {
	return read(ctx, b.db, "mail.Get", func(tx *bbolt.Tx) (Received, error) {
		_, r, err := find(tx, id)
		return r, err
	})
}

// Delete takes one mail away; one that is not there is no error.
func (b *Inbox) Delete(ctx context.Context, id string) error {
	return b.db.call(ctx, "mail.Delete", func() error {
		return b.db.writer.do(nil, func(tx *bbolt.Tx) error {
			if key, _, err := find(tx, id); err == nil {
				return tx.Bucket(bucketMail).Delete(key)
			}
			return nil
		})
	})
}

// find looks from the newest back: it is mostly the newest that are asked for.
func find(tx *bbolt.Tx, id string) (key []byte, r Received, err error) {
	c := tx.Bucket(bucketMail).Cursor()
	for k, v := c.Last(); k != nil; k, v = c.Prev() {
		if json.Unmarshal(v, &r) == nil && r.ID == id {
			return k, r, nil
		}
	}
	return nil, Received{}, integration.ErrNotFound
}
