package conformance

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// isDue waits until the shard's due work is what it must be.
func isDue(t *testing.T, s Store, shard int, by time.Time, limit int, want ...integration.Due) {
	t.Helper()
	settles(t, "Due", func(ctx context.Context) ([]integration.Due, error) { return s.Due(ctx, shard, by, limit) }, want)
}

// dueNotice writes a notice that is due at the time.
func dueNotice(t *testing.T, s Store, id integration.ID, dedupe string, at time.Time) integration.Due {
	t.Helper()
	n := sampleNotice(id, dedupe)
	n.DueAt = at
	mustCommit(t, s, integration.Change{Notices: []integration.Notice{n}})
	return integration.Due{Integration: id, Dedupe: dedupe, At: at}
}

func dueTests() map[string]func(*testing.T, Store) {
	return map[string]func(*testing.T, Store){
		"oldest first, to the nanosecond": func(t *testing.T, s Store) {
			id := sample().ID
			third := dueNotice(t, s, id, "a", start.Add(time.Second))
			first := dueNotice(t, s, id, "b", start)
			second := dueNotice(t, s, id, "c", start.Add(time.Nanosecond))
			isDue(t, s, id.Shard(), start.Add(time.Hour), 10, first, second, third)
			isDue(t, s, id.Shard(), start.Add(time.Hour), 2, first, second)
			isDue(t, s, id.Shard(), start.Add(time.Nanosecond), 10, first, second)
			isDue(t, s, id.Shard(), start.Add(-time.Nanosecond), 10)
			isDue(t, s, (id.Shard()+1)%integration.Shards, start.Add(time.Hour), 10)
		},
		"before and after whole seconds, in any zone": func(t *testing.T, s Store) {
			id, whole := sample().ID, start.Truncate(time.Second)
			var want []integration.Due
			for i, d := range []time.Duration{-time.Millisecond, 0, time.Nanosecond, 100 * time.Millisecond} {
				due := dueNotice(t, s, id, fmt.Sprint("n", 9-i), whole.Add(d).In(zone))
				due.At = due.At.UTC()
				want = append(want, due)
			}
			isDue(t, s, id.Shard(), whole.Add(time.Hour).In(zone), 10, want...)
		},
		"what is done, or never due, is not in it": func(t *testing.T, s Store) {
			it := create(t, s, sample())
			later := start.Add(1e6 * time.Hour)
			due := dueNotice(t, s, it.ID, "n", start)
			dueNotice(t, s, it.ID, "never", time.Time{})
			was := must(s.Notice(t.Context(), it.ID, "n"))(t)
			is := was
			is.DueAt = start.Add(time.Hour)
			mustCommit(t, s, integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(was, is)}})
			due.At = is.DueAt
			onlyNotices(t, s, it.ID, later, due)
			was = must(s.Notice(t.Context(), it.ID, "n"))(t)
			is = was
			is.Status, is.DueAt = integration.Sent, time.Time{}
			mustCommit(t, s, integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(was, is)}})
			onlyNotices(t, s, it.ID, later)
		},
		"a notice that was there keeps its time": func(t *testing.T, s Store) {
			id := sample().ID
			due := dueNotice(t, s, id, "n", start)
			dueNotice(t, s, id, "n", start.Add(time.Hour))
			isDue(t, s, id.Shard(), start.Add(1e3*time.Hour), 10, due)
		},
		"integrations, as their own timers say":  dueIntegrations,
		"integrations, whichever timer is first": dueByAnyTimer,
		"the fleet's notices": func(t *testing.T, s Store) {
			n := sampleNotice(integration.Fleet, "hold")
			n.DueAt = start
			if err := s.SetFleet(t.Context(), integration.FleetStatus{}, integration.FleetStatus{Size: 1}, []integration.Notice{n}); err != nil {
				t.Fatal(err)
			}
			isDue(t, s, integration.Fleet.Shard(), start, 10, integration.Due{Integration: integration.Fleet, Dedupe: "hold", At: start})
		},
		"a limit of nothing": func(t *testing.T, s Store) {
			_, err := s.Due(t.Context(), 0, start, 0)
			wantError(t, "Due", err, integration.ErrInvalid)
		},
	}
}

