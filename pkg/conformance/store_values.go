package conformance

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

func fleetTests() map[string]func(*testing.T, Store) {
	return map[string]func(*testing.T, Store){
		"zero before the first write": func(t *testing.T, s Store) {
			same(t, "status", must(s.Fleet(t.Context()))(t), integration.FleetStatus{})
		},
		"compare and swap, with notices": func(t *testing.T, s Store) {
			n := sampleNotice(integration.Fleet, "n")
			if err := s.SetFleet(t.Context(), integration.FleetStatus{}, integration.FleetStatus{Size: 5}, []integration.Notice{n}); err != nil {
				t.Fatal(err)
			}
			same(t, "status", must(s.Fleet(t.Context()))(t), integration.FleetStatus{Version: 1, Size: 5})
			stale := s.SetFleet(t.Context(), integration.FleetStatus{}, integration.FleetStatus{Size: 6}, []integration.Notice{sampleNotice(integration.Fleet, "stale")})
			wantError(t, "stale SetFleet", stale, integration.ErrConflict)
			again := s.SetFleet(t.Context(), integration.FleetStatus{Version: 1}, integration.FleetStatus{Size: 7}, []integration.Notice{n})
			if err := again; err != nil {
				t.Errorf("a notice that is there: %v", err)
			}
			same(t, "notices", len(must(s.Notices(t.Context(), integration.Fleet))(t)), 1)
		},
		"marks": func(t *testing.T, s Store) {
			ctx := t.Context()
			for i, id := range []integration.ID{"int_c", "int_a", "int_b", "int_a"} {
				if err := s.Mark(ctx, integration.MarkedRejected, integration.Mark{Integration: id, At: start.Add(time.Duration(i) * time.Hour)}); err != nil {
					t.Fatal(err)
				}
			}
			marks := func(set integration.MarkSet, limit int, want ...integration.Mark) {
				t.Helper()
				settles(t, "Marks", func(ctx context.Context) ([]integration.Mark, error) { return s.Marks(ctx, set, limit) }, want)
			}
			a, b, c := integration.Mark{Integration: "int_a", At: start.Add(time.Hour)}, integration.Mark{Integration: "int_b", At: start.Add(2 * time.Hour)}, integration.Mark{Integration: "int_c", At: start}
			marks(integration.MarkedRejected, 10, a, b, c)
			marks(integration.MarkedRejected, 2, a, b)
			marks(integration.MarkedAgreement, 10)
			for _, id := range []integration.ID{"int_b", "int_b", "int_never"} {
				if err := s.Unmark(ctx, integration.MarkedRejected, id); err != nil {
					t.Errorf("Unmark: %v", err)
				}
			}
			marks(integration.MarkedRejected, 10, a, c)
		},
		"a hundred marks at once": func(t *testing.T, s Store) {
			errs := race(crowd, func(i int) error {
				return s.Mark(t.Context(), integration.MarkedUnanswered, integration.Mark{Integration: integration.ID(fmt.Sprint("int_", i)), At: start})
			})
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
			settles(t, "Marks", func(ctx context.Context) (int, error) {
				all, err := s.Marks(ctx, integration.MarkedUnanswered, 2*crowd)
				return len(all), err
			}, crowd)
		},
	}
}

// full is one of everything with every field filled.
func full() (integration.Integration, integration.Change) {
	it := filled[integration.Integration]()
	own := sample()
	it.ID, it.Reference, it.State, it.Version = own.ID, own.Reference, integration.Active, 0
	u, c, n := filled[integration.Upload](), filled[integration.Contact](), filled[integration.Notice]()
	o, l, crt, e := filled[integration.Owner](), filled[integration.Link](), filled[integration.Certificate](), filled[integration.Entry]()
	for _, id := range []*integration.ID{&u.Integration, &c.Integration, &n.Integration, &l.Integration, &crt.Integration, &e.Integration} {
		*id = it.ID
	}
	u.Version, c.Version, n.Version, o.Version = 0, 0, 0, 0
	n.Status, u.State = integration.Pending, integration.UploadOpen
	return it, integration.Change{
		Integration: integration.Create(it), Uploads: []integration.Edit[integration.Upload]{integration.Create(u)},
		Contacts: []integration.Edit[integration.Contact]{integration.Create(c)}, Owners: []integration.Edit[integration.Owner]{integration.Create(o)},
		Notices: []integration.Notice{n}, Links: []integration.Link{l}, Certificates: []integration.Certificate{crt}, History: []integration.Entry{e},
	}
}

