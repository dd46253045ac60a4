package operator_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// MustSetFleet changes the fleet's status.
func (r *rig) MustSetFleet(change func(*integration.FleetStatus)) {
	r.t.Helper()
	before := r.status()
	after := before
	change(&after)
	if err := r.db.Store().SetFleet(context.Background(), before, after, nil); err != nil {
		r.t.Fatal(err)
	}
}

// MustHold begins a fleet hold.
func (r *rig) MustHold(since time.Time, peak int) {
	r.t.Helper()
	r.MustSetFleet(func(f *integration.FleetStatus) { f.HoldSince, f.HeldPeak, f.OverdueTold = since, peak, true })
}

// MustMark puts an integration into a set.
func (r *rig) MustMark(set integration.MarkSet, id string, at time.Time) {
	r.t.Helper()
	err := r.db.Store().Mark(context.Background(), set, integration.Mark{Integration: integration.ID(id), At: at})
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) status() integration.FleetStatus {
	r.t.Helper()
	f, err := r.db.Store().Fleet(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	return f
}

// fleetNotices are the mails about all integrations together.
func (r *rig) fleetNotices() []integration.Notice {
	r.t.Helper()
	ns, err := r.db.Store().Notices(context.Background(), integration.Fleet)
	if err != nil {
		r.t.Fatal(err)
	}
	return ns
}

func TestFleet(t *testing.T) {
	r := newRig(t)
	id := r.MustInvite("acme-ios").ID
	r.MustActivate(id)
	r.MustInvite("acme-android")
	r.MustHold(r.now.Add(-23*time.Hour), 9)
	r.MustSetFleet(func(f *integration.FleetStatus) {
		f.Size, f.WaveSince, f.SilentTold, f.CanaryFails = 1, r.now.Add(-time.Hour), r.now, true
	})
	r.MustMark(integration.MarkedRejected, id, r.now.Add(-20*time.Hour))
	r.MustMark(integration.MarkedRejected, "int_long_before", r.now.Add(-30*time.Hour))
	r.MustMark(integration.MarkedAgreement, id, r.now.Add(-time.Minute))
	f, err := r.support.Fleet(context.Background())
	if err != nil || f.Counts["active"] != 1 || f.Counts["awaiting_key"] != 1 || f.Counts["suspect"] != 0 || f.Size != 1 {
		t.Errorf("got %+v, %v", f, err)
	}
	if !f.Hold || f.HeldPeak != 9 || f.HeldNow != 1 || f.MayEndHold || !f.MayEndHoldAt.Equal(r.now.Add(time.Hour)) {
		t.Errorf("the hold is %+v", f)
	}
	if !f.Wave || f.WaveNow != 1 || f.WavePeak != 1 || !f.Silent || !f.SilentTold.Equal(r.now) || !f.CanaryFails {
		t.Errorf("the rest is %+v", f)
	}
}

func TestEndHold(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	id := r.MustInvite("acme-ios").ID
	since := r.now.Add(-24 * time.Hour)
	r.MustHold(since, 9)
	r.MustMark(integration.MarkedRejected, id, since)
	done, err := r.support.EndHold(ctx)
	if err != nil || done.Fleet.Hold || done.Fleet.MayEndHold || done.Fleet.ReleasedBy != "support jane.doe" || !done.Fleet.ReleasedAt.Equal(r.now) {
		t.Fatalf("got %+v, %v", done, err)
	}
	if !strings.Contains(done.Next, "checked once more") {
		t.Errorf("says %q", done.Next)
	}
	ns := r.fleetNotices()
	if len(ns) != 1 || ns[0].Kind != integration.NoticeHoldEnded || ns[0].Facts.By != "support jane.doe" || ns[0].Facts.Count != 1 || ns[0].Facts.Peak != 9 ||
		ns[0].Facts.Names[0] != "Acme Learning, iOS app" {
		t.Errorf("support is told %+v", ns)
	}
	h, err := r.support.FleetHistory(ctx, "", 0)
	if err != nil || len(h.Entries) != 1 || h.Entries[0].What != "end_hold_requested" || h.Entries[0].Actor != "support jane.doe" || h.Entries[0].Detail != "on since 21 Nov 2025, 09:00 UTC" {
		t.Errorf("history: %+v, %v", h, err)
	}
	_, err = r.support.EndHold(ctx)
	if p := wantCode(t, err, operator.CodeNoHold); p.Status != http.StatusConflict || !strings.Contains(p.Detail, "22 Nov 2025, 09:00 UTC by support jane.doe") {
		t.Errorf("a second time: %+v", p)
	}
	if len(r.fleetNotices()) != 1 {
		t.Error("support is told again")
	}
}

func TestAHoldThatMayNotBeEnded(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	_, err := r.support.EndHold(ctx)
	if p := wantCode(t, err, operator.CodeNoHold); p.Status != http.StatusConflict || p.Detail != "There is no fleet hold." {
		t.Errorf("got %+v", p)
	}
	r.MustHold(r.now.Add(-23*time.Hour-59*time.Minute), 9)
	_, err = r.support.EndHold(ctx)
	p := wantCode(t, err, operator.CodeHoldYoung)
	for _, says := range []string{"23 h 59 min old", "from 22 Nov 2025, 09:01 UTC on", "waits by itself"} {
		if p.Status != http.StatusConflict || !strings.Contains(p.Detail, says) {
			t.Errorf("%q is not in %d %q", says, p.Status, p.Detail)
		}
	}
	if h, err := r.support.FleetHistory(ctx, "", 0); err != nil || len(h.Entries) != 0 || len(r.fleetNotices()) != 0 || r.status().HoldSince.IsZero() {
		t.Errorf("it left traces: %+v, %v", h, err)
	}
}

func TestEndingAHoldIsDeniedAndRecorded(t *testing.T) {
	r := newRig(t)
	r.MustHold(r.now.Add(-48*time.Hour), 9)
	_, err := r.automation.EndHold(context.Background())
	wantCode(t, err, operator.CodeForbidden)
	h, err := r.support.FleetHistory(context.Background(), "", 0)
	if err != nil || len(h.Entries) != 1 || h.Entries[0].What != "denied" || h.Entries[0].Detail != "POST /v1/fleet/end-hold" || h.Entries[0].Actor != "automation build-42" {
		t.Errorf("history: %+v, %v", h, err)
	}
	if r.status().HoldSince.IsZero() {
		t.Error("the hold has ended")
	}
}

// TestEndingAHoldWhileTheSweepWrites: between reading and writing, the sweep
// puts down another status.
func TestEndingAHoldWhileTheSweepWrites(t *testing.T) {
	since := start.Add(-30 * time.Hour)
	for _, tc := range []struct {
		name  string
		sweep func(*integration.FleetStatus)
		code  operator.Code // empty: it ends
		by    string
	}{
		{"a higher peak", func(f *integration.FleetStatus) { f.HeldPeak = 12 }, "", "support jane.doe"},
		{"its own end", func(f *integration.FleetStatus) { *f = f.WithoutHold() }, operator.CodeNoHold, ""},
		{"its own end, and a new hold", func(f *integration.FleetStatus) { f.HoldSince = start }, operator.CodeHoldYoung, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRig(t)
			r.MustHold(since, 9)
			first := true
			r.hooks.Before = func(op string) error {
				if op == "store.SetFleet" && first {
					first = false
					r.MustSetFleet(tc.sweep)
				}
				return nil
			}
			_, err := r.support.EndHold(context.Background())
			if tc.code == "" && err != nil {
				t.Fatal(err)
			}
			if tc.code != "" {
				wantCode(t, err, tc.code)
			}
			if st := r.status(); st.ReleasedBy != tc.by || st.Version < 2 {
				t.Errorf("the status is %+v", st)
			}
			if ns := r.fleetNotices(); tc.code == "" && (len(ns) != 1 || ns[0].Facts.Peak != 12) || tc.code != "" && len(ns) != 0 {
				t.Errorf("support is told %+v", ns)
			}
		})
	}
}

// TestALostAnswerOfTheStore: the write came through, and the store says that
// it did not.
func TestALostAnswerOfTheStore(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer error
		code   operator.Code
	}{{"conflict", integration.ErrConflict, ""}, {"throttled", integration.ErrThrottled, operator.CodeBusy}} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRig(t)
			r.MustHold(r.now.Add(-30*time.Hour), 9)
			first := true
			r.hooks.After = func(op string) error {
				if op == "store.SetFleet" && first {
					first = false
					return tc.answer
				}
				return nil
			}
			_, err := r.support.EndHold(context.Background())
			var p *operator.Problem
			if errors.As(err, &p) != (tc.code != "") || p != nil && p.Code != tc.code {
				t.Errorf("got %v", err)
			}
			if r.status().ReleasedBy == "" || len(r.fleetNotices()) != 1 {
				t.Errorf("the status is %+v", r.status())
			}
		})
	}
}
