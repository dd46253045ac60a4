package conformance

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// crowd is how many fight for one item.
const crowd = 100

// race starts all at once and returns each one's error.
func race(n int, run func(i int) error) []error {
	errs := make([]error, n)
	var ready, done sync.WaitGroup
	ready.Add(1)
	for i := range n {
		done.Go(func() {
			ready.Wait()
			errs[i] = run(i)
		})
	}
	ready.Done()
	done.Wait()
	return errs
}

// oneWins fails the test unless one succeeded and the others got the sentinel.
func oneWins(t *testing.T, errs []error, sentinel error) {
	t.Helper()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			wantError(t, "a loser", err, sentinel)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d won, want 1", won, len(errs))
	}
}

func contentionTests() map[string]func(*testing.T, Store) {
	tests := map[string]func(*testing.T, Store){
		"a reference": func(t *testing.T, s Store) {
			reference := "wanted-" + string(sample().ID)
			errs := race(crowd, func(int) error {
				it := sample()
				it.Reference = reference
				return integration.Retry(t.Context(), func() error {
					return s.Commit(t.Context(), integration.Change{Integration: integration.Create(it)})
				})
			})
			oneWins(t, errs, integration.ErrTaken)
			same(t, "owners", len(must(s.Find(t.Context(), integration.ByReference(reference)))(t)), 1)
		},
		"the fleet's status": func(t *testing.T, s Store) {
			before := must(s.Fleet(t.Context()))(t)
			oneWins(t, race(crowd, func(i int) error {
				return s.SetFleet(t.Context(), before, integration.FleetStatus{Size: i}, nil)
			}), integration.ErrConflict)
			same(t, "version", must(s.Fleet(t.Context()))(t).Version, before.Version+1)
		},
		"a notice's dedupe key": dedupeRace,
		"a notice's lease":      leaseRace,
		"a link": func(t *testing.T, s Store) {
			oneWins(t, race(crowd, func(int) error {
				return s.Commit(t.Context(), integration.Change{Links: []integration.Link{{Hash: "h"}}})
			}), integration.ErrConflict)
		},
		"nobody's work is lost": lostUpdates,
	}
	for _, e := range editables() {
		tests["creating: "+e.name] = func(t *testing.T, s Store) {
			oneWins(t, race(crowd, func(int) error { return s.Commit(t.Context(), e.edit(absent, 0)) }), integration.ErrConflict)
			same(t, "version", e.version(t, s), int64(1))
		}
		tests["changing: "+e.name] = func(t *testing.T, s Store) {
			mustCommit(t, s, e.edit(absent, 0))
			oneWins(t, race(crowd, func(int) error { return s.Commit(t.Context(), e.edit(1, 1)) }), integration.ErrConflict)
			same(t, "version", e.version(t, s), int64(2))
		}
	}
	return tests
}

// dedupeRace: everybody's change is written, and one notice.
func dedupeRace(t *testing.T, s Store) {
	it := create(t, s, sample())
	errs := race(crowd, func(i int) error {
		return integration.Retry(t.Context(), func() error {
			return s.Commit(t.Context(), integration.Change{
				Notices: []integration.Notice{sampleNotice(it.ID, "same")},
				History: []integration.Entry{{Integration: it.ID, At: start, Seq: fmt.Sprint(i)}},
			})
		})
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	same(t, "version", must(s.Notice(t.Context(), it.ID, "same"))(t).Version, int64(1))
	entries, _, err := s.History(t.Context(), it.ID, "", 2*crowd)
	same(t, "history", len(must(entries, err)(t)), crowd)
}

// leaseRace: one of many workers gets to send the mail.
func leaseRace(t *testing.T, s Store) {
	it := create(t, s, sample())
	mustCommit(t, s, integration.Change{Notices: []integration.Notice{sampleNotice(it.ID, "n")}})
	was := must(s.Notice(t.Context(), it.ID, "n"))(t)
	errs := race(crowd, func(i int) error {
		is := was
		is.Status = integration.Sending
		is.Lease = integration.Lease{ID: integration.CheckID(fmt.Sprint(i)), Until: start.Add(time.Minute)}
		return s.Commit(t.Context(), integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(was, is)}})
	})
	oneWins(t, errs, integration.ErrConflict)
	holder := must(s.Notice(t.Context(), it.ID, "n"))(t).Lease.ID
	for i, err := range errs {
		if err == nil && fmt.Sprint(i) != string(holder) {
			t.Errorf("worker %d was told that it has the lease, which %s holds", i, holder)
		}
	}
}

// lostUpdates: read, decide, write again, until everybody has counted.
func lostUpdates(t *testing.T, s Store) {
	const writers = 16
	it := create(t, s, sample())
	errs := race(writers, func(int) error {
		return integration.Retry(t.Context(), func() error {
			was, err := s.Integration(t.Context(), it.ID)
			if err != nil {
				return err
			}
			is := was
			is.WrongFiles++
			return s.Commit(t.Context(), integration.Change{Integration: integration.Put(was, is)})
		})
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	got := must(s.Integration(t.Context(), it.ID))(t)
	same(t, "count", got.WrongFiles, writers)
	same(t, "version", got.Version, int64(writers+1))
}
