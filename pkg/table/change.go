package table

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"keyward/pkg/integration"
)

// A plan is a change as writes, each for another item. The first error stays.
type plan struct {
	writes []Write
	err    error
}

// writesOf are the writes of a change.
func writesOf(c integration.Change) ([]Write, error) {
	p := &plan{}
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
	return p.writes, p.err
}

// additions are what a change only ever adds.
func (p *plan) additions(c integration.Change) {
	for _, n := range c.Notices {
		p.notice(n)
	}
	for _, l := range c.Links {
		w := Write{When: AtVersion, Item: Item{Key: Key{pkLink(l.Hash), meta}, Version: 1}}
		w.Item.expire(l.ExpiresAt, keepLinks)
		p.put(w, l)
	}
	for _, crt := range c.Certificates {
		w := Write{Item: Item{Key: Key{pkIntegration(crt.Integration), skCertificate(crt.Serial)}, Version: 1}}
		w.Item.expire(crt.GoneAt, keepCertificates)
		p.put(w, crt)
	}
	for _, e := range c.History {
		p.put(Write{Item: Item{Key: Key{pkIntegration(e.Integration), skEntry(e)}, Version: 1}}, e)
	}
}

// put plans to write the item with the value.
func (p *plan) put(w Write, value any) {
	if p.err != nil {
		return
	}
	if w.Item.Data, p.err = encode(value); p.err == nil {
		p.add(w)
	}
}

// add plans a write whose item is complete.
func (p *plan) add(w Write) {
	if p.err != nil {
		return
	}
	if p.err = w.Item.valid(); p.err != nil {
		return
	}
	for _, earlier := range p.writes {
		if earlier.Item.Key != w.Item.Key {
			continue
		}
		if earlier.When != IfAbsent || w.When != IfAbsent {
			p.refuse("a change writes one item twice")
		}
		return
	}
	w.Item.Format = format
	p.writes = append(p.writes, w)
}

// refuse notes why the change makes no sense.
func (p *plan) refuse(why string) {
	if p.err == nil {
		p.err = fmt.Errorf("%w: %s", integration.ErrInvalid, why)
	}
}

// How long items stay after their end; see the package comment.
const (
	keepLinks        = 30 * 24 * time.Hour
	keepUploads      = 90 * 24 * time.Hour
	keepNotices      = 400 * 24 * time.Hour
	keepCertificates = 400 * 24 * time.Hour
	keepMarks        = 90 * 24 * time.Hour
)

// integration plans the integration's own item, its index entries and its lookups.
func (p *plan) integration(e integration.Edit[integration.Integration]) {
	if e.Before == nil && e.After == nil {
		return
	}
	was, is, ok := sides(p, e, func(it integration.Integration) [2]string { return [2]string{string(it.ID)} })
	if !ok {
		return
	}
	id := present(e).ID
	is.Version = was.Version + 1
	w := Write{Item: Item{Key: Key{pkIntegration(id), meta}, List: Place{listPKState(is.State), string(id)}}}
	w.Item.due(id.Shard(), is.DueAt())
	edit(p, e, w, was.Version, is.Version, is)
	before, after := integration.Integration{}, integration.Integration{}
	var oldKeys, newKeys []string
	if was.Version > 0 {
		before, oldKeys = was, was.Lookups()
	}
	if e.After != nil {
		after, newKeys = is, is.Lookups()
	}
	p.entry(id, skCustomer, byCustomer(before), byCustomer(after))
	p.entry(id, skAttention, byAttention(before), byAttention(after))
	p.lookups(id, oldKeys, newKeys)
}

func byCustomer(it integration.Integration) Place {
	if it.Customer == "" {
		return Place{}
	}
	return Place{listPKCustomer(it.Customer), string(it.ID)}
}

func byAttention(it integration.Integration) Place {
	if order := it.Order(); order != "" {
		return Place{listPKAttention, order}
	}
	return Place{}
}

// entry plans the item that stands for the integration in another partition
// of the list index.
func (p *plan) entry(id integration.ID, sk string, was, is Place) {
	if was != is {
		p.add(Write{Item: Item{Key: Key{pkIntegration(id), sk}, Version: 1, List: is}, Delete: is == Place{}})
	}
}

// lookups plans the difference between two sets of lookup keys. That of a
// reference has a fixed key, and names its integration.
func (p *plan) lookups(id integration.ID, was, is []string) {
	for _, k := range missing(was, is) {
		p.add(Write{Delete: true, Item: Item{Key: lookupKey(k, id)}})
	}
	for _, k := range missing(is, was) {
		w := Write{Item: Item{Key: lookupKey(k, id), Version: 1}}
		if isReference(k) {
			w.When, w.Item.Member = Unclaimed, skMember(id)
		}
		p.add(w)
	}
}

