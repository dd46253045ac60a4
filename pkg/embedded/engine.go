package embedded

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"keyward/pkg/integration"
	"keyward/pkg/table"
)

// Store is the table of integrations.
func (db *DB) Store() *table.Store { return table.NewStore(engine{db}) }

// NextDue is the earliest time at which anything in the store is due, for a
// clock that jumps; zero when nothing ever is.
func (db *DB) NextDue() (next time.Time, err error) {
	err = db.view(func(tx *bbolt.Tx) error {
		next, err = table.NextDue(reader{tx})
		return err
	})
	return next, err
}

type engine struct{ db *DB }

func (e engine) Read(ctx context.Context, op table.Operation, look func(table.Reader) error) error {
	name, ask := "store."+op.Name, read[struct{}]
	if op.Lags {
		ask = readIndex[struct{}]
	}
	_, err := ask(ctx, e.db, name, func(tx *bbolt.Tx) (struct{}, error) { return struct{}{}, look(reader{tx}) })
	return err
}

// Write makes the plan outside of the transaction, so that the work is done
// before it is our turn to write.
func (e engine) Write(ctx context.Context, op string, plan func() ([]table.Write, error)) error {
	op = "store." + op
	return e.db.call(ctx, op, func() error {
		writes, err := plan()
		if err != nil || len(writes) == 0 {
			return err
		}
		if op == "store.Commit" && e.db.cfg.Hooks.twist(op+":newer") {
			newer(writes)
		}
		streamed := false
		err = e.db.writer.do(
			func(tx *bbolt.Tx) error { return check(tx, writes) },
			func(tx *bbolt.Tx) (err error) {
				streamed, err = e.apply(tx, writes)
				return err
			})
		if err == nil && streamed {
			e.db.stream.give()
		}
		return err
	})
}

// newer gives each item that has a version something that only a later version
// of Keyward knows.
func newer(writes []table.Write) {
	for i, w := range writes {
		if open, ok := bytes.CutSuffix(w.Item.Data, []byte("}")); ok && w.When == table.AtVersion {
			writes[i].Item.Data = append(slices.Clip(open), `,"Later":{"Of":[1,null,"x"]}}`...)
		}
	}
}

// check looks at all conditions. A conflict counts for more than a name that
// is taken: who reads again sees both.
func check(tx *bbolt.Tx, writes []table.Write) error {
	items := tx.Bucket(bucketItems)
	taken := false
	for _, w := range writes {
		switch w.When {
		case table.AtVersion:
			if row(items.Get(itemKey(w.Item.Key))).version() != w.Version {
				return integration.ErrConflict
			}
		case table.Unclaimed:
			there, ok, err := reader{tx}.Get(w.Item.Key)
			if err != nil {
				return err
			}
			taken = taken || ok && there.Member != w.Item.Member
		}
	}
	if taken {
		return integration.ErrTaken
	}
	return nil
}

// apply writes the items with their indexes and the stream.
func (e engine) apply(tx *bbolt.Tx, writes []table.Write) (streamed bool, err error) {
	for _, w := range writes {
		there, exists, err := reader{tx}.Get(w.Item.Key)
		if err != nil {
			return false, err
		}
		if w.When == table.IfAbsent && exists {
			continue
		}
		if w.Delete {
			w.Item.Due, w.Item.List = table.Place{}, table.Place{}
		}
		if err := index(tx, there, w.Item); err != nil {
			return false, err
		}
		if w.Item.IsNotice() && !w.Delete {
			streamed = true
			if err := e.db.record(tx, w.Item, !exists); err != nil {
				return false, err
			}
		}
		if err := putItem(tx, w); err != nil {
			return false, err
		}
	}
	return streamed, nil
}

func putItem(tx *bbolt.Tx, w table.Write) error {
	if w.Delete {
		return tx.Bucket(bucketItems).Delete(itemKey(w.Item.Key))
	}
	return tx.Bucket(bucketItems).Put(itemKey(w.Item.Key), rowOf(w.Item))
}

// index keeps the indexes in step with the item.
func index(tx *bbolt.Tx, was, is table.Item) error {
	for _, i := range []struct {
		bucket  []byte
		was, is table.Place
	}{{bucketDue, was.Due, is.Due}, {bucketList, was.List, is.List}} {
		if i.was == i.is {
			continue
		}
		if i.was != (table.Place{}) {
			if err := tx.Bucket(i.bucket).Delete(indexKey(i.was, is.Key)); err != nil {
				return err
			}
		}
		if i.is != (table.Place{}) {
			if err := tx.Bucket(i.bucket).Put(indexKey(i.is, is.Key), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// A reader reads one state of the file.
type reader struct{ tx *bbolt.Tx }

func (r reader) Get(k table.Key) (table.Item, bool, error) {
	v := r.tx.Bucket(bucketItems).Get(itemKey(k))
	if v == nil {
		return table.Item{}, false, nil
	}
	i, err := row(v).item(k)
	return i, err == nil, err
}

func (r reader) GetAll(keys []table.Key) ([]table.Item, error) {
	all := make([]table.Item, 0, len(keys))
	for _, k := range keys {
		i, ok, err := r.Get(k)
		if err != nil {
			return nil, err
		}
		if ok {
			all = append(all, i)
		}
	}
	return all, nil
}

func (r reader) Items(in table.Range) iter.Seq2[table.Item, error] {
	prefix := joined(in.PK, in.Prefix)
	return func(yield func(table.Item, error) bool) {
		c := r.tx.Bucket(bucketItems).Cursor()
		step := c.Next
		from := func() (k, v []byte) { return c.Seek(prefix) }
		switch {
		case in.Backward:
			step, from = c.Prev, func() (k, v []byte) { return seekBefore(c, in, prefix) }
		case in.After != "":
			from = func() (k, v []byte) { return c.Seek(append(joined(in.PK, in.After), 0)) }
		}
		for k, v := from(); bytes.HasPrefix(k, prefix); k, v = step() {
			if !yield(row(v).item(splitKey(k))) {
				return
			}
		}
	}
}

// seekBefore goes to the last key of the range before in.After.
func seekBefore(c *bbolt.Cursor, in table.Range, prefix []byte) (k, v []byte) {
	before := append(slices.Clip(prefix), 0xff)
	if in.After != "" {
		before = joined(in.PK, in.After)
	}
	if k, _ := c.Seek(before); k == nil {
		return c.Last()
	}
	return c.Prev()
}

func (r reader) Entries(in table.IndexRange) iter.Seq2[table.Entry, error] {
	return func(yield func(table.Entry, error) bool) {
		partition := joined(in.PK, "")
		from := partition
		if in.After != "" {
			from = append(joined(in.PK, in.After), separator[0]+1) // behind all that have this sort key
		}
		c := r.tx.Bucket(indexBuckets[in.Index]).Cursor()
		for k, _ := c.Seek(from); bytes.HasPrefix(k, partition); k, _ = c.Next() {
			e := splitIndexKey(k)
			if in.Through != "" && e.IndexSK > in.Through || !yield(e, nil) {
				return
			}
		}
	}
}

func (r reader) Count(i table.Index, pk string) (n int, err error) {
	for range r.Entries(table.IndexRange{Index: i, PK: pk}) {
		n++
	}
	return n, nil
}

var indexBuckets = map[table.Index][]byte{table.DueIndex: bucketDue, table.ListIndex: bucketList}
