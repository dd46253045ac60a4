package embedded_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"keyward/pkg/conformance"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
)

// troubled opens a database that always has the trouble.
func troubled(t *testing.T, trouble embedded.Trouble, c *clock) *embedded.DB {
	t.Helper()
	return open(t, embedded.Config{Hooks: trouble.Hooks(), Now: c.now})
}

func creation(id integration.ID) integration.Change {
	return integration.Change{Integration: integration.Create(integration.Integration{ID: id, Reference: string(id), State: integration.AwaitingKey})}
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestTroubleOfCommits(t *testing.T) {
	cases := []struct {
		name    string
		trouble embedded.Trouble
		err     error
		written bool
	}{
		{"throttled", embedded.Trouble{Throttled: 1}, integration.ErrThrottled, false},
		{"cancelled", embedded.Trouble{Cancelled: 1}, integration.ErrConflict, false},
		{"answer lost", embedded.Trouble{Lost: 1}, embedded.ErrLost, true},
		{"none", embedded.Trouble{Unavailable: 1, Stale: 1, Late: 1}, nil, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			db := troubled(t, c.trouble, newClock())
			wantError(t, db.Store().Commit(t.Context(), creation("int_1")), c.err)
			if next, _ := db.Store().Integration(t.Context(), "int_1"); (next.Version == 1) != c.written {
				t.Errorf("written: %v, want %v", next.Version == 1, c.written)
			}
		})
	}
}

func TestTroubleOfVaultAndUploads(t *testing.T) {
	db := troubled(t, embedded.Trouble{Unavailable: 1}, newClock())
	_, err := db.Vault().Get(t.Context(), "int_1", "upl_1")
	wantError(t, err, embedded.ErrUnavailable)
	_, err = serve(t, db, nil).Read(t.Context(), "k", "e")
	wantError(t, err, embedded.ErrUnavailable)
	mustCommit(t, db, creation("int_1")) // the store is up
}

func TestTroubleOfMail(t *testing.T) {
	db := troubled(t, embedded.Trouble{Lost: 1}, newClock())
	_, err := db.Inbox().Send(t.Context(), integration.Mail{To: "a@example.com"})
	wantError(t, err, embedded.ErrLost)
	if mails, err := db.Inbox().List(t.Context(), 10); err != nil || len(mails) != 1 {
		t.Errorf("%d mails went out, want 1 although its answer was lost", len(mails))
	}
}

