package conformance

import (
	"context"
	"slices"
	"strings"
	"testing"

	"keyward/pkg/integration"
)

// hostileNames are references, and other names that people give, which a
// careless key scheme would mistake for something else.
func hostileNames() []string {
	return []string{
		"#", "a#b", "a#", "a", "A", "REF#a", "INT#int_1", "META", "a#META", "a/b", "../../etc", "{\"S\":\"x\"}", "' OR 1=1 --",
		"ünïcødé", "\u0041\u030a", "\u00c5", "日本語", "🔑", "line\nbreak", "tab\t", " blank ", "%00", "\\x00", strings.Repeat("long", 200),
	}
}

func referenceTests() map[string]func(*testing.T, Store) {
	return map[string]func(*testing.T, Store){
		"a reference belongs to one": func(t *testing.T, s Store) {
			a, b := create(t, s, sample()), sample()
			b.Reference = a.Reference
			err := s.Commit(t.Context(), integration.Change{Integration: integration.Create(b)})
			wantError(t, "Commit", err, integration.ErrTaken)
			same(t, "Find", must(s.Find(t.Context(), integration.ByReference(a.Reference)))(t), []integration.ID{a.ID})
		},
		"a reference is found at once": func(t *testing.T, s Store) {
			for range 20 {
				a := create(t, s, sample())
				same(t, "Find", must(s.Find(t.Context(), integration.ByReference(a.Reference)))(t), []integration.ID{a.ID})
			}
		},
		"one that is given up is free": func(t *testing.T, s Store) {
			a := create(t, s, sample())
			old := a.Reference
			a = update(t, s, a, func(it *integration.Integration) { it.Reference += "-renamed" })
			same(t, "Find", must(s.Find(t.Context(), integration.ByReference(old)))(t), []integration.ID{})
			b := sample()
			b.Reference = old
			create(t, s, b)
			same(t, "Find", must(s.Find(t.Context(), integration.ByReference(a.Reference)))(t), []integration.ID{a.ID})
		},
		"one that was deleted is free": func(t *testing.T, s Store) {
			a, b := create(t, s, sample()), sample()
			mustCommit(t, s, integration.Change{Integration: integration.Edit[integration.Integration]{Before: &a}})
			b.Reference = a.Reference
			create(t, s, b)
		},
		"renaming to another's is refused": func(t *testing.T, s Store) {
			a, b := create(t, s, sample()), create(t, s, sample())
			is := b
			is.Reference = a.Reference
			wantError(t, "Commit", s.Commit(t.Context(), integration.Change{Integration: integration.Put(b, is)}), integration.ErrTaken)
			same(t, "Find", must(s.Find(t.Context(), integration.ByReference(b.Reference)))(t), []integration.ID{b.ID})
		},
		"hostile ones are different and found": func(t *testing.T, s Store) {
			ids := map[string]integration.ID{}
			for _, name := range hostileNames() {
				it := sample()
				it.Reference = name
				ids[name] = create(t, s, it).ID
			}
			for name, id := range ids {
				same(t, "Find", must(s.Find(t.Context(), integration.ByReference(name)))(t), []integration.ID{id})
			}
		},
	}
}

// found is a look-up that may lag.
func found(t *testing.T, s Store, lookup string, want ...integration.ID) {
	t.Helper()
	slices.Sort(want)
	settles(t, "Find", func(ctx context.Context) ([]integration.ID, error) { return s.Find(ctx, lookup) }, want)
}

func findTests() map[string]func(*testing.T, Store) {
	return map[string]func(*testing.T, Store){
		"nothing is found under what nobody has": func(t *testing.T, s Store) {
			for _, key := range []string{integration.ByTeam("T"), integration.ByReference("r"), integration.ByAddress("a@b.c"), "INT#int_1", "nonsense", ""} {
				same(t, "Find", must(s.Find(t.Context(), key))(t), []integration.ID{})
			}
		},
		"team, keys and apps, as they change": func(t *testing.T, s Store) {
			it := sample()
			it.TeamID, it.Key, it.Apps = "TEAM1", &integration.Key{KeyID: "KEY1"}, []integration.App{{BundleID: "com.Example.one"}, {BundleID: "com.example.two"}}
			it = create(t, s, it)
			for _, key := range it.Lookups() {
				found(t, s, key, it.ID)
			}
			is := update(t, s, it, func(i *integration.Integration) {
				i.TeamID, i.Other, i.Key, i.Apps = "TEAM2", i.Key, &integration.Key{KeyID: "KEY2"}, i.Apps[1:]
			})
			for _, key := range is.Lookups() {
				found(t, s, key, it.ID)
			}
			found(t, s, integration.ByTeam("TEAM1"))
			found(t, s, integration.ByBundleID("com.example.one"))
			mustCommit(t, s, integration.Change{Integration: integration.Edit[integration.Integration]{Before: &is}})
			for _, key := range is.Lookups() {
				found(t, s, key)
			}
		},
		"several, ordered by ID": func(t *testing.T, s Store) {
			var ids []integration.ID
			for range 12 {
				it := sample()
				it.TeamID = "SHARED"
				ids = append(ids, create(t, s, it).ID)
			}
			found(t, s, integration.ByTeam("SHARED"), ids...)
		},
		"addresses, of several contacts": func(t *testing.T, s Store) { addresses(t, s) },
		"hostile names": func(t *testing.T, s Store) {
			it := sample()
			for _, name := range hostileNames() {
				it.Apps = append(it.Apps, integration.App{BundleID: name})
			}
			create(t, s, it)
			for _, name := range hostileNames() {
				found(t, s, integration.ByBundleID(name), it.ID)
			}
			found(t, s, integration.ByBundleID("a#b#c"))
		},
	}
}

// addresses checks that a look-up lives as long as anybody has the address.
func addresses(t *testing.T, s Store) {
	it := create(t, s, sample())
	key := integration.ByAddress("Shared@Example.com")
	contact := func(id integration.ContactID) integration.Contact {
		return integration.Contact{Integration: it.ID, ID: id, Address: "shared@example.com"}
	}
	mustCommit(t, s, integration.Change{Contacts: []integration.Edit[integration.Contact]{
		integration.Create(contact("con_1")), integration.Create(contact("con_2")),
	}})
	found(t, s, key, it.ID)
	one, two := contact("con_1"), contact("con_2")
	one.Version, two.Version = 1, 1
	erased := one
	erased.Address = ""
	mustCommit(t, s, integration.Change{Contacts: []integration.Edit[integration.Contact]{integration.Put(one, erased)}})
	found(t, s, key, it.ID)
	mustCommit(t, s, integration.Change{Contacts: []integration.Edit[integration.Contact]{{Before: &two}}})
	found(t, s, key)
}
