package conformance

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// nonsense are cursors that no adapter made.
func nonsense() map[string]string {
	return map[string]string{
		"text": "nonsense", "not base64": "%%%", "another program's": base64.RawURLEncoding.EncodeToString([]byte(`{"a":"b"}`)),
		"JSON": `{"PK":"INT#"}`, "another listing's": base64.RawURLEncoding.EncodeToString([]byte(`{"of":"x","after":"eA=="}`)),
	}
}

func historyTests() map[string]func(*testing.T, Store) {
	return map[string]func(*testing.T, Store){
		"newest first, by pages": func(t *testing.T, s Store) {
			id := sample().ID
			for i := range 25 {
				at := start.Add(time.Duration(i/3) * time.Nanosecond) // three in one instant
				mustCommit(t, s, integration.Change{History: []integration.Entry{{Integration: id, At: at, Seq: fmt.Sprintf("%03d", i)}}})
			}
			for _, limit := range []int{1, 7, 25, 100} {
				var got []string
				for cursor := "start"; cursor != ""; {
					if cursor == "start" {
						cursor = ""
					}
					page, next, err := s.History(t.Context(), id, cursor, limit)
					for _, e := range must(page, err)(t) {
						got = append(got, e.Seq)
					}
					if len(page) > limit || len(got) > 25 {
						t.Fatalf("a page of %d entries with limit %d, %d in all", len(page), limit, len(got))
					}
					cursor = next
				}
				same(t, "number of entries", len(got), 25)
				if !slices.IsSortedFunc(got, func(a, b string) int { return -compare(a, b) }) {
					t.Errorf("with limit %d not newest first: %v", limit, got)
				}
			}
		},
		"an entry written twice is there once": func(t *testing.T, s Store) {
			c := integration.Change{History: []integration.Entry{{Integration: sample().ID, At: start, Seq: "1", What: "x"}}}
			mustCommit(t, s, c)
			mustCommit(t, s, c)
			entries, _, err := s.History(t.Context(), c.History[0].Integration, "", 10)
			same(t, "history", must(entries, err)(t), c.History)
		},
		"a cursor or limit of nobody's": func(t *testing.T, s Store) {
			for name, cursor := range nonsense() {
				_, _, err := s.History(t.Context(), "int_1", cursor, 10)
				wantError(t, name, err, integration.ErrInvalid)
			}
			_, _, err := s.History(t.Context(), "int_1", "", 0)
			wantError(t, "limit 0", err, integration.ErrInvalid)
		},
	}
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// walk reads a listing to its end.
func walk(ctx context.Context, s Store, f integration.Filter) ([]integration.ID, error) {
	var ids []integration.ID
	for range 100 {
		page, err := s.List(ctx, f)
		if err != nil {
			return nil, err
		}
		if f.Limit > 0 && len(page.Integrations) > f.Limit {
			return nil, fmt.Errorf("a page of %d with limit %d", len(page.Integrations), f.Limit)
		}
		for _, it := range page.Integrations {
			ids = append(ids, it.ID)
		}
		if f.Cursor = page.Next; f.Cursor == "" {
			return ids, nil
		}
	}
	return nil, fmt.Errorf("the listing does not end")
}

func listed(t *testing.T, s Store, f integration.Filter, want []integration.ID) {
	t.Helper()
	want = slices.Sorted(slices.Values(want))
	for _, limit := range []int{0, 1, 3, 200} {
		f.Limit = limit
		settles(t, fmt.Sprintf("List(state %q, customer %q, limit %d)", f.State, f.Customer, limit),
			func(ctx context.Context) ([]integration.ID, error) { return walk(ctx, s, f) }, want)
	}
}

func listTests() map[string]func(*testing.T, Store) {
	return map[string]func(*testing.T, Store){
		"nothing": func(t *testing.T, s Store) { listed(t, s, integration.Filter{}, nil) },
		"by state, by customer, by both, and all": func(t *testing.T, s Store) {
			by := map[string][]integration.ID{}
			for i := range 12 {
				it := sample()
				it.State = integration.States()[i%3]
				it.Customer = []string{"acme", "acme#", "acme#active", "Ünï\x01"}[i%4]
				create(t, s, it)
				for _, k := range []string{"", string(it.State), "/" + it.Customer, string(it.State) + "/" + it.Customer} {
					by[k] = append(by[k], it.ID)
				}
			}
			listed(t, s, integration.Filter{}, by[""])
			listed(t, s, integration.Filter{State: integration.Active}, by["active"])
			listed(t, s, integration.Filter{Customer: "acme#"}, by["/acme#"])
			listed(t, s, integration.Filter{Customer: "Ünï\x01"}, by["/Ünï\x01"])
			listed(t, s, integration.Filter{State: integration.Suspect, Customer: "acme"}, by["suspect/acme"])
			listed(t, s, integration.Filter{Customer: "nobody"}, nil)
		},
		"as states change and integrations go": func(t *testing.T, s Store) {
			it := create(t, s, sample())
			it = update(t, s, it, func(i *integration.Integration) { i.State, i.Customer = integration.Active, "moved" })
			listed(t, s, integration.Filter{State: integration.AwaitingKey}, nil)
			listed(t, s, integration.Filter{State: integration.Active, Customer: "moved"}, []integration.ID{it.ID})
			mustCommit(t, s, integration.Change{Integration: integration.Edit[integration.Integration]{Before: &it}})
			listed(t, s, integration.Filter{}, nil)
		},
		"what needs attention, the most urgent first": listsByUrgency,
		"whole integrations": func(t *testing.T, s Store) {
			it := create(t, s, sample())
			settles(t, "List", func(ctx context.Context) ([]integration.Integration, error) {
				page, err := s.List(ctx, integration.Filter{})
				return page.Integrations, err
			}, []integration.Integration{it})
		},
		"a cursor or limit of nobody's": func(t *testing.T, s Store) {
			for name, cursor := range nonsense() {
				_, err := s.List(t.Context(), integration.Filter{Cursor: cursor})
				wantError(t, name, err, integration.ErrInvalid)
			}
			foreign(t, s)
			for _, limit := range []int{-1, 201} {
				_, err := s.List(t.Context(), integration.Filter{Limit: limit})
				wantError(t, "limit", err, integration.ErrInvalid)
			}
		},
		"counts": func(t *testing.T, s Store) {
			a := create(t, s, sample())
			create(t, s, sample())
			counted := func(st integration.State, want int) {
				t.Helper()
				settles(t, "Count", func(ctx context.Context) (int, error) { return s.Count(ctx, st) }, want)
			}
			counted(integration.AwaitingKey, 2)
			counted(integration.Active, 0)
			update(t, s, a, func(it *integration.Integration) { it.State = integration.Active })
			counted(integration.AwaitingKey, 1)
			counted(integration.Active, 1)
		},
	}
}

func listsByUrgency(t *testing.T, s Store) {
	needing := func(since time.Duration, needs ...integration.Need) integration.Integration {
		it := sample()
		it.Attention = integration.Attention{Needs: needs, Since: start.Add(since)}
		it.Customer = "acme"
		return create(t, s, it)
	}
	in := func(f integration.Filter, want ...integration.Integration) {
		t.Helper()
		var ids []integration.ID
		for _, it := range want {
			ids = append(ids, it.ID)
		}
		for _, f.Limit = range []int{0, 1, 2, 200} {
			f.Attention = true
			settles(t, fmt.Sprintf("attention, limit %d", f.Limit), func(ctx context.Context) ([]integration.ID, error) { return walk(ctx, s, f) }, ids)
		}
	}
	in(integration.Filter{})
	waits := needing(0, integration.FileWaits)
	create(t, s, sample())
	younger := needing(time.Hour, integration.CertificateEnded, integration.NoLink)
	older := needing(time.Minute, integration.CertificateEnded)
	lost := needing(2*time.Hour, integration.NeedsNewKey)
	in(integration.Filter{}, lost, older, younger, waits)
	lost = update(t, s, lost, func(it *integration.Integration) { it.Attention = integration.Attention{} })
	waits = update(t, s, waits, func(it *integration.Integration) {
		it.State, it.Attention.Needs = integration.Suspect, []integration.Need{integration.NeedsWatching}
	})
	in(integration.Filter{}, waits, older, younger)
	in(integration.Filter{State: integration.Suspect}, waits)
	in(integration.Filter{State: integration.AwaitingKey, Customer: "acme"}, older, younger)
	listed(t, s, integration.Filter{Customer: "acme"}, []integration.ID{waits.ID, older.ID, younger.ID, lost.ID})
	mustCommit(t, s, integration.Change{Integration: integration.Edit[integration.Integration]{Before: &older}})
	in(integration.Filter{}, waits, younger)
}

// foreign checks that a cursor is refused by every listing but its own.
func foreign(t *testing.T, s Store) {
	for range 3 {
		it := sample()
		it.Customer = "acme"
		create(t, s, it)
	}
	var cursor string
	own := integration.Filter{Customer: "acme", State: integration.AwaitingKey, Limit: 1}
	eventually(t, "a cursor", func() error {
		page, err := s.List(t.Context(), own)
		if cursor = page.Next; err == nil && cursor == "" {
			err = fmt.Errorf("the listing has one page")
		}
		return err
	})
	for _, f := range []integration.Filter{{}, {Customer: "acme", State: integration.AwaitingKey, Attention: true}, {Customer: "acme"}, {State: integration.AwaitingKey}, {Customer: "acme", State: integration.Active}} {
		f.Cursor = cursor
		_, err := s.List(t.Context(), f)
		wantError(t, "another listing's cursor", err, integration.ErrInvalid)
	}
}
