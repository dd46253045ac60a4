package table

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"keyward/pkg/integration"
)

// The bounds of a page; see integration.Filter.
const (
	defaultPage = 50
	maxPage     = 200
)

// A cursor says which listing it belongs to, and the last sort key seen.
type cursor struct {
	Of    string `json:"of"`
	After string `json:"after"`
}

func (c cursor) String() string {
	b, _ := json.Marshal(c) // two strings: cannot fail
	return base64.RawURLEncoding.EncodeToString(b)
}

// cursorOf reads a cursor. ErrInvalid: it is not of this listing, or the sort
// key does not begin with the prefix.
func cursorOf(text, of, prefix string) (cursor, error) {
	var c cursor
	if text == "" {
		return cursor{Of: of}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(b, &c) != nil || c.Of != of || c.After == "" ||
		!strings.HasPrefix(c.After, prefix) || (Key{SK: c.After}).Valid() != nil {
		return cursor{}, fmt.Errorf("%w: not a cursor of this listing", integration.ErrInvalid)
	}
	return c, nil
}

// List returns one page of integrations, in the filter's order. The index says
// which there may be; the integrations themselves are read as they are now.
func (s *Store) List(ctx context.Context, f integration.Filter) (page integration.Page, err error) {
	if f.Limit == 0 {
		f.Limit = defaultPage
	}
	err = s.engine.Read(ctx, Operation{Name: "List", Lags: true}, func(r Reader) error {
		if f.Limit < 1 || f.Limit > maxPage {
			return fmt.Errorf("%w: a limit of %d", integration.ErrInvalid, f.Limit)
		}
		at, err := cursorOf(f.Cursor, f.Listing(), "")
		if err != nil {
			return err
		}
		next, stop := iter.Pull2(entries(r, f, at.After))
		defer stop()
		page, err = fill(r, f, at, next)
		return err
	})
	return page, err
}

// fill fills a page, and goes one further to know whether it was the last.
func fill(r Reader, f integration.Filter, at cursor, next func() (string, error, bool)) (integration.Page, error) {
	var out integration.Page
	for {
		sortKeys, err := pull(next, f.Limit+1-len(out.Integrations))
		if err != nil || len(sortKeys) == 0 {
			return out, err
		}
		all, err := integrations(r, sortKeys)
		if err != nil {
			return integration.Page{}, err
		}
		for _, key := range sortKeys {
			it, there := all[integration.IDInOrder(key)]
			if !there || !f.Takes(it) {
				continue
			}
			if len(out.Integrations) == f.Limit {
				out.Next = at.String()
				return out, nil
			}
			out.Integrations, at.After = append(out.Integrations, it), key
		}
	}
}

// pull takes the next sort keys, at most so many.
func pull(next func() (string, error, bool), most int) ([]string, error) {
	var out []string
	for len(out) < most {
		key, err, ok := next()
		if !ok || err != nil {
			return out, err
		}
		out = append(out, key)
	}
	return out, nil
}

// integrations reads those that are there; each sort key ends with an ID.
func integrations(r Reader, sortKeys []string) (map[integration.ID]integration.Integration, error) {
	keys := make([]Key, len(sortKeys))
	for i, sk := range sortKeys {
		keys[i] = Key{pkIntegration(integration.IDInOrder(sk)), meta}
	}
	items, err := r.GetAll(keys)
	if err != nil {
		return nil, err
	}
	all := make(map[integration.ID]integration.Integration, len(items))
	for _, i := range items {
		it, err := valueOf[integration.Integration](i)
		if err != nil {
			return nil, err
		}
		all[it.ID] = it
	}
	return all, nil
}

// entries gives the sort keys that the index has for the filter, in order. A
// listing of all is put together from those of the states.
func entries(r Reader, f integration.Filter, after string) iter.Seq2[string, error] {
	switch {
	case f.Attention:
		return indexed(r, listPKAttention, after, f.Limit)
	case f.Customer != "":
		return indexed(r, listPKCustomer(f.Customer), after, f.Limit)
	case f.State != "":
		return indexed(r, listPKState(f.State), after, f.Limit)
	}
	var all []iter.Seq2[string, error]
	for _, st := range integration.States() {
		all = append(all, indexed(r, listPKState(st), after, f.Limit))
	}
	return merged(all)
}

func indexed(r Reader, pk, after string, limit int) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if (Key{PK: pk}).Valid() != nil {
			return
		}
		for e, err := range r.Entries(IndexRange{Index: ListIndex, PK: pk, After: after, Limit: limit + 1}) {
			if !yield(e.IndexSK, err) {
				return
			}
		}
	}
}

// merged gives the elements of ordered sequences in order, each once: an
// integration that changes its state meanwhile may be in two.
func merged(all []iter.Seq2[string, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		var heads []*head
		for _, seq := range all {
			next, stop := iter.Pull2(seq)
			defer stop()
			heads = append(heads, &head{next: next})
		}
		var last string
		for {
			h, err := first(heads)
			if err != nil || h == nil {
				if err != nil {
					yield("", err)
				}
				return
			}
			key := h.key
			h.full = false
			if key != last && !yield(key, nil) {
				return
			}
			last = key
		}
	}
}

// A head is the next element of a sequence.
type head struct {
	next func() (string, error, bool)
	key  string
	full bool
	over bool
}