// onlyNotices is isDue, whatever the integration's own timers say.
func onlyNotices(t *testing.T, s Store, id integration.ID, by time.Time, want ...integration.Due) {
	t.Helper()
	settles(t, "Due", func(ctx context.Context) ([]integration.Due, error) {
		all, err := s.Due(ctx, id.Shard(), by, 100)
		var notices []integration.Due
		for _, d := range all {
			if d.Dedupe != "" {
				notices = append(notices, d)
			}
		}
		return notices, err
	}, want)
}

func dueIntegrations(t *testing.T, s Store) {
	it := sample()
	far := start.Add(1e6 * time.Hour)
	expect := func(it integration.Integration) {
		t.Helper()
		at := it.DueAt()
		if at.IsZero() {
			isDue(t, s, it.ID.Shard(), far, 10)
			return
		}
		isDue(t, s, it.ID.Shard(), far, 10, integration.Due{Integration: it.ID, At: at})
		isDue(t, s, it.ID.Shard(), at.Add(-time.Nanosecond), 10)
	}
	it.State, it.Key = integration.Active, &integration.Key{Upload: "upl_1", KeyID: "K"}
	it.Check.DueAt = start.Add(time.Hour)
	it = create(t, s, it)
	if it.DueAt().IsZero() {
		t.Fatal("the sample is never due: the test shows nothing")
	}
	expect(it)
	it = update(t, s, it, func(i *integration.Integration) { i.Check.DueAt = start.Add(3 * time.Hour) })
	expect(it)
	it = update(t, s, it, func(i *integration.Integration) { i.State, i.Check.DueAt = integration.Disconnected, time.Time{} })
	expect(it)
	mustCommit(t, s, integration.Change{Integration: integration.Edit[integration.Integration]{Before: &it}})
	isDue(t, s, it.ID.Shard(), far, 10)
}

// dueByAnyTimer: the index names an integration not for its checks alone. The
// one that is due first has another timer each time, an hour from the start.
func dueByAnyTimer(t *testing.T, s Store) {
	first := start.Add(time.Hour)
	for name, set := range map[string]func(*integration.Integration){
		"a check":               func(i *integration.Integration) { i.Check.DueAt = first },
		"its certificates":      func(i *integration.Integration) { i.Certificates.DueAt = first },
		"a secret to delete":    func(i *integration.Integration) { i.Trash = []integration.Discarded{{Upload: "upl_0", Since: first}} },
		"a mail held back":      func(i *integration.Integration) { i.Told.RetryAt = first },
		"a reminder of the key": func(i *integration.Integration) { i.Invitation.At = first.Add(-72 * time.Hour) },
		"a change of attention": func(i *integration.Integration) { i.Attention.NextAt = first },
	} {
		t.Run(name, func(t *testing.T) {
			it := sample()
			it.ID, it.Reference = integration.ID("int_"+name), name
			it.State, it.Key = integration.Active, &integration.Key{Upload: "upl_1", KeyID: "K"}
			it.Check.DueAt, it.Certificates.DueAt = start.Add(9*time.Hour), start.Add(9*time.Hour)
			it.Trash, it.Told, it.Invitation = nil, integration.Told{}, integration.Invitation{}
			it.Access.Reauthorise, it.Attention = integration.Reauthorise{}, integration.Attention{}
			set(&it)
			it = create(t, s, it)
			settles(t, "Due", func(ctx context.Context) ([]integration.Due, error) {
				all, err := s.Due(ctx, it.ID.Shard(), first, 100)
				return slices.DeleteFunc(all, func(d integration.Due) bool { return d.Integration != it.ID }), err
			}, []integration.Due{{Integration: it.ID, At: first}})
		})
	}
}
