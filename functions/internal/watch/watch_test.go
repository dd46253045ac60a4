package watch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"keyward/functions/internal/boot"
	"keyward/functions/internal/watch"
	"keyward/pkg/app"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/sweep"
	"keyward/pkg/table"
)

// A world is a watch over an embedded store and a bucket that holds what the
// test says.
type world struct {
	app.Objects
	t     *testing.T
	now   time.Time
	store *table.Store
	watch *watch.Watch
	files []integration.Object
	out   bytes.Buffer
}

func (w *world) List(context.Context, time.Time, int) ([]integration.Object, error) {
	return w.files, nil
}

func mustWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 3, 22, 9, 30, 0, 0, time.UTC)}
	db, err := embedded.Open(embedded.Config{Now: func() time.Time { return w.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w.store = db.Store()
	w.watch = watch.New(watch.Config{
		Store: w.store, Objects: w, Now: func() time.Time { return w.now },
		Metrics: boot.NewMetrics(&w.out, boot.Sweep, "dev", time.Now),
	})
	return w
}

// beat ends a run and gives its metrics.
func (w *world) beat() map[string]any {
	w.t.Helper()
	w.out.Reset()
	w.watch.Heartbeat(w.t.Context(), sweep.Result{Checks: 3})
	var line map[string]any
	if err := json.Unmarshal(w.out.Bytes(), &line); err != nil {
		w.t.Fatal(err)
	}
	return line
}

func (w *world) mustBe(line map[string]any, name string, want float64) {
	w.t.Helper()
	if line[name] != want {
		w.t.Errorf("%s is %v, not %v", name, line[name], want)
	}
}

func TestAnIdleSweepSaysZero(t *testing.T) {
	w := mustWorld(t)
	line := w.beat()
	for _, name := range []string{"OldestDueSeconds", "ObjectsLeft", "ObjectsOld", "FleetHold", "AgreementWave", "DeadLettersStuck"} {
		w.mustBe(line, name, 0)
	}
	w.mustBe(line, "SweepEnded", 1)
	w.mustBe(line, "ChecksQueued", 3)
}

func TestTheOldestDueIsSeenOnce(t *testing.T) {
	w := mustWorld(t)
	c, err := integration.New("int_0123456789abcdefghjkmnpqrs", integration.Draft{Reference: "r", Label: "l", Customer: "c", Access: integration.Levels()[0]}, w.now)
	if err == nil {
		err = w.store.Commit(t.Context(), c)
	}
	if err != nil {
		t.Fatal(err)
	}
	notice := c.Notices[0]
	w.now = notice.DueAt.Add(40 * time.Minute)
	for shard := range integration.Shards {
		if _, err := w.watch.Store().Due(t.Context(), shard, w.now, 100); err != nil {
			t.Fatal(err)
		}
	}
	w.mustBe(w.beat(), "OldestDueSeconds", 2400)
	w.mustBe(w.beat(), "OldestDueSeconds", 0)
}

func TestAFleetHoldIsSeen(t *testing.T) {
	w := mustWorld(t)
	if err := w.watch.Store().SetFleet(t.Context(), integration.FleetStatus{}, integration.FleetStatus{HoldSince: w.now}, nil); err != nil {
		t.Fatal(err)
	}
	w.mustBe(w.beat(), "FleetHold", 1)
	if _, err := w.watch.Store().Fleet(t.Context()); err != nil {
		t.Fatal(err)
	}
	line := w.beat()
	w.mustBe(line, "FleetHold", 1)
	w.mustBe(line, "AgreementWave", 0)
}

func TestFilesAreLeftOnceTheirVerdictIsOld(t *testing.T) {
	const id = integration.ID("int_0123456789abcdefghjkmnpqrs")
	for name, c := range map[string]struct {
		state integration.UploadState // of the attempt; empty: none
		since time.Duration           // the verdict, or the arrival
		left  float64
	}{
		"accepted just now":    {integration.UploadAccepted, 5 * time.Minute, 0},
		"accepted long ago":    {integration.UploadAccepted, 16 * time.Minute, 1},
		"refused long ago":     {integration.UploadRefused, 16 * time.Minute, 1},
		"waits for Apple":      {integration.UploadWaiting, 19 * time.Hour, 0},
		"not judged yet":       {"", 30 * time.Minute, 0},
		"not judged for hours": {"", 3 * time.Hour, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := mustWorld(t)
			u := integration.Upload{ID: "upl_1", Integration: id}
			if c.state != "" {
				u.Attempts = []integration.Attempt{{ETag: "e", At: w.now.Add(-c.since), State: c.state}}
			}
			if err := w.store.Commit(t.Context(), integration.Change{Uploads: []integration.Edit[integration.Upload]{integration.Create(u)}}); err != nil {
				t.Fatal(err)
			}
			w.files = []integration.Object{{Key: u.ObjectKey(), ETag: "e", At: w.now.Add(-c.since)}}
			w.mustList()
			line := w.beat()
			w.mustBe(line, "ObjectsLeft", c.left)
			w.mustBe(line, "ObjectsOld", 1)
		})
	}
}

func TestFilesOfNobodyAreLeft(t *testing.T) {
	for _, key := range []string{"elsewhere", "incoming/x/y", fmt.Sprintf("incoming/%s/upl_unknown", "int_0123456789abcdefghjkmnpqrs")} {
		w := mustWorld(t)
		w.files = []integration.Object{{Key: key, ETag: "e", At: w.now.Add(-20 * time.Minute)}}
		w.mustList()
		w.mustBe(w.beat(), "ObjectsLeft", 1)
	}
}

func (w *world) mustList() {
	w.t.Helper()
	if _, err := w.watch.Objects().List(w.t.Context(), w.now, 10); err != nil {
		w.t.Fatal(err)
	}
}