func TestTroubleOfIndexes(t *testing.T) {
	c := newClock()
	s := troubled(t, embedded.Trouble{Stale: 1}, c).Store()
	count := func() int {
		n, err := s.Count(t.Context(), integration.AwaitingKey)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	write := func(id integration.ID) {
		if err := s.Commit(t.Context(), creation(id)); err != nil {
			t.Fatal(err)
		}
	}
	got := []int{count()}
	write("int_1")
	got = append(got, count(), count()) // from before the write, then caught up
	write("int_2")
	c.advance(time.Minute)
	got = append(got, count()) // no index lags for a minute
	if !slices.Equal(got, []int{0, 0, 1, 2}) {
		t.Errorf("counted %v", got)
	}
	if _, err := s.Integration(t.Context(), "int_2"); err != nil {
		t.Errorf("a read of an item lagged: %v", err)
	}
}

func TestTroubleOfQueues(t *testing.T) {
	ctx := t.Context()
	bodies := func(t *testing.T, q *embedded.Queue, n int) (all []string) {
		t.Helper()
		messages, err := q.Receive(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			all = append(all, m.Body)
		}
		return all
	}
	fill := func(db *embedded.DB) *embedded.Queue {
		q := db.Queue("q", embedded.QueueConfig{})
		for _, m := range []int{1, 2, 3} {
			if err := q.Send(ctx, m, 0); err != nil {
				t.Fatal(err)
			}
		}
		return q
	}
	t.Run("duplicated", func(t *testing.T) {
		q := fill(troubled(t, embedded.Trouble{Duplicated: 1}, newClock()))
		if a, b := bodies(t, q, 10), bodies(t, q, 10); len(a) != 3 || len(b) != 3 {
			t.Errorf("got %v, then %v; want all twice", a, b)
		}
	})
	t.Run("reordered", func(t *testing.T) {
		q := fill(troubled(t, embedded.Trouble{Reordered: 1}, newClock()))
		if got := bodies(t, q, 2); !slices.Equal(got, []string{"3", "2"}) {
			t.Errorf("got %v, want the newest first", got)
		}
	})
	t.Run("late", func(t *testing.T) {
		c := newClock()
		q := fill(troubled(t, embedded.Trouble{Late: 1}, c))
		early := bodies(t, q, 10)
		c.advance(time.Minute)
		if late := bodies(t, q, 10); len(early) != 0 || len(late) != 3 {
			t.Errorf("got %v at once and %v later", early, late)
		}
	})
}

func TestSeedDecides(t *testing.T) {
	run := func(seed uint64) (all []bool) {
		hooks := embedded.Trouble{Seed: seed, Throttled: 0.5}.Hooks()
		for range 64 {
			all = append(all, hooks.Before("store.Commit") != nil)
		}
		return all
	}
	if !slices.Equal(run(1), run(1)) {
		t.Error("one seed gave two sequences")
	}
	if slices.Equal(run(1), run(2)) {
		t.Error("two seeds gave one sequence")
	}
}

// TestHooksSeeEverything: whatever a simulation wants to prevent, it can.
func TestHooksSeeEverything(t *testing.T) {
	stop := errors.New("crash")
	var seen []string
	db := open(t, embedded.Config{Hooks: embedded.Hooks{Before: func(op string) error { seen = append(seen, op); return stop }}})
	ctx, q, objects := t.Context(), db.Queue("checks", embedded.QueueConfig{}), serve(t, db, nil)
	_, errReceive := q.Receive(ctx, 1)
	_, errRead := db.Stream().Read(ctx, 1)
	_, errMail := db.Inbox().Send(ctx, integration.Mail{})
	_, errForm := objects.Presign(ctx, integration.FormRequest{})
	_, errFleet := db.Store().Fleet(ctx)
	for _, err := range []error{
		db.Store().Commit(ctx, creation("int_1")), q.Send(ctx, 1, 0), errReceive, q.Delete(ctx, "1.1"),
		errRead, db.Stream().Trim(ctx, "1"), errMail, db.Vault().Put(ctx, "int_1", "upl_1", conformance.NewKey(t)),
		db.Vault().Delete(ctx, "int_1", "upl_1"), errForm, objects.Delete(ctx, "k", ""), errFleet,
	} {
		wantError(t, err, stop)
	}
	want := []string{
		"queue.checks.Receive", "stream.Read", "mail.Send", "objects.Presign", "store.Fleet", "store.Commit", "queue.checks.Send",
		"queue.checks.Delete", "stream.Trim", "vault.Put", "vault.Delete", "objects.Delete",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("the hook saw %v", seen)
	}
}

func TestRowsOfANewerVersionAreRead(t *testing.T) {
	newer, rows := true, 0
	db := open(t, embedded.Config{Hooks: embedded.Hooks{Twist: func(op string) bool {
		if op != "store.Commit:newer" || !newer {
			return false
		}
		rows++
		return true
	}}})
	it := integration.Integration{ID: "int_1", Reference: "r", Label: "Acme"}
	mustCommit(t, db, integration.Change{Integration: integration.Create(it), Notices: []integration.Notice{notice("a#b")}})
	newer = false // rolled back
	if rows == 0 {
		t.Fatal("nothing was written as by a newer version")
	}
	got, err := db.Store().Integration(t.Context(), "int_1")
	if err != nil || got.Label != "Acme" || got.Version != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if n, err := db.Store().Notice(t.Context(), "int_1", "a#b"); err != nil || n.Status != integration.Pending {
		t.Errorf("%+v, %v", n, err)
	}
	after := got
	after.Label = "Acme 2"
	mustCommit(t, db, integration.Change{Integration: integration.Put(got, after)})
	if got, err = db.Store().Integration(t.Context(), "int_1"); err != nil || got.Label != "Acme 2" || got.Version != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}
