package dynamo

import (
	"time"

	"keyward/pkg/integration"
)

// edit plans what an edit does to its own item; w lacks condition, version
// and value. It is false where that makes no sense.
func edit[T any](p *plan, e integration.Edit[T], w write, was, is int64, value T) {
	w.when, w.version, w.item.Version = atVersion, was, is
	if e.After == nil {
		w.gone = true
		p.add(w)
		return
	}
	p.put(w, value)
}

func (p *plan) upload(e integration.Edit[integration.Upload]) {
	was, is, ok := sides(p, e, func(u integration.Upload) [2]string { return [2]string{string(u.Integration), string(u.ID)} })
	if !ok {
		return
	}
	one := present(e)
	is.Version = was.Version + 1
	w := write{item: item{PK: pkIntegration(one.Integration), SK: skUpload(one.ID)}}
	w.item.tidy(latest(is.CreatedAt, is.FormExpires, is.WaitFrom), keepUploads)
	edit(p, e, w, was.Version, is.Version, is)
}

func (p *plan) contact(e integration.Edit[integration.Contact]) {
	was, is, ok := sides(p, e, func(c integration.Contact) [2]string { return [2]string{string(c.Integration), string(c.ID)} })
	if !ok {
		return
	}
	one := present(e)
	is.Version = was.Version + 1
	edit(p, e, write{item: item{PK: pkIntegration(one.Integration), SK: skContact(one.ID)}}, was.Version, is.Version, is)
	for _, k := range missing(known(was.Version, was.Lookups()), is.Lookups()) {
		p.add(write{gone: true, item: item{PK: k, SK: skContactOf(*one)}})
	}
	for _, k := range missing(is.Lookups(), known(was.Version, was.Lookups())) {
		p.add(write{item: item{PK: k, SK: skContactOf(*one), Version: 1}})
	}
}

func (p *plan) sent(e integration.Edit[integration.Notice]) {
	was, is, ok := sides(p, e, func(n integration.Notice) [2]string { return [2]string{string(n.Integration), n.Dedupe} })
	if ok {
		is.Version = was.Version + 1
		edit(p, e, write{item: noticeItem(*present(e), is)}, was.Version, is.Version, is)
	}
}

// notice plans a new notice, unless its dedupe key is there.
func (p *plan) notice(n integration.Notice) {
	n.Version = 1
	i := noticeItem(n, n)
	i.Version = 1
	p.put(write{when: ifAbsent, item: i}, n)
}

// noticeItem is the item of the notice named, as it is.
func noticeItem(named, is integration.Notice) item {
	i := item{PK: pkIntegration(named.Integration), SK: skNotice(named.Dedupe), Status: string(is.Status), Correl: is.Correlation}
	i.due(named.Integration.Shard(), is.DueAt)
	if is.Status == integration.Sent || is.Status == integration.Dropped {
		i.tidy(latest(is.CreatedAt, is.SentAt), keepNotices)
	}
	return i
}

func (p *plan) owner(e integration.Edit[integration.Owner]) {
	was, is, ok := sides(p, e, func(o integration.Owner) [2]string { return [2]string{o.Fingerprint} })
	if ok {
		is.Version = was.Version + 1
		edit(p, e, write{item: item{PK: pkOwner(present(e).Fingerprint), SK: meta}}, was.Version, is.Version, is)
	}
}

// present is the side of an edit that is there, which names the item.
func present[T any](e integration.Edit[T]) *T {
	if e.After != nil {
		return e.After
	}
	return e.Before
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

// known are the look-up keys that an item has: none before its first version.
func known(version int64, keys []string) []string {
	if version == 0 {
		return nil
	}
	return keys
}

func latest(times ...time.Time) time.Time {
	var last time.Time
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
