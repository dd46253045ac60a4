package embedded

import (
	"slices"
	"strings"
	"time"

	"keyward/pkg/integration"
)

// integration plans the integration's own item and what it is found by.
func (p *plan) integration(e integration.Edit[integration.Integration]) {
	if e.Before == nil && e.After == nil {
		return
	}
	was, is, ok := sides(p, e, func(it integration.Integration) [2]string { return [2]string{string(it.ID)} })
	if !ok {
		return
	}
	var oldKeys, newKeys []string
	w := write{version: was.Version, shard: present(e).ID.Shard()}
	if e.Before != nil {
		oldKeys, w.gone = was.Lookups(), listKeys(was)
	}
	if e.After != nil {
		newKeys, w.come = is.Lookups(), listKeys(is)
	}
	w.gone, w.come = differences(w.gone, w.come)
	is.Version = was.Version + 1
	p.add(pkIntegration(present(e).ID), meta, w, is.Version, is.DueAt(), after(e, is))
	p.lookups(skMember(present(e).ID), oldKeys, newKeys)
}

// lookups plans the difference between two sets of look-up keys.
func (p *plan) lookups(member string, was, is []string) {
	for _, k := range was {
		if !slices.Contains(is, k) {
			p.lookup(k, member, false)
		}
	}
	for _, k := range is {
		if !slices.Contains(was, k) {
			p.lookup(k, member, true)
		}
	}
}

// lookup plans one entry: unique is the one of a reference, which is at a
// fixed place and says whose it is.
func (p *plan) lookup(key, member string, there bool) {
	value := any(nil)
	if there {
		value = member
	}
	if isReference(key) {
		when := always
		if there {
			when = unclaimed
		}
		p.add(key, meta, write{when: when}, 1, time.Time{}, value)
		return
	}
	p.add(key, member, write{when: always}, 1, time.Time{}, value)
}

func isReference(lookup string) bool { return strings.HasPrefix(lookup, integration.ByReference("")) }

// listKeys are the places of an integration in the listings: of all, of a
// state, of a customer, and of those that need attention.
func listKeys(it integration.Integration) [][]byte {
	keys := [][]byte{
		listKey("A", "", it.ID), listKey("S", string(it.State), it.ID), listKey("C", it.Customer, it.ID),
	}
	if order := it.Order(); order != "" {
		keys = append(keys, append(listPrefix("N", ""), order...))
	}
	return keys
}

func listKey(kind, value string, id integration.ID) []byte {
	return append(listPrefix(kind, value), id...)
}

// listPrefix doubles the byte that ends the value, where it is in the value.
func listPrefix(kind, value string) []byte {
	return append([]byte(kind+strings.ReplaceAll(value, "\x00", "\x00\x00")), 0, 1)
}

// differences takes out of both what is in both.
func differences(was, is [][]byte) (gone, come [][]byte) {
	in := func(all [][]byte, k []byte) bool {
		return slices.ContainsFunc(all, func(o []byte) bool { return string(o) == string(k) })
	}
	for _, k := range was {
		if !in(is, k) {
			gone = append(gone, k)
		}
	}
	for _, k := range is {
		if !in(was, k) {
			come = append(come, k)
		}
	}
	return gone, come
}