// first is the head with the smallest element; nil when all are over.
func first(heads []*head) (*head, error) {
	var least *head
	for _, h := range heads {
		if !h.full && !h.over {
			key, err, ok := h.next()
			if err != nil {
				return nil, err
			}
			h.key, h.full, h.over = key, ok, !ok
		}
		if h.full && (least == nil || h.key < least.key) {
			least = h
		}
	}
	return least, nil
}

// Count is the number of integrations in the state, as the index has it.
func (s *Store) Count(ctx context.Context, st integration.State) (n int, err error) {
	err = s.engine.Read(ctx, Operation{Name: "Count", Lags: true}, func(r Reader) error {
		n, err = r.Count(ListIndex, listPKState(st))
		return err
	})
	return n, err
}

// History returns an integration's history, newest first.
func (s *Store) History(ctx context.Context, id integration.ID, from string, limit int) (out []integration.Entry, next string, err error) {
	pk := pkIntegration(id)
	err = s.engine.Read(ctx, Operation{Name: "History"}, func(r Reader) error {
		at, err := cursorOf(from, "history "+string(id), prefixHistory)
		if err == nil {
			err = Key{PK: pk}.Valid()
		}
		if err == nil {
			err = atLeastOne(limit)
		}
		if err != nil {
			return err
		}
		in := Range{PK: pk, Prefix: prefixHistory, After: at.After, Backward: true, Limit: limit + 1}
		if out, err = take(r, in, valueOf[integration.Entry]); err == nil && len(out) > limit {
			at.After = skEntry(out[limit-1])
			out, next = out[:limit], at.String()
		}
		return err
	})
	return out, next, err
}

// Find returns the integrations that have the lookup key, ordered by ID.
func (s *Store) Find(ctx context.Context, lookup string) (ids []integration.ID, err error) {
	op, find := Operation{Name: "Find", Lags: true}, findMembers
	if isReference(lookup) {
		op.Lags, find = false, findReference
	}
	err = s.engine.Read(ctx, op, func(r Reader) error {
		ids, err = find(r, lookup)
		return err
	})
	return ids, err
}

func findReference(r Reader, lookup string) ([]integration.ID, error) {
	k := Key{lookup, meta}
	if k.Valid() != nil {
		return nil, nil
	}
	i, there, err := r.Get(k)
	if !there || err != nil {
		return nil, err
	}
	return []integration.ID{memberID(i.Member)}, nil
}

func findMembers(r Reader, lookup string) ([]integration.ID, error) {
	prefixes := []string{integration.ByTeam(""), integration.ByKeyID(""), integration.ByBundleID(""), "ADR#"}
	if !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(lookup, p) }) {
		return nil, nil
	}
	ids, err := take(r, Range{PK: lookup, Prefix: skMember("")}, func(i Item) (integration.ID, error) { return memberID(i.SK), nil })
	return slices.Compact(ids), err
}

// Due returns what is due in the shard by the time, oldest first.
func (s *Store) Due(ctx context.Context, shard int, by time.Time, limit int) (out []integration.Due, err error) {
	err = s.engine.Read(ctx, Operation{Name: "Due", Lags: true}, func(r Reader) error {
		out = nil
		if err := atLeastOne(limit); err != nil {
			return err
		}
		for e, err := range r.Entries(IndexRange{Index: DueIndex, PK: duePK(shard), Through: sortable(by), Limit: limit}) {
			if err != nil {
				return err
			}
			d, err := dueOf(e)
			if err != nil {
				return err
			}
			if out = append(out, d); len(out) == limit {
				break
			}
		}
		return nil
	})
	return out, err
}

func dueOf(e Entry) (integration.Due, error) {
	at, err := time.Parse(sortableLayout, e.IndexSK)
	if err != nil {
		return integration.Due{}, ErrItem
	}
	d := integration.Due{Integration: integration.ID(strings.TrimPrefix(e.PK, prefixIntegration)), At: at}
	if e.SK != meta {
		d.Dedupe = strings.TrimPrefix(e.SK, prefixNotice)
	}
	return d, nil
}

// NextDue is the earliest time at which anything in the table is due, for a
// clock that jumps; zero when nothing ever is.
func NextDue(r Reader) (time.Time, error) {
	var next time.Time
	for shard := range integration.Shards {
		for e, err := range r.Entries(IndexRange{Index: DueIndex, PK: duePK(shard), Limit: 1}) {
			if err != nil {
				return next, err
			}
			d, err := dueOf(e)
			if err != nil {
				return next, err
			}
			if next.IsZero() || d.At.Before(next) {
				next = d.At
			}
			break
		}
	}
	return next, nil
}

// Marks lists the set, ordered by ID.
func (s *Store) Marks(ctx context.Context, set integration.MarkSet, limit int) (out []integration.Mark, err error) {
	in := Range{PK: pkMarks(set), Prefix: skMember(""), Limit: limit}
	err = s.engine.Read(ctx, Operation{Name: "Marks", Lags: true}, func(r Reader) error {
		err := Key{PK: in.PK}.Valid()
		if err == nil {
			err = atLeastOne(limit)
		}
		if err != nil {
			return err
		}
		out, err = take(r, in, valueOf[integration.Mark])
		return err
	})
	return out, err
}
