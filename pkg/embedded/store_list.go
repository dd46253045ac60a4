package embedded

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"keyward/pkg/integration"
)

// The bounds of a page; see integration.Filter.
const (
	defaultPage = 50
	maxPage     = 200
)

// A place is what a cursor says: which listing, and the last key seen.
type place struct {
	Of    string `json:"of"`
	After []byte `json:"after"`
}

func (p place) cursor() string {
	b, _ := json.Marshal(p) // a string and bytes: cannot fail
	return base64.RawURLEncoding.EncodeToString(b)
}

// placeOf reads a cursor; ErrInvalid unless it is of the same listing and
// within it.
func placeOf(cursor, of string, prefix []byte) (place, error) {
	p := place{Of: of}
	if cursor == "" {
		return p, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(b, &p) != nil || p.Of != of || !bytes.HasPrefix(p.After, prefix) {
		return place{}, fmt.Errorf("%w: not a cursor of this listing", integration.ErrInvalid)
	}
	return p, nil
}

// List returns one page of integrations, in the filter's order.
func (s *Store) List(ctx context.Context, f integration.Filter) (integration.Page, error) {
	if f.Limit == 0 {
		f.Limit = defaultPage
	}
	prefix := prefixOf(f)
	at, err := placeOf(f.Cursor, f.Listing(), prefix)
	if f.Limit < 1 || f.Limit > maxPage {
		err = fmt.Errorf("%w: a limit of %d", integration.ErrInvalid, f.Limit)
	}
	if err != nil {
		return integration.Page{}, fmt.Errorf("store.List: %w", err)
	}
	return readIndex(ctx, s.db, "store.List", func(tx *bbolt.Tx) (integration.Page, error) {
		return page(tx, f, prefix, at)
	})
}

func prefixOf(f integration.Filter) []byte {
	switch {
	case f.Attention:
		return listPrefix("N", "")
	case f.Customer != "":
		return listPrefix("C", f.Customer)
	case f.State != "":
		return listPrefix("S", string(f.State))
	default:
		return listPrefix("A", "")
	}
}

// page goes on behind the place until the page is full, and looks one further
// to know whether it was the last.
func page(tx *bbolt.Tx, f integration.Filter, prefix []byte, at place) (integration.Page, error) {
	var out integration.Page
	c := tx.Bucket(bucketList).Cursor()
	k, _ := c.Seek(append(prefix[:len(prefix):len(prefix)], at.After[min(len(prefix), len(at.After)):]...))
	for ; bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		if bytes.Equal(k, at.After) {
			continue
		}
		it, err := get[integration.Integration](tx, pkIntegration(integration.IDInOrder(string(k[len(prefix):]))), meta)
		if err != nil {
			return integration.Page{}, err
		}
		if !f.Takes(it) {
			continue
		}
		if len(out.Integrations) == f.Limit {
			out.Next = at.cursor()
			return out, nil
		}
		out.Integrations = append(out.Integrations, it)
		at.After = bytes.Clone(k)
	}
	return out, nil
}

// Count is the number of integrations in the state.
func (s *Store) Count(ctx context.Context, st integration.State) (int, error) {
	return readIndex(ctx, s.db, "store.Count", func(tx *bbolt.Tx) (int, error) {
		n := 0
		prefix := listPrefix("S", string(st))
		c := tx.Bucket(bucketList).Cursor()
		for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			n++
		}
		return n, nil
	})
}

// History returns an integration's history, newest first.
func (s *Store) History(ctx context.Context, id integration.ID, cursor string, limit int) ([]integration.Entry, string, error) {
	prefix, err := itemKey(pkIntegration(id), "EVT#")
	if err == nil {
		err = atLeastOne(limit)
	}
	if err != nil {
		return nil, "", fmt.Errorf("store.History: %w", err)
	}
	at, err := placeOf(cursor, "history", prefix)
	if err != nil {
		return nil, "", fmt.Errorf("store.History: %w", err)
	}
	next := ""
	entries, err := read(ctx, s.db, "store.History", func(tx *bbolt.Tx) (out []integration.Entry, err error) {
		out, next, err = newest(tx, prefix, at, limit)
		return out, err
	})
	return entries, next, err
}

func newest(tx *bbolt.Tx, prefix []byte, at place, limit int) ([]integration.Entry, string, error) {
	var out []integration.Entry
	c := tx.Bucket(bucketItems).Cursor()
	for k, v := last(c, prefix, at.After); bytes.HasPrefix(k, prefix); k, v = c.Prev() {
		if len(out) == limit {
			return out, at.cursor(), nil
		}
		e, err := decode[integration.Entry](v)
		if err != nil {
			return nil, "", err
		}
		out = append(out, e)
		at.After = bytes.Clone(k)
	}
	return out, "", nil
}

// last goes to the last key before the one given, or the last of the prefix.
func last(c *bbolt.Cursor, prefix, before []byte) (k, v []byte) {
	if before == nil {
		before = append(bytes.Clone(prefix), 0xff)
	}
	if k, _ := c.Seek(before); k == nil {
		return c.Last()
	}
	return c.Prev()
}