func lookupKey(lookup string, id integration.ID) Key {
	if isReference(lookup) {
		return Key{lookup, meta}
	}
	return Key{lookup, skMember(id)}
}

// missing are the keys of one set that the other lacks.
func missing(of, in []string) []string {
	var out []string
	for _, k := range of {
		if !slices.Contains(in, k) {
			out = append(out, k)
		}
	}
	return out
}

// Convert gives the writes for an item of a file that had no indexes in its
// items; data is as encode makes it.
func Convert(k Key, version int64, data []byte) ([]Write, error) {
	i := Item{Key: k, Version: version, Format: format, Data: data}
	p := &plan{}
	switch prefix, _, _ := strings.Cut(k.SK, "#"); {
	case isReference(k.PK):
		i.Data = nil
		if err := json.Unmarshal(data, &i.Member); err != nil {
			return nil, ErrItem
		}
	case !strings.HasPrefix(k.PK, prefixIntegration) && prefix == "INT" && !strings.HasPrefix(k.PK, pkMarks("")):
		i.Data = nil // a lookup
	case k.IsNotice():
		n, err := valueOf[integration.Notice](i)
		if err != nil {
			return nil, err
		}
		i = noticeItem(n, n)
		i.Version, i.Format, i.Data = version, format, data
	case strings.HasPrefix(k.PK, prefixIntegration) && k.SK == meta:
		it, err := valueOf[integration.Integration](i)
		if err != nil {
			return nil, err
		}
		i.List = Place{listPKState(it.State), string(it.ID)}
		i.due(it.ID.Shard(), it.DueAt())
		p.entry(it.ID, skCustomer, Place{}, byCustomer(it))
		p.entry(it.ID, skAttention, Place{}, byAttention(it))
	}
	p.add(Write{Item: i})
	return p.writes, p.err
}

// edit plans what an edit does to its own item; w lacks condition, version
// and value.
func edit[T any](p *plan, e integration.Edit[T], w Write, was, is int64, value T) {
	w.When, w.Version, w.Item.Version = AtVersion, was, is
	if e.After == nil {
		w.Delete = true
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
	w := Write{Item: Item{Key: Key{pkIntegration(one.Integration), skUpload(one.ID)}}}
	w.Item.expire(latest(is.CreatedAt, is.FormExpires, is.WaitFrom), keepUploads)
	edit(p, e, w, was.Version, is.Version, is)
}

func (p *plan) contact(e integration.Edit[integration.Contact]) {
	was, is, ok := sides(p, e, func(c integration.Contact) [2]string { return [2]string{string(c.Integration), string(c.ID)} })
	if !ok {
		return
	}
	one := present(e)
	is.Version = was.Version + 1
	edit(p, e, Write{Item: Item{Key: Key{pkIntegration(one.Integration), skContact(one.ID)}}}, was.Version, is.Version, is)
	var oldKeys []string
	if was.Version > 0 {
		oldKeys = was.Lookups()
	}
	for _, k := range missing(oldKeys, is.Lookups()) {
		p.add(Write{Delete: true, Item: Item{Key: Key{k, skContactOf(*one)}}})
	}
	for _, k := range missing(is.Lookups(), oldKeys) {
		p.add(Write{Item: Item{Key: Key{k, skContactOf(*one)}, Version: 1}})
	}
}

func (p *plan) sent(e integration.Edit[integration.Notice]) {
	was, is, ok := sides(p, e, func(n integration.Notice) [2]string { return [2]string{string(n.Integration), n.Dedupe} })
	if ok {
		is.Version = was.Version + 1
		edit(p, e, Write{Item: noticeItem(*present(e), is)}, was.Version, is.Version, is)
	}
}

// notice plans a new notice, unless its dedupe key is there.
func (p *plan) notice(n integration.Notice) {
	n.Version = 1
	i := noticeItem(n, n)
	i.Version = 1
	p.put(Write{When: IfAbsent, Item: i}, n)
}

// noticeItem is the item of the notice named, as it is.
func noticeItem(named, is integration.Notice) Item {
	i := Item{Key: Key{pkIntegration(named.Integration), skNotice(named.Dedupe)}, Status: string(is.Status), Correlation: is.Correlation}
	i.due(named.Integration.Shard(), is.DueAt)
	if is.Status == integration.Sent || is.Status == integration.Dropped {
		i.expire(latest(is.CreatedAt, is.SentAt), keepNotices)
	}
	return i
}

func (p *plan) owner(e integration.Edit[integration.Owner]) {
	was, is, ok := sides(p, e, func(o integration.Owner) [2]string { return [2]string{o.Fingerprint} })
	if ok {
		is.Version = was.Version + 1
		edit(p, e, Write{Item: Item{Key: Key{pkOwner(present(e).Fingerprint), meta}}}, was.Version, is.Version, is)
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

func latest(times ...time.Time) time.Time {
	var last time.Time
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
