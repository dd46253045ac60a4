package embedded

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"keyward/pkg/integration"
)

// A condition is what must hold of an item for a write to happen.
type condition int

const (
	atVersion condition = iota // the item is at the version; 0 means that it is not there
	ifAbsent                   // where the item is there already it is left as it is
	unclaimed                  // the item is not there, or says the same; else ErrTaken
	always
)

// A write is one item of a transaction: what DynamoDB calls an action.
type write struct {
	key     []byte
	when    condition
	version int64 // for atVersion
	row     row   // nil deletes
	shard   int
	gone    [][]byte // entries of the list index to take out
	come    [][]byte // and to put in
	notice  *integration.Notice
}

// A plan is a change as writes, each for another item.
type plan struct {
	writes []write
	seen   map[string]condition
	err    error
}

func newPlan() *plan { return &plan{seen: map[string]condition{}} }

// add is for one item with a value; value nil deletes. The first error stays.
func (p *plan) add(pk, sk string, w write, version int64, due time.Time, value any) {
	if p.err != nil {
		return
	}
	if w.key, p.err = itemKey(pk, sk); p.err != nil {
		return
	}
	if earlier, twice := p.seen[string(w.key)]; twice {
		if earlier != ifAbsent || w.when != ifAbsent {
			p.err = fmt.Errorf("%w: a change writes one item twice", integration.ErrInvalid)
		}
		return
	}
	p.seen[string(w.key)] = w.when
	if value != nil {
		w.row, p.err = encode(version, due, value)
	}
	p.writes = append(p.writes, w)
}

// compile makes the plan of a change. It needs no transaction, so that the
// work is done before it is our turn to write.
func compile(c integration.Change) (*plan, error) {
	p := newPlan()
	p.integration(c.Integration)
	for _, e := range c.Uploads {
		p.upload(e)
	}
	for _, e := range c.Contacts {
		p.contact(e)
	}
	for _, e := range c.Sent {
		p.sent(e)
	}
	for _, e := range c.Owners {
		p.owner(e)
	}
	p.additions(c)
	return p, p.err
}

// newer gives each row that has a version something that only a later version
// of Keyward knows.
func (p *plan) newer() {
	for i, w := range p.writes {
		if open, ok := bytes.CutSuffix(w.row, []byte("}")); ok && w.when == atVersion {
			p.writes[i].row = append(slices.Clip(open), `,"Later":{"Of":[1,null,"x"]}}`...)
		}
	}
}

// additions are what a change only ever adds.
func (p *plan) additions(c integration.Change) {
	for _, n := range c.Notices {
		p.notice(n)
	}
	for _, l := range c.Links {
		p.add(pkLink(l.Hash), meta, write{}, 1, time.Time{}, l)
	}
	for _, crt := range c.Certificates {
		p.add(pkIntegration(crt.Integration), skCertificate(crt), write{when: always}, 1, time.Time{}, crt)
	}
	for _, e := range c.History {
		p.add(pkIntegration(e.Integration), skEntry(e), write{when: always}, 1, time.Time{}, e)
	}
}

// refuse notes why the change makes no sense.
func (p *plan) refuse(why string) {
	if p.err == nil {
		p.err = fmt.Errorf("%w: %s", integration.ErrInvalid, why)
	}
}

func (p *plan) upload(e integration.Edit[integration.Upload]) {
	was, is, ok := sides(p, e, func(u integration.Upload) [2]string { return [2]string{string(u.Integration), string(u.ID)} })
	if ok {
		is.Version = was.Version + 1
		one := present(e)
		p.add(pkIntegration(one.Integration), skUpload(one.ID), write{version: was.Version}, is.Version, time.Time{}, after(e, is))
	}
}

func (p *plan) contact(e integration.Edit[integration.Contact]) {
	was, is, ok := sides(p, e, func(c integration.Contact) [2]string { return [2]string{string(c.Integration), string(c.ID)} })
	if ok {
		is.Version = was.Version + 1
		one := present(e)
		p.add(pkIntegration(one.Integration), skContact(one.ID), write{version: was.Version}, is.Version, time.Time{}, after(e, is))
		p.lookups(skContactMember(*one), was.Lookups(), is.Lookups())
	}
}

func (p *plan) sent(e integration.Edit[integration.Notice]) {
	was, is, ok := sides(p, e, func(n integration.Notice) [2]string { return [2]string{string(n.Integration), n.Dedupe} })
	if ok {
		is.Version = was.Version + 1
		one := present(e)
		w := write{version: was.Version, shard: one.Integration.Shard()}
		if e.After != nil {
			w.notice = &is
		}
		p.add(pkIntegration(one.Integration), skNotice(one.Dedupe), w, is.Version, is.DueAt, after(e, is))
	}
}

// notice adds a new notice, unless its dedupe key is there.
func (p *plan) notice(n integration.Notice) {
	n.Version = 1
	p.add(pkIntegration(n.Integration), skNotice(n.Dedupe),
		write{when: ifAbsent, shard: n.Integration.Shard(), notice: &n}, 1, n.DueAt, n)
}

func (p *plan) owner(e integration.Edit[integration.Owner]) {
	was, is, ok := sides(p, e, func(o integration.Owner) [2]string { return [2]string{o.Fingerprint} })
	if ok {
		is.Version = was.Version + 1
		p.add(pkOwner(present(e).Fingerprint), meta, write{version: was.Version}, is.Version, time.Time{}, after(e, is))
	}
}

// present is the side of an edit that is there, which names the item.
func present[T any](e integration.Edit[T]) *T {
	if e.After != nil {
		return e.After
	}
	return e.Before
}

// after is what to write: nothing, when the edit deletes.
func after[T any](e integration.Edit[T], is T) any {
	if e.After == nil {
		return nil
	}
	return is
}

// sides gives both sides of an edit as values. An edit of nothing, or one
// that makes an item into another, is refused.
func sides[T any](p *plan, e integration.Edit[T], name func(T) [2]string) (was, is T, ok bool) {
	if e.Before != nil {
		was = *e.Before
	}
	if e.After != nil {
		is = *e.After
	}
	switch {
	case e.Before == nil && e.After == nil:
		p.refuse("an edit of nothing")
	case e.Before != nil && e.After != nil && name(was) != name(is):
		p.refuse("an edit makes one item into another")
	default:
		return was, is, p.err == nil
	}
	return was, is, false
}
