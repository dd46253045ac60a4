package dynamo

import (
	"slices"
	"strings"

	"keyward/pkg/integration"
)

// integration plans the integration's own item, its place in the listings and
// what it is found by.
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
	w := write{item: item{PK: pkIntegration(id), SK: meta, ListPK: listPKState(is.State), ListSK: string(id)}}
	w.item.due(id.Shard(), is.DueAt())
	edit(p, e, w, was.Version, is.Version, is)
	before, after := integration.Integration{}, integration.Integration{}
	var oldKeys, newKeys []string
	if was.Version > 0 {
		before, oldKeys = was, was.Lookups()
	}
	if e.After != nil {
		after, newKeys = is, is.Lookups()
	}
	p.customer(id, before.Customer, after.Customer)
	p.attention(id, before.Order(), after.Order())
	p.lookups(id, oldKeys, newKeys)
}

// customer plans the integration's place among its customer's.
func (p *plan) customer(id integration.ID, was, is string) {
	w := write{item: item{PK: pkIntegration(id), SK: skCustomer, Version: 1}}
	switch {
	case was == is:
	case is == "":
		w.gone = true
		p.add(w)
	default:
		w.item.ListPK, w.item.ListSK = listPKCustomer(is), string(id)
		p.add(w)
	}
}

// attention plans the integration's place among those that need attention.
func (p *plan) attention(id integration.ID, was, is string) {
	w := write{item: item{PK: pkIntegration(id), SK: skAttention, Version: 1}}
	switch {
	case was == is:
	case is == "":
		w.gone = true
		p.add(w)
	default:
		w.item.ListPK, w.item.ListSK = listPKAttention, is
		p.add(w)
	}
}

// lookups plans the difference between two sets of look-up keys. That of a
// reference is at a fixed place and says whose it is.
func (p *plan) lookups(id integration.ID, was, is []string) {
	for _, k := range missing(was, is) {
		if isReference(k) {
			p.add(write{gone: true, item: item{PK: k, SK: meta}})
		} else {
			p.add(write{gone: true, item: item{PK: k, SK: skMember(id)}})
		}
	}
	for _, k := range missing(is, was) {
		if isReference(k) {
			p.add(write{when: unclaimed, item: item{PK: k, SK: meta, Version: 1, Member: skMember(id)}})
		} else {
			p.add(write{item: item{PK: k, SK: skMember(id), Version: 1}})
		}
	}
}

func isReference(lookup string) bool { return strings.HasPrefix(lookup, integration.ByReference("")) }

// missing are the keys of one set that the other lacks.
func missing(of, in []string) []string {
	return slices.DeleteFunc(slices.Clone(of), func(k string) bool { return slices.Contains(in, k) })
}