func valueTests() map[string]func(*testing.T, Store) {
	return map[string]func(*testing.T, Store){
		"every field comes back, times in UTC": func(t *testing.T, s Store) {
			it, c := full()
			mustCommit(t, s, c)
			ctx := t.Context()
			u, n := *c.Uploads[0].After, c.Notices[0]
			contact, o := *c.Contacts[0].After, *c.Owners[0].After
			it.Version, u.Version, n.Version, contact.Version, o.Version = 1, 1, 1, 1, 1
			entries, _, err := s.History(ctx, it.ID, "", 1)
			comesBack(t, "integration", must(s.Integration(ctx, it.ID))(t), it)
			comesBack(t, "upload", must(s.Upload(ctx, it.ID, u.ID))(t), u)
			comesBack(t, "contacts", must(s.Contacts(ctx, it.ID))(t), []integration.Contact{contact})
			comesBack(t, "notice", must(s.Notice(ctx, it.ID, n.Dedupe))(t), n)
			comesBack(t, "owner", must(s.Owner(ctx, o.Fingerprint))(t), o)
			comesBack(t, "link", must(s.Link(ctx, c.Links[0].Hash))(t), c.Links[0])
			comesBack(t, "certificates", must(s.Certificates(ctx, it.ID))(t), c.Certificates)
			comesBack(t, "history", must(entries, err)(t), c.History)
			f := filled[integration.FleetStatus]()
			if err := s.SetFleet(ctx, integration.FleetStatus{}, f, nil); err != nil {
				t.Fatal(err)
			}
			f.Version = 1
			comesBack(t, "fleet", must(s.Fleet(ctx))(t), f)
		},
		"zero times stay zero": func(t *testing.T, s Store) {
			it := create(t, s, sample())
			if !it.DisconnectedAt.IsZero() || !it.Check.DueAt.IsZero() || it.Key != nil || it.Other != nil {
				t.Error("a new integration has a time or a key that nobody gave it")
			}
		},
		"big ones": func(t *testing.T, s Store) {
			it := sample()
			for i := range integration.MaxApps {
				it.Apps = append(it.Apps, integration.App{ID: fmt.Sprint(i), BundleID: fmt.Sprint("com.example.", i), Name: strings.Repeat("é", 500)})
			}
			got := create(t, s, it)
			it.Version = 1
			same(t, "integration", got, it)
			u := integration.Upload{Integration: it.ID, ID: "upl_1"}
			for i := range 1500 {
				u.Attempts = append(u.Attempts, integration.Attempt{ETag: fmt.Sprintf("%032d", i), At: start, Diagnosis: strings.Repeat("d", 30)})
			}
			mustCommit(t, s, integration.Change{Uploads: []integration.Edit[integration.Upload]{integration.Create(u)}})
			same(t, "attempts", len(must(s.Upload(t.Context(), it.ID, u.ID))(t).Attempts), 1500)
		},
		"text of any kind": func(t *testing.T, s Store) {
			for _, text := range append(hostileNames(), "", "<script>&", "\u2028", "\x00inside") {
				it := sample()
				it.Label = text
				same(t, "label", create(t, s, it).Label, text)
			}
		},
		"certificates are put over older ones": func(t *testing.T, s Store) {
			id := sample().ID
			for _, name := range []string{"old", "new"} {
				mustCommit(t, s, integration.Change{Certificates: []integration.Certificate{{Integration: id, Serial: "1", Name: name}}})
			}
			same(t, "certificates", must(s.Certificates(t.Context(), id))(t), []integration.Certificate{{Integration: id, Serial: "1", Name: "new"}})
		},
	}
}

// comesBack is same, and that all times are in UTC.
func comesBack(t *testing.T, what string, got, want any) {
	t.Helper()
	same(t, what, got, want)
	allUTC(t, reflect.ValueOf(got))
}
