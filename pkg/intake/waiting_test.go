package intake

import (
	"testing"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
)

// What says nothing about the key keeps the file waiting, is told to support
// where time alone may not help, and ends well once Apple answers.
func TestAnswersThatSayNothingAboutTheKey(t *testing.T) {
	for name, tc := range map[string]struct {
		faults []asctest.Fault
		ahead  time.Duration // Apple's clock
		wait   string
		stuck  int // notices to support
	}{
		"403 to everything":        {faults: []asctest.Fault{{Effect: asctest.Forbid403}}, wait: "forbidden_at_all", stuck: 1},
		"403 without a body":       {faults: []asctest.Fault{{Effect: asctest.EmptyBody, Status: 403}}, wait: "outage"},
		"401 without a body":       {faults: []asctest.Fault{{Effect: asctest.EmptyBody, Status: 401}}, wait: "outage"},
		"another program's 403":    {faults: []asctest.Fault{{Effect: asctest.OtherJSON}}, wait: "outage"},
		"another program's 401":    {faults: []asctest.Fault{{Effect: asctest.OtherJSON, Status: 401}}, wait: "outage"},
		"a page of HTML":           {faults: []asctest.Fault{{Effect: asctest.HTMLError, Status: 403}}, wait: "outage"},
		"our clock is an hour off": {ahead: time.Hour, wait: "clock", stuck: 1},
		"403 on provisioning, an Admin key": {faults: []asctest.Fault{
			{Effect: asctest.Forbid403, Path: "/v1/certificates"}, {Effect: asctest.Forbid403, Path: "/v1/profiles"}, {Effect: asctest.Forbid403, Path: "/v1/bundleIds"},
		}, wait: "not_the_role", stuck: 1},
		"403 on bundle IDs alone": {faults: []asctest.Fault{{Effect: asctest.Forbid403, Path: "/v1/bundleIds"}}, wait: "not_the_role", stuck: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.invite("int_a", "acme", "publish")
			k := w.key()
			for _, f := range tc.faults {
				_, err := w.apple.Fail(f)
				must(t, err)
			}
			w.apple.Advance(tc.ahead)
			w.post(w.formFor("int_a", uplA, k), k.FileName, k.PEM)
			w.until(2 * time.Hour)
			if got, want := w.verdict("int_a", uplA), "waiting "+tc.wait; got != want {
				t.Fatalf("after two hours the upload is %q, want %q", got, want)
			}
			if n := w.notices("int_a", integration.NoticeUploadStuck); n != tc.stuck {
				t.Errorf("support heard %d times that the file waits, want %d", n, tc.stuck)
			}
			w.apple.ClearFaults()
			w.apple.Advance(-tc.ahead)
			w.settle()
			if got := w.verdict("int_a", uplA); got != "accepted" {
				t.Errorf("in the end the upload is %q", got)
			}
		})
	}
}

// until lets time pass, with whatever comes due.
func (w *world) until(d time.Duration) {
	w.t.Helper()
	for end := w.clock().Add(d); ; {
		w.drain()
		at, err := w.queue.NextVisibleAt()
		must(w.t, err)
		if at.IsZero() || at.After(end) {
			return
		}
		w.pass(max(at.Sub(w.clock()), 0))
	}
}
