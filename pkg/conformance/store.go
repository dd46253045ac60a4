package conformance

import (
	"context"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// RunStore holds a store to its contract. Open gives an empty one with each
// call, and cleans up by t.Cleanup.
func RunStore(t *testing.T, open func(t *testing.T) Store) {
	groups := []struct {
		name  string
		tests map[string]func(t *testing.T, s Store)
	}{
		{"reads", readTests()},
		{"versions", versionTests()},
		{"all or nothing", atomicityTests()},
		{"references", referenceTests()},
		{"notices", noticeTests()},
		{"contention", contentionTests()},
		{"history", historyTests()},
		{"look-ups", findTests()},
		{"listing", listTests()},
		{"due work", dueTests()},
		{"fleet", fleetTests()},
		{"values", valueTests()},
		{"context", contextTests()},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for name, test := range g.tests {
				t.Run(name, func(t *testing.T) { test(t, open(t)) })
			}
		})
	}
}

func readTests() map[string]func(*testing.T, Store) {
	return map[string]func(*testing.T, Store){
		"what is not there is not found": func(t *testing.T, s Store) {
			ctx, id := t.Context(), sample().ID
			_, err := s.Integration(ctx, id)
			wantError(t, "Integration", err, integration.ErrNotFound)
			_, err = s.Upload(ctx, id, "upl_none")
			wantError(t, "Upload", err, integration.ErrNotFound)
			_, err = s.Notice(ctx, id, "none")
			wantError(t, "Notice", err, integration.ErrNotFound)
			_, err = s.Link(ctx, "none")
			wantError(t, "Link", err, integration.ErrNotFound)
		},
		"nobody's key is the zero owner": func(t *testing.T, s Store) {
			same(t, "owner", must(s.Owner(t.Context(), "f1"))(t), integration.Owner{Fingerprint: "f1"})
		},
		"lists of nothing are empty": func(t *testing.T, s Store) {
			ctx, id := t.Context(), sample().ID
			same(t, "uploads", must(s.Uploads(ctx, id))(t), []integration.Upload{})
			same(t, "contacts", must(s.Contacts(ctx, id))(t), []integration.Contact{})
			same(t, "certificates", must(s.Certificates(ctx, id))(t), []integration.Certificate{})
			same(t, "notices", must(s.Notices(ctx, id))(t), []integration.Notice{})
			entries, cursor, err := s.History(ctx, id, "", 10)
			if len(entries) != 0 || cursor != "" || err != nil {
				t.Errorf("History gave %d entries, cursor %q, error %v", len(entries), cursor, err)
			}
		},
		"lists hold one integration's items alone": func(t *testing.T, s Store) {
			a := sample()
			b := sample()
			b.ID = a.ID + "x" // its key begins with the other's
			for _, it := range []integration.Integration{a, b} {
				mustCommit(t, s, integration.Change{
					Integration:  integration.Create(it),
					Contacts:     []integration.Edit[integration.Contact]{integration.Create(integration.Contact{Integration: it.ID, ID: "con_1"})},
					Uploads:      []integration.Edit[integration.Upload]{integration.Create(integration.Upload{Integration: it.ID, ID: "upl_1"})},
					Notices:      []integration.Notice{sampleNotice(it.ID, "n")},
					Certificates: []integration.Certificate{{Integration: it.ID, Serial: "1"}},
				})
			}
			same(t, "contacts", len(must(s.Contacts(t.Context(), a.ID))(t)), 1)
			same(t, "uploads", len(must(s.Uploads(t.Context(), a.ID))(t)), 1)
			same(t, "notices", len(must(s.Notices(t.Context(), a.ID))(t)), 1)
			same(t, "certificates", len(must(s.Certificates(t.Context(), a.ID))(t)), 1)
		},
		"a link is read by its hash": func(t *testing.T, s Store) {
			l := integration.Link{Hash: "abc", Integration: "int_1", Contact: "con_1", Epoch: 3, IssuedAt: start, ExpiresAt: start.Add(time.Hour)}
			mustCommit(t, s, integration.Change{Links: []integration.Link{l}})
			same(t, "link", must(s.Link(t.Context(), "abc"))(t), l)
		},
	}
}

func contextTests() map[string]func(*testing.T, Store) {
	cancelled := func(t *testing.T) context.Context {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		return ctx
	}
	return map[string]func(*testing.T, Store){
		"a cancelled commit writes nothing": func(t *testing.T, s Store) {
			it := sample()
			err := s.Commit(cancelled(t), integration.Change{Integration: integration.Create(it)})
			wantError(t, "Commit", err, context.Canceled)
			_, err = s.Integration(t.Context(), it.ID)
			wantError(t, "Integration", err, integration.ErrNotFound)
		},
		"cancelled reads end": func(t *testing.T, s Store) {
			_, err := s.Integration(cancelled(t), "int_1")
			wantError(t, "Integration", err, context.Canceled)
			_, err = s.Notices(cancelled(t), "int_1")
			wantError(t, "Notices", err, context.Canceled)
			_, err = s.Due(cancelled(t), 0, start, 1)
			wantError(t, "Due", err, context.Canceled)
			_, err = s.List(cancelled(t), integration.Filter{})
			wantError(t, "List", err, context.Canceled)
		},
	}
}
