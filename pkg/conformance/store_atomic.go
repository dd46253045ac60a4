package conformance

import (
	"fmt"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// everything is a change that touches every kind of item. World is what must
// be there before it.
func everything(it integration.Integration) (world, change integration.Change) {
	id := it.ID
	upload := integration.Upload{Integration: id, ID: "upl_old"}
	contact := integration.Contact{Integration: id, ID: "con_old", Address: "old-" + string(id) + "@example.com"}
	owner := integration.Owner{Fingerprint: "old-" + string(id), Customer: it.Customer}
	world = integration.Change{
		Integration: integration.Create(it),
		Uploads:     []integration.Edit[integration.Upload]{integration.Create(upload)},
		Contacts:    []integration.Edit[integration.Contact]{integration.Create(contact)},
		Owners:      []integration.Edit[integration.Owner]{integration.Create(owner)},
		Notices:     []integration.Notice{sampleNotice(id, "old")},
		History:     []integration.Entry{{Integration: id, At: start, Seq: "1", What: "created"}},
	}
	was, sent := it, sampleNotice(id, "old")
	for _, v := range []*int64{&was.Version, &upload.Version, &contact.Version, &owner.Version, &sent.Version} {
		*v = 1
	}
	is, done, moved := was, sent, contact
	is.State, is.TeamID, is.Label = integration.Active, "TEAM-"+string(id), "changed"
	done.Status, done.DueAt = integration.Sending, start.Add(time.Minute)
	moved.Address = "new-" + string(id) + "@example.com"
	due := sampleNotice(id, "new")
	due.DueAt = start.Add(time.Hour)
	change = integration.Change{
		Integration:  integration.Put(was, is),
		Uploads:      []integration.Edit[integration.Upload]{integration.Put(upload, upload), integration.Create(integration.Upload{Integration: id, ID: "upl_new"})},
		Contacts:     []integration.Edit[integration.Contact]{integration.Put(contact, moved), integration.Create(integration.Contact{Integration: id, ID: "con_new"})},
		Sent:         []integration.Edit[integration.Notice]{integration.Put(sent, done)},
		Owners:       []integration.Edit[integration.Owner]{integration.Put(owner, owner), integration.Create(integration.Owner{Fingerprint: "new-" + string(id)})},
		Notices:      []integration.Notice{due},
		Links:        []integration.Link{{Hash: "new-" + string(id), Integration: id}},
		Certificates: []integration.Certificate{{Integration: id, Serial: "1"}},
		History:      []integration.Entry{{Integration: id, At: start.Add(time.Second), Seq: "1", What: "changed"}},
	}
	return world, change
}

// seen is all that can be read of an integration.
type seen struct {
	Integration  integration.Integration
	Uploads      []integration.Upload
	Contacts     []integration.Contact
	Notices      []integration.Notice
	Certificates []integration.Certificate
	History      []integration.Entry
	Owners       []integration.Owner
	Link         bool
	Found        [][]integration.ID
	Due          []integration.Due
	Listed       int
}

func look(t *testing.T, s Store, it integration.Integration) seen {
	t.Helper()
	ctx, id := t.Context(), it.ID
	v := seen{
		Integration: must(s.Integration(ctx, id))(t), Uploads: must(s.Uploads(ctx, id))(t), Contacts: must(s.Contacts(ctx, id))(t),
		Notices: must(s.Notices(ctx, id))(t), Certificates: must(s.Certificates(ctx, id))(t),
		Due:    must(s.Due(ctx, id.Shard(), start.Add(1000*time.Hour), 100))(t),
		Listed: len(must(s.List(ctx, integration.Filter{Customer: it.Customer, State: integration.Active}))(t).Integrations),
	}
	entries, _, err := s.History(ctx, id, "", 100)
	v.History = must(entries, err)(t)
	for _, f := range []string{"old-", "new-"} {
		v.Owners = append(v.Owners, must(s.Owner(ctx, f+string(id)))(t))
		v.Found = append(v.Found, must(s.Find(ctx, integration.ByAddress(f+string(id)+"@example.com")))(t))
	}
	v.Found = append(v.Found, must(s.Find(ctx, integration.ByTeam("TEAM-"+string(id))))(t))
	_, err = s.Link(ctx, "new-"+string(id))
	v.Link = err == nil
	return v
}

// spoils are ways to make one condition of the change fail.
func spoils() map[string]struct {
	err   error
	spoil func(t *testing.T, s Store, c *integration.Change)
} {
	type way = struct {
		err   error
		spoil func(t *testing.T, s Store, c *integration.Change)
	}
	conflict := func(f func(c *integration.Change)) way {
		return way{integration.ErrConflict, func(_ *testing.T, _ Store, c *integration.Change) { f(c) }}
	}
	return map[string]way{
		"the integration's version": conflict(func(c *integration.Change) { c.Integration.Before.Version = 9 }),
		"an upload's version":       conflict(func(c *integration.Change) { c.Uploads[0].Before.Version = 9 }),
		"an upload that is there":   conflict(func(c *integration.Change) { c.Uploads[1].After.ID = "upl_old"; c.Uploads = c.Uploads[1:] }),
		"a contact's version":       conflict(func(c *integration.Change) { c.Contacts[0].Before.Version = 9 }),
		"a notice's version":        conflict(func(c *integration.Change) { c.Sent[0].Before.Version = 9 }),
		"an owner's version":        conflict(func(c *integration.Change) { c.Owners[0].Before.Version = 9 }),
		"an owner that is there": conflict(func(c *integration.Change) {
			c.Owners[1].After.Fingerprint = c.Owners[0].After.Fingerprint
			c.Owners = c.Owners[1:]
		}),
		"an upload that is not there": conflict(func(c *integration.Change) {
			c.Uploads[1].Before = &integration.Upload{Integration: c.Uploads[1].After.Integration, ID: "upl_new", Version: 1}
		}),
		"a contact that is not there": conflict(func(c *integration.Change) {
			gone := *c.Contacts[1].After
			gone.Version = 1
			c.Contacts[1] = integration.Edit[integration.Contact]{Before: &gone}
		}),
		"a reference that is taken": {integration.ErrTaken, func(t *testing.T, s Store, c *integration.Change) {
			other := create(t, s, sample())
			is := *c.Integration.After
			is.Reference = other.Reference
			c.Integration.After = &is
		}},
		"a link that is there": {integration.ErrConflict, func(t *testing.T, s Store, c *integration.Change) {
			mustCommit(t, s, integration.Change{Links: []integration.Link{{Hash: "spoilt", Integration: "int_other"}}})
			c.Links = append(c.Links, integration.Link{Hash: "spoilt"})
		}},
	}
}

func atomicityTests() map[string]func(*testing.T, Store) {
	tests := map[string]func(*testing.T, Store){
		"all of it, when every condition holds": func(t *testing.T, s Store) {
			it := sample()
			world, change := everything(it)
			mustCommit(t, s, world)
			mustCommit(t, s, change)
			eventually(t, "the indexes", func() error { return whole(look(t, s, it)) })
		},
	}
	for name, way := range spoils() {
		tests["nothing, because of "+name] = func(t *testing.T, s Store) {
			it := sample()
			world, change := everything(it)
			mustCommit(t, s, world)
			way.spoil(t, s, &change)
			before := look(t, s, it)
			wantError(t, "Commit", s.Commit(t.Context(), change), way.err)
			same(t, "what is there", look(t, s, it), before)
		}
	}
	return tests
}

// whole says what is missing of everything's change.
func whole(v seen) error {
	checks := []struct {
		what string
		ok   bool
	}{
		{"integration", v.Integration.Version == 2 && v.Integration.Label == "changed"},
		{"uploads", len(v.Uploads) == 2}, {"contacts", len(v.Contacts) == 2},
		{"notices", len(v.Notices) == 2}, {"certificates", len(v.Certificates) == 1},
		{"history", len(v.History) == 2 && v.History[0].What == "changed"},
		{"owners", v.Owners[0].Version == 2 && v.Owners[1].Version == 1},
		{"link", v.Link}, {"listing", v.Listed == 1}, {"due", len(v.Due) >= 2},
		{"old address", len(v.Found[0]) == 0}, {"new address", len(v.Found[1]) == 1}, {"team", len(v.Found[2]) == 1},
	}
	for _, c := range checks {
		if !c.ok {
			return fmt.Errorf("%s: not as the change says", c.what)
		}
	}
	return nil
}
