package embedded_test

import (
	"testing"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/integration"
)

func receive(t *testing.T, q *embedded.Queue, want int) []embedded.Message {
	t.Helper()
	got, err := q.Receive(t.Context(), 10)
	if err != nil || len(got) != want {
		t.Fatalf("%s: %d messages, error %v; want %d", q.Name(), len(got), err, want)
	}
	return got
}

func TestDeadLettersGoBack(t *testing.T) {
	c := newClock()
	db := open(t, embedded.Config{Now: c.now})
	q := db.Queue("work", embedded.QueueConfig{Visibility: time.Minute, MaxReceives: 1, DeadLetter: "dead"})
	dead := db.Queue("dead", embedded.QueueConfig{})
	if err := q.Send(t.Context(), "m", 0); err != nil {
		t.Fatal(err)
	}
	id := receive(t, q, 1)[0].ID
	c.advance(time.Hour)
	receive(t, q, 0)
	letters, err := dead.Messages(t.Context())
	if err != nil || len(letters) != 1 || letters[0].Source != "work" || letters[0].ID != id {
		t.Fatalf("dead letters are %+v, error %v", letters, err)
	}
	redrive := func(limit, wantMoved, wantStuck int) {
		t.Helper()
		if moved, stuck, err := dead.Redrive(t.Context(), limit, 1); err != nil || moved != wantMoved || stuck != wantStuck {
			t.Fatalf("%d moved, %d stuck, error %v; want %d and %d", moved, stuck, err, wantMoved, wantStuck)
		}
	}
	redrive(0, 0, 0)
	redrive(10, 1, 0)
	again := receive(t, q, 1)[0]
	if again.ID != id || again.Receives != 1 || again.Body != `"m"` {
		t.Errorf("came back as %+v", again)
	}
	receive(t, dead, 0)
	c.advance(time.Hour)
	receive(t, q, 0) // dead once more
	redrive(10, 0, 1)
	receive(t, q, 0)
}

func TestVoidReceiptDeletesNothing(t *testing.T) {
	c := newClock()
	q := open(t, embedded.Config{Now: c.now}).Queue("work", embedded.QueueConfig{Visibility: time.Minute})
	if err := q.Send(t.Context(), "m", 0); err != nil {
		t.Fatal(err)
	}
	first := receive(t, q, 1)[0]
	c.advance(time.Minute)
	second := receive(t, q, 1)[0]
	if err := q.Delete(t.Context(), first.Receipt); err != nil {
		t.Fatal(err)
	}
	if d, _ := q.Depth(t.Context()); d.Hidden != 1 {
		t.Error("the slow worker deleted what another is working on")
	}
	for range 2 {
		if err := q.Delete(t.Context(), second.Receipt); err != nil {
			t.Fatal(err)
		}
	}
	if d, _ := q.Depth(t.Context()); d != (embedded.Depth{}) {
		t.Errorf("%+v are left", d)
	}
}

func TestDepthAndPurge(t *testing.T) {
	c := newClock()
	db := open(t, embedded.Config{Now: c.now})
	q, other := db.Queue("a", embedded.QueueConfig{}), db.Queue("ab", embedded.QueueConfig{})
	begun := c.now()
	for _, delay := range []time.Duration{0, 0, time.Minute} {
		if err := q.Send(t.Context(), 1, delay); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Second)
	}
	if err := other.Send(t.Context(), 1, 0); err != nil {
		t.Fatal(err)
	}
	if d, err := q.Depth(t.Context()); err != nil || d != (embedded.Depth{Visible: 2, Hidden: 1, Oldest: begun}) {
		t.Errorf("depth is %+v, error %v", d, err)
	}
	if err := q.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d, err := q.Depth(t.Context()); err != nil || d != (embedded.Depth{}) {
		t.Errorf("depth is %+v, error %v", d, err)
	}
	receive(t, q, 0)
	receive(t, other, 1)
}

// TestNextAt: a clock that jumps to it finds the work, and never jumps over any.
func TestNextAt(t *testing.T) {
	c := newClock()
	db := open(t, embedded.Config{Now: c.now})
	next := func(want time.Time) {
		t.Helper()
		if at, err := db.NextAt(); err != nil || !at.Equal(want) {
			t.Errorf("next at %v, error %v; want %v", at, err, want)
		}
	}
	next(time.Time{})
	late, soon := notice("late"), notice("soon")
	late.DueAt, soon.DueAt = c.now().Add(3*time.Hour), c.now().Add(2*time.Hour)
	soon.Integration = "int_elsewhere"
	mustCommit(t, db, integration.Change{Notices: []integration.Notice{late, soon}})
	next(soon.DueAt)
	for name, delay := range map[string]time.Duration{"b": 2 * time.Minute, "bb": time.Minute, "a": 3 * time.Minute} {
		if err := db.Queue(name, embedded.QueueConfig{}).Send(t.Context(), 1, delay); err != nil {
			t.Fatal(err)
		}
	}
	next(c.now().Add(time.Minute))
	c.advance(time.Minute)
	receive(t, db.Queue("bb", embedded.QueueConfig{Visibility: time.Hour}), 1)
	next(c.now().Add(time.Minute))
}
