package conformance

import (
	"testing"

	"keyward/pkg/integration"
)

// An editable is one kind of item that is written by compare-and-swap: how to
// edit it, given the versions on both sides (-1: nil), and how to read its
// version (0: not there).
type editable struct {
	name    string
	edit    func(before, after int64) integration.Change
	version func(t *testing.T, s Store) int64
}

// absent stands for the missing side of an edit.
const absent = -1

func edit[T any](before, after int64, with func(version int64) T) integration.Edit[T] {
	var e integration.Edit[T]
	if before != absent {
		v := with(before)
		e.Before = &v
	}
	if after != absent {
		v := with(after)
		e.After = &v
	}
	return e
}

// editables are items of one integration that nobody else has.
func editables() []editable {
	it := sample()
	id := it.ID
	return []editable{
		{"integration", func(before, after int64) integration.Change {
			return integration.Change{Integration: edit(before, after, func(v int64) integration.Integration { i := it; i.Version = v; return i })}
		}, func(t *testing.T, s Store) int64 {
			got, err := s.Integration(t.Context(), id)
			return versionOf(t, got.Version, err)
		}},
		{"upload", func(before, after int64) integration.Change {
			return integration.Change{Uploads: []integration.Edit[integration.Upload]{edit(before, after, func(v int64) integration.Upload {
				return integration.Upload{Integration: id, ID: "upl_1", Version: v}
			})}}
		}, func(t *testing.T, s Store) int64 {
			got, err := s.Upload(t.Context(), id, "upl_1")
			return versionOf(t, got.Version, err)
		}},
		{"contact", func(before, after int64) integration.Change {
			return integration.Change{Contacts: []integration.Edit[integration.Contact]{edit(before, after, func(v int64) integration.Contact {
				return integration.Contact{Integration: id, ID: "con_1", Version: v, Address: "a@example.com"}
			})}}
		}, func(t *testing.T, s Store) int64 {
			for _, c := range must(s.Contacts(t.Context(), id))(t) {
				return c.Version
			}
			return 0
		}},
		{"notice", func(before, after int64) integration.Change {
			return integration.Change{Sent: []integration.Edit[integration.Notice]{edit(before, after, func(v int64) integration.Notice {
				n := sampleNotice(id, "n")
				n.Version = v
				return n
			})}}
		}, func(t *testing.T, s Store) int64 {
			got, err := s.Notice(t.Context(), id, "n")
			return versionOf(t, got.Version, err)
		}},
		{"owner", func(before, after int64) integration.Change {
			return integration.Change{Owners: []integration.Edit[integration.Owner]{edit(before, after, func(v int64) integration.Owner {
				return integration.Owner{Fingerprint: "f-" + string(id), Customer: "c", Version: v}
			})}}
		}, func(t *testing.T, s Store) int64 {
			return must(s.Owner(t.Context(), "f-"+string(id)))(t).Version
		}},
	}
}

func versionOf(t *testing.T, v int64, err error) int64 {
	t.Helper()
	if err != nil {
		wantError(t, "reading a version", err, integration.ErrNotFound)
		return 0
	}
	return v
}

func versionTests() map[string]func(*testing.T, Store) {
	tests := map[string]func(*testing.T, Store){
		"a change of nothing is no error": func(t *testing.T, s Store) { mustCommit(t, s, integration.Change{}) },
		"one link is created once": func(t *testing.T, s Store) {
			c := integration.Change{Links: []integration.Link{{Hash: "h", Integration: "int_1"}}}
			mustCommit(t, s, c)
			wantError(t, "second Commit", s.Commit(t.Context(), c), integration.ErrConflict)
		},
		"an edit cannot make one item into another": func(t *testing.T, s Store) {
			a, b := create(t, s, sample()), sample()
			err := s.Commit(t.Context(), integration.Change{Integration: integration.Put(a, b)})
			wantError(t, "Commit", err, integration.ErrInvalid)
		},
	}
	for _, e := range editables() {
		tests[e.name] = func(t *testing.T, s Store) { versionsOf(t, s, e) }
	}
	return tests
}

// versionsOf takes an item through its life, with everything on the way that
// must not be.
func versionsOf(t *testing.T, s Store, e editable) {
	steps := []struct {
		name          string
		before, after int64
		err           error
		version       int64
	}{
		{"changing what is not there", 1, 1, integration.ErrConflict, 0},
		{"deleting what is not there", 1, absent, integration.ErrConflict, 0},
		{"creating", absent, 0, nil, 1},
		{"creating it again", absent, 0, integration.ErrConflict, 1},
		{"changing", 1, 1, nil, 2},
		{"changing with an old version", 1, 1, integration.ErrConflict, 2},
		{"changing with a version to come", 3, 3, integration.ErrConflict, 2},
		{"changing, whatever After says of its version", 2, 77, nil, 3},
		{"deleting with an old version", 2, absent, integration.ErrConflict, 3},
		{"deleting", 3, absent, nil, 0},
		{"creating with version 0 before, which says that it is not there", 0, 0, nil, 1},
		{"creating so once more", 0, 0, integration.ErrConflict, 1},
	}
	for _, step := range steps {
		err := s.Commit(t.Context(), e.edit(step.before, step.after))
		if step.err == nil && err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if step.err != nil {
			wantError(t, step.name, err, step.err)
		}
		if v := e.version(t, s); v != step.version {
			t.Fatalf("%s: version is %d afterwards, want %d", step.name, v, step.version)
		}
	}
}
