package sweep

import (
	"context"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

func TestNoticesThatHaveNotGoneOut(t *testing.T) {
	type change func(*integration.Notice)
	for _, tc := range []struct {
		name   string
		change change
		after  time.Duration
		want   integration.NoticeStatus
		moved  bool   // it is written, so that notify sees it
		counts string // what the run says that it did
	}{
		{"young", nil, time.Minute, integration.Pending, false, "[]"},
		{"pending too long", nil, 6 * time.Minute, integration.Pending, true, "[notices=1]"},
		{"lease ran out", func(n *integration.Notice) {
			n.Status, n.Lease = integration.Sending, integration.Lease{ID: "chk_1", Until: start.Add(5 * time.Minute)}
			n.DueAt = n.Lease.Until
		}, 16 * time.Minute, integration.Pending, true, "[notices=1]"},
		{"lease ran out, by a clock that may be ahead", func(n *integration.Notice) {
			n.Status, n.Lease = integration.Sending, integration.Lease{ID: "chk_1", Until: start.Add(5 * time.Minute)}
			n.DueAt = n.Lease.Until
		}, 14 * time.Minute, integration.Sending, false, "[skipped=1]"},
		{"leased", func(n *integration.Notice) {
			n.Status, n.Lease = integration.Sending, integration.Lease{ID: "chk_1", Until: start.Add(5 * time.Minute)}
			n.DueAt = n.Lease.Until
		}, 4 * time.Minute, integration.Sending, false, "[]"},
		{"held back until later", func(n *integration.Notice) {
			n.NotBefore = start.Add(time.Hour)
			n.DueAt = n.NotBefore
		}, 10 * time.Minute, integration.Pending, false, "[]"},
		{"held back, and now its time", func(n *integration.Notice) {
			n.NotBefore = start.Add(time.Hour)
			n.DueAt = n.NotBefore
		}, time.Hour, integration.Pending, true, "[notices=1]"},
		{"too old", nil, 48*time.Hour + time.Minute, integration.Dropped, true, "[dropped=1]"},
		{"sent", func(n *integration.Notice) { n.Status, n.DueAt = integration.Sent, time.Time{} }, time.Hour, integration.Sent, false, "[]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			ctx := context.Background()
			w.invite("int_a")
			all, err := w.store.Notices(ctx, "int_a")
			must(t, err)
			n := all[0]
			if tc.change != nil {
				changed := n
				tc.change(&changed)
				must(t, w.store.Commit(ctx, integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(n, changed)}}))
				n.Version++
			}
			w.pass(tc.after)
			if r := w.run().LogValue().String(); r != tc.counts {
				t.Errorf("the run did %s, want %s", r, tc.counts)
			}
			if logged := strings.Contains(w.log.String(), `"level":"ERROR","msg":"notice dropped"`); logged != (tc.want == integration.Dropped) {
				t.Errorf("logged as dropped: %v", logged)
			}
			got, err := w.store.Notice(ctx, "int_a", n.Dedupe)
			must(t, err)
			if tc.moved && got.Lease != (integration.Lease{}) {
				t.Errorf("the lease of a worker that is gone is kept: %+v", got.Lease)
			}
			if got.Status != tc.want || (got.Version != n.Version) != tc.moved {
				t.Errorf("it is %s, written: %v", got.Status, got.Version != n.Version)
			}
			if again := got.Version; tc.moved {
				w.run()
				if got, _ = w.store.Notice(ctx, "int_a", n.Dedupe); got.Version != again {
					t.Error("the next run, a moment later, wrote it once more")
				}
			}
		})
	}
}
