package embedded

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// Hooks stand in every call's way. All of them may be nil, and all may be
// called concurrently. An operation is named by its port and method, such as
// "store.Commit", "vault.Get", "objects.Post", "queue.checks.Send",
// "stream.Read" or "mail.Send".
type Hooks struct {
	// Before may prevent the call: its error is the call's.
	Before func(op string) error
	// After may hide that the call was done: its error is the call's. It is
	// not asked about calls that failed.
	After func(op string) error
	// Twist tells whether to take a liberty that the real service has, or its other users:
	// "store.Commit:newer" writes rows as a later Keyward might,
	// "store.Due:stale" answers an index read from the past (see Trouble),
	// "queue.x.Receive:duplicate" leaves received messages visible,
	// "queue.x.Receive:reorder" hands out the newest first,
	// "queue.x.Send:late" delays a message by some seconds more.
	Twist func(op string) bool
}

func (h Hooks) before(op string) error {
	if h.Before == nil {
		return nil
	}
	return h.Before(op)
}

func (h Hooks) after(op string) error {
	if h.After == nil {
		return nil
	}
	return h.After(op)
}

func (h Hooks) twist(op string) bool { return h.Twist != nil && h.Twist(op) }

// call runs one operation of a port between the hooks.
func (db *DB) call(ctx context.Context, op string, do func() error) error {
	_, err := ask(ctx, db, op, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

// ask is call with an answer.
func ask[T any](ctx context.Context, db *DB, op string, do func() (T, error)) (answer T, err error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, fmt.Errorf("%s: %w", op, err)
	}
	if err := db.cfg.Hooks.before(op); err != nil {
		return none, fmt.Errorf("%s: %w", op, err)
	}
	if answer, err = do(); err != nil {
		return none, fmt.Errorf("%s: %w", op, err)
	}
	if err := db.cfg.Hooks.after(op); err != nil {
		return none, fmt.Errorf("%s: %w", op, err)
	}
	return answer, nil
}

// read is ask about one consistent view of the file.
func read[T any](ctx context.Context, db *DB, op string, look func(*bbolt.Tx) (T, error)) (T, error) {
	return ask(ctx, db, op, func() (answer T, err error) {
		err = db.view(func(tx *bbolt.Tx) error {
			answer, err = look(tx)
			return err
		})
		return answer, err
	})
}

// readIndex is read for what may lag behind writes, and on request does.
func readIndex[T any](ctx context.Context, db *DB, op string, look func(*bbolt.Tx) (T, error)) (T, error) {
	if db.cfg.Path != "" || !db.cfg.Hooks.twist(op+":stale") {
		return read(ctx, db, op, look)
	}
	return ask(ctx, db, op, func() (answer T, err error) {
		err = db.past.view(db, func(tx *bbolt.Tx) error {
			answer, err = look(tx)
			return err
		})
		return answer, err
	})
}

// past is a view of the file as it was a little while ago.
type past struct {
	mu sync.Mutex
	tx *bbolt.Tx
	at time.Time
}

// maxLag is how old a stale answer is at most; DynamoDB's indexes mostly lag
// by less than a second.
const maxLag = 5 * time.Second

// view answers from the moment of the view before, where that is not too long
// ago. Temporary files only: an old view keeps the file's pages in use.
func (p *past) view(db *DB, look func(*bbolt.Tx) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	next, err := db.bolt.Begin(false)
	if err != nil {
		return err
	}
	old, at := p.tx, p.at
	p.tx, p.at = next, db.now()
	if old == nil {
		return look(next)
	}
	if p.at.Sub(at) > maxLag {
		return errors.Join(look(next), old.Rollback())
	}
	return errors.Join(look(old), old.Rollback())
}

func (p *past) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tx != nil {
		p.tx.Rollback()
		p.tx = nil
	}
}
