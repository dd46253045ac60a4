package sweep

import (
	"context"
	"fmt"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// TestACanaryThatFailsAloneIsToldToSupport, once, and to nobody else.
func TestACanaryThatFailsAloneIsToldToSupport(t *testing.T) {
	w := newWorld(t)
	w.service.Canary = "int_0"
	for i := range 4 {
		id := integration.ID(fmt.Sprintf("int_%d", i))
		w.invite(id)
		w.accept(id, upl(i), newKey(t))
	}
	for range 2 {
		w.reject("int_0")
		w.pass(5 * time.Minute)
	}
	must(t, w.store.Mark(context.Background(), integration.MarkedRejected, integration.Mark{Integration: "int_0", At: w.clock()}))
	for range 5 {
		w.pass(time.Minute)
		w.run()
	}
	if st := w.status(); !st.CanaryFails || !st.HoldSince.IsZero() {
		t.Errorf("the status is %+v", st)
	}
	ns, err := w.store.Notices(context.Background(), integration.Fleet)
	must(t, err)
	if kinds(ns) != "canary_fails" || ns[0].Audience != integration.ToSupport {
		t.Errorf("support is told %q", kinds(ns))
	}
	for i := range 4 {
		id := integration.ID(fmt.Sprintf("int_%d", i))
		if it := w.integration(id); it.State != integration.Active && i > 0 || it.Told.Problem != "" {
			t.Errorf("%s is %s", id, it.State)
		}
		for _, k := range []integration.NoticeKind{integration.NoticeAccessLost, integration.NoticeActionRequired} {
			if n := w.notices(id, k); n != 0 {
				t.Errorf("%s: %d of %s", id, n, k)
			}
		}
	}
}
