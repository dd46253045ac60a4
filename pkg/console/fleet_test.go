package console_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// MustSetFleet changes the fleet's status.
func (r *rig) MustSetFleet(change func(*integration.FleetStatus)) {
	r.t.Helper()
	before := r.status()
	after := before
	change(&after)
	must(r.t, r.db.Store().SetFleet(context.Background(), before, after, nil))
}

func (r *rig) status() integration.FleetStatus {
	r.t.Helper()
	f, err := r.db.Store().Fleet(context.Background())
	must(r.t, err)
	return f
}

// MustHold lets a hold have lasted so long, with one integration bad.
func (r *rig) MustHold(lasts time.Duration) {
	r.t.Helper()
	since := r.now.Add(-lasts)
	r.MustSetFleet(func(f *integration.FleetStatus) { f.Size, f.HoldSince, f.HeldPeak = 140, since, 9 })
	must(r.t, r.db.Store().Mark(context.Background(), integration.MarkedRejected, integration.Mark{Integration: "int_x", At: since}))
}

func TestOverviewShowsTheFleet(t *testing.T) {
	r := newRig(t)
	r.MustHold(time.Hour)
	r.MustSetFleet(func(f *integration.FleetStatus) {
		f.WaveSince, f.WavePeak, f.SilentTold, f.CanaryFails = r.now, 4, r.now, true
	})
	page := r.get("/", 200)
	wantText(t, page, "Fleet hold since 22 Nov 2025", "1 is bad now", "At most 9", "If it lasts until 23 Nov 2025, 08:00 UTC, you may end it",
		"Agreement wave", "At most 4", "Apple answers nobody", "The canary fails")
	if contains(page, "/fleet/end-hold") {
		t.Error("a young hold can be ended")
	}
}

func TestEndingAHold(t *testing.T) {
	r := newRig(t)
	r.MustHold(24 * time.Hour)
	wantText(t, r.get("/", 200), `href="/fleet/end-hold"`, "it is for you to decide")
	wantText(t, r.get("/fleet/end-hold", 200), "End the fleet hold?", "1 of 140", "9 at once", "When not to", "Leave it on", `method="post"`)
	wantText(t, r.post("/fleet/end-hold", nil, 422), "Nothing was changed", "<title>Error: ")
	if r.status().HoldSince.IsZero() {
		t.Fatal("it has ended without a look")
	}
	page := r.post("/fleet/end-hold", url.Values{"sure": {"yes"}}, 200)
	wantText(t, page, "The fleet hold has ended", "Fleet hold ended by support Support", "22 Nov 2025, 09:00 UTC")
	if st := r.status(); !st.HoldSince.IsZero() || st.ReleasedBy != "support Support" || contains(page, "Fleet hold since") {
		t.Errorf("the status is %+v", st)
	}
	r.now = r.now.Add(25 * time.Hour)
	if contains(r.get("/", 200), "Fleet hold ended by") {
		t.Error("yesterday's decision is news still")
	}
}

func TestAHoldThatMayNotBeEnded(t *testing.T) {
	r := newRig(t)
	sure := url.Values{"sure": {"yes"}}
	wantText(t, r.get("/fleet/end-hold", 409), "There is no fleet hold")
	wantText(t, r.post("/fleet/end-hold", sure, 409), "There is no fleet hold")
	wantText(t, r.post("/fleet/end-hold", nil, 409), "There is no fleet hold")
	r.MustHold(3 * time.Hour)
	wantText(t, r.get("/fleet/end-hold", 409), "may be ended from 23 Nov 2025, 06:00 UTC on")
	wantText(t, r.post("/fleet/end-hold", sure, 409), "3 h old", "from 23 Nov 2025, 06:00 UTC on")
}

func TestOtherSitesEndNoHold(t *testing.T) {
	r := newRig(t)
	r.MustHold(48 * time.Hour)
	r.do(http.MethodPost, "/fleet/end-hold", url.Values{"sure": {"yes"}}, 403, "cross-site")
	if r.status().HoldSince.IsZero() {
		t.Error("the hold has ended")
	}
}
