package sweep

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// TestHowManyTurnsBeginAHold holds the usual number and the fleet's size →
// how many turns are too many.
func TestHowManyTurnsBeginAHold(t *testing.T) {
	for _, tc := range []struct {
		usual float64
		size  int
		want  int
	}{
		{0, 0, 3}, {0, 100, 3}, {1, 61, 4}, {1, 60, 3}, {4, 1000, 20}, {4.1, 1000, 21}, {4, 200, 10}, {1.1, 1000, 20},
		{0, 5000, 100}, {60, 5000, 250}, {math.Inf(1), 1000, 50}, {0.9, 200, 5},
	} {
		if got := threshold(tc.usual, tc.size); got != tc.want {
			t.Errorf("usual %v of %d: %d turns begin a hold, want %d", tc.usual, tc.size, got, tc.want)
		}
	}
}

func TestEvaluateAtItsBoundaries(t *testing.T) {
	since := func(d time.Duration) time.Time { return start.Add(-d) }
	for _, tc := range []struct {
		name string
		st   integration.FleetStatus
		f    Facts
		told string
	}{
		{"a hold of nearly a day", integration.FleetStatus{Size: 100, HoldSince: since(24*time.Hour - time.Second), HeldPeak: 10}, Facts{Rejected: marks(10, 24*time.Hour)}, ""},
		{"half of those that began a hold are still bad", integration.FleetStatus{Size: 100, HoldSince: since(3 * time.Hour), HeldPeak: 10}, Facts{Rejected: marks(5, 7*time.Hour)}, ""},
		{"fewer than half of them are", integration.FleetStatus{Size: 100, HoldSince: since(3 * time.Hour), HeldPeak: 10}, Facts{Rejected: marks(4, 7*time.Hour)}, "hold_ended"},
		{"a wave of nearly two days", integration.FleetStatus{Size: 50, WaveSince: since(48*time.Hour - time.Second)}, Facts{Agreement: marks(9, 47*time.Hour)}, ""},
		{"half of a wave's threshold is left", integration.FleetStatus{Size: 1000, WaveSince: since(time.Hour)}, Facts{Agreement: marks(25, time.Hour)}, ""},
		{"fewer than that", integration.FleetStatus{Size: 1000, WaveSince: since(time.Hour)}, Facts{Agreement: marks(24, time.Hour)}, "wave_ended"},
		{"a wave begins in a large fleet", integration.FleetStatus{Size: 1000}, Facts{Agreement: marks(50, time.Hour)}, "wave_began"},
		{"agreements of over six hours ago", integration.FleetStatus{Size: 50}, Facts{Agreement: marks(3, 6*time.Hour+time.Second)}, ""},
		{"silent for nearly a day", integration.FleetStatus{Size: 4}, Facts{Unanswered: marks(4, 24*time.Hour-time.Second)}, ""},
		{"silent to two of five", integration.FleetStatus{Size: 5}, Facts{Unanswered: marks(2, 25*time.Hour)}, ""},
		{"silent to three of five", integration.FleetStatus{Size: 5}, Facts{Unanswered: marks(3, 25*time.Hour)}, "fleet_unanswered"},
		{"canary fails nearly a day after a release", integration.FleetStatus{Size: 100, ReleasedAt: since(24*time.Hour - time.Second)}, Facts{CanaryBad: true}, ""},
		{"canary fails during a wave", integration.FleetStatus{Size: 50, WaveSince: since(time.Hour)}, Facts{CanaryBad: true, Agreement: marks(5, time.Hour)}, ""},
	} {
		tc.f.Now = start
		if _, told := Evaluate(tc.st, tc.f); kinds(told) != tc.told {
			t.Errorf("%s: told %q, want %q", tc.name, kinds(told), tc.told)
		}
	}
}

// TestCountersOfTheFleetAreReset once what they count is over.
func TestCountersOfTheFleetAreReset(t *testing.T) {
	old := integration.FleetStatus{Size: 100, HoldSince: start.Add(-30 * time.Hour), HeldPeak: 10, OverdueTold: true}
	if st, _ := Evaluate(old, Facts{Now: start}); st.HeldPeak != 0 || st.OverdueTold {
		t.Errorf("after the hold its peak is %d, overdue told %v: not reset", st.HeldPeak, st.OverdueTold)
	}
	stale := integration.FleetStatus{Size: 100, HeldPeak: 50, OverdueTold: true}
	if st, _ := Evaluate(stale, Facts{Now: start, Rejected: marks(4, time.Hour)}); st.HeldPeak != 4 || st.OverdueTold || !st.HoldSince.Equal(start) {
		t.Errorf("a new hold begins with peak %d, overdue told %v", st.HeldPeak, st.OverdueTold)
	}
	bad := integration.FleetStatus{Size: 100, CanaryBad: true, CanaryFails: true}
	if st, _ := Evaluate(bad, Facts{Now: start}); st.CanaryBad || st.CanaryFails {
		t.Error("a canary that is good again still counts as failing")
	}
	if st, _ := Evaluate(bad, Facts{Now: start, CanaryBad: true, Rejected: marks(9, time.Hour)}); !st.CanaryFails {
		t.Error("a hold makes support hear of the same canary twice")
	}
	silent := integration.FleetStatus{Size: 4, SilentTold: start.Add(-time.Hour)}
	if st, _ := Evaluate(silent, Facts{Now: start, Unanswered: marks(2, 25*time.Hour)}); st.SilentTold.IsZero() {
		t.Error("Apple is still silent to half of the fleet, and support would be told anew")
	}
	quiet, _ := Evaluate(integration.FleetStatus{Size: 1000, Usual: 1}, Facts{Now: start, Size: 900, Counted: true, Rejected: marks(2, time.Hour)})
	if math.Abs(quiet.Usual-1.02) > 1e-9 || !quiet.SizedAt.Equal(start) {
		t.Errorf("usual is %v, counted at %v; want 1.02, now", quiet.Usual, quiet.SizedAt)
	}
}

// TestNoticesAboutTheFleetSaySinceWhenAndHowMany.
func TestNoticesAboutTheFleetSaySinceWhenAndHowMany(t *testing.T) {
	mixed := append(marks(1, 25*time.Hour), integration.Mark{Integration: "int_early", At: start.Add(-30 * time.Hour)})
	_, told := Evaluate(integration.FleetStatus{Size: 4}, Facts{Now: start, Unanswered: append(mixed, marks(1, time.Hour)...)})
	if len(told) != 1 || told[0].Facts.Count != 2 || !told[0].Facts.Since.Equal(start.Add(-30*time.Hour)) {
		t.Errorf("Apple's silence: %+v, want two since 30 h ago", told)
	}
	st := integration.FleetStatus{Size: 100, HoldSince: start.Add(-25 * time.Hour), HeldPeak: 10}
	_, told = Evaluate(st, Facts{Now: start, Rejected: marks(12, 25*time.Hour)})
	if len(told) != 1 || told[0].Facts.Peak != 12 || told[0].Facts.Count != 12 {
		t.Errorf("an old hold: %+v, want 12 at most and 12 now", told)
	}
}

// TestWhatAnIntegrationNeedsNow: not only checks are due.
func TestWhatAnIntegrationNeedsNow(t *testing.T) {
	key := &integration.Key{Upload: upl(1)}
	past, now, future := start.Add(-time.Hour), start, start.Add(time.Second)
	lease := integration.Lease{ID: "chk_1", Until: future}
	for _, tc := range []struct {
		name string
		it   integration.Integration
		want string
	}{
		{"nothing", integration.Integration{Key: key}, ""},
		{"a check, just now", integration.Integration{Key: key, Check: integration.CheckState{DueAt: now}}, "check"},
		{"a check in a second", integration.Integration{Key: key, Check: integration.CheckState{DueAt: future}}, ""},
		{"a check that somebody does", integration.Integration{Key: key, Check: integration.CheckState{DueAt: past, Lease: lease}}, ""},
		{"a check whose lease ran out now", integration.Integration{Key: key, Check: integration.CheckState{DueAt: past, Lease: integration.Lease{ID: "chk_1", Until: now}}}, "check"},
		{"a check without a key", integration.Integration{Check: integration.CheckState{DueAt: past}}, ""},
		{"certificates alone", integration.Integration{Key: key, Certificates: integration.CertificateState{DueAt: now}}, "certificates"},
		{"certificates that somebody lists", integration.Integration{Key: key, Certificates: integration.CertificateState{DueAt: past, Lease: lease}}, ""},
		{"certificates without a key", integration.Integration{Certificates: integration.CertificateState{DueAt: past}}, ""},
		{"a secret to be deleted", integration.Integration{Trash: []integration.Discarded{{Upload: upl(1), Since: now}}}, "empty"},
		{"a secret to be deleted later", integration.Integration{Trash: []integration.Discarded{{Upload: upl(1), Since: future}}}, ""},
		{"a secret first, then the rest", integration.Integration{
			Key: key, Trash: []integration.Discarded{{Upload: upl(2), Since: past}},
			Check: integration.CheckState{DueAt: past}, Certificates: integration.CertificateState{DueAt: past},
		}, "empty check certificates"},
	} {
		var got []string
		for _, k := range plan(tc.it, start) {
			got = append(got, string(k))
		}
		if s := strings.Join(got, " "); s != tc.want {
			t.Errorf("%s: due is %q, want %q", tc.name, s, tc.want)
		}
	}
}

// TestWhatBecomesOfALateNotice at the boundaries of its times.
func TestWhatBecomesOfALateNotice(t *testing.T) {
	due := start.Add(-time.Minute)
	for _, tc := range []struct {
		name string
		n    integration.Notice
		want string
	}{
		{"pending", integration.Notice{Status: integration.Pending, CreatedAt: due, DueAt: due}, "again"},
		{"due just now", integration.Notice{Status: integration.Pending, CreatedAt: due, DueAt: start}, "again"},
		{"due in a second", integration.Notice{Status: integration.Pending, CreatedAt: due, DueAt: start.Add(time.Second)}, ""},
		{"sent", integration.Notice{Status: integration.Sent, CreatedAt: due, DueAt: due}, ""},
		{"48 h old", integration.Notice{Status: integration.Pending, CreatedAt: start.Add(-48 * time.Hour), DueAt: due}, "again"},
		{"over 48 h old", integration.Notice{Status: integration.Pending, CreatedAt: start.Add(-48*time.Hour - time.Second), DueAt: due}, "drop"},
		{"written long ago, to go out now", integration.Notice{Status: integration.Pending, CreatedAt: start.Add(-90 * time.Hour), NotBefore: due, DueAt: due}, "again"},
		{"leased until 10 min ago, less a second", integration.Notice{Status: integration.Sending, CreatedAt: due, DueAt: due,
			Lease: integration.Lease{ID: "chk_1", Until: start.Add(-10*time.Minute + time.Second)}}, ""},
		{"leased until 10 min ago", integration.Notice{Status: integration.Sending, CreatedAt: due, DueAt: due,
			Lease: integration.Lease{ID: "chk_1", Until: start.Add(-10 * time.Minute)}}, "again"},
	} {
		if got := string(chase(tc.n, start)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestSecretInForceIsNeverDeleted, though it is listed for deletion; and its
// key stays owned.
func TestSecretInForceIsNeverDeleted(t *testing.T) {
	for _, other := range []bool{false, true} {
		w := newWorld(t)
		k := newKey(t)
		w.invite("int_a")
		w.accept("int_a", upl(1), k)
		if other {
			w.accept("int_a", upl(2), newKey(t))
		}
		before := w.integration("int_a")
		after := before
		after.Trash = []integration.Discarded{{Upload: upl(1), Fingerprint: k.Fingerprint(), Since: start}}
		must(t, w.store.Commit(context.Background(), integration.Change{Integration: integration.Put(before, after)}))
		w.run()
		if _, err := w.vault.Get(context.Background(), "int_a", upl(1)); err != nil || w.holders(k) != 1 {
			t.Errorf("kept beside another: %v: a secret in use was deleted (%v), %d own its key", other, err, w.holders(k))
		}
		if left := w.integration("int_a").Trash; len(left) != 0 {
			t.Errorf("still listed for deletion: %v", left)
		}
	}
}

// TestWhichKeysStayOwned when secrets have left the vault.
func TestWhichKeysStayOwned(t *testing.T) {
	key := &integration.Key{Upload: upl(1), Fingerprint: "f"}
	gone := []integration.UploadID{upl(2)}
	for _, tc := range []struct {
		name string
		it   integration.Integration
		want bool
	}{
		{"in force", integration.Integration{Key: key}, true},
		{"beside the key in force", integration.Integration{Other: key}, true},
		{"pending deletion later", integration.Integration{Trash: []integration.Discarded{{Upload: upl(3), Fingerprint: "f"}}}, true},
		{"deleted", integration.Integration{Trash: []integration.Discarded{{Upload: upl(2), Fingerprint: "f"}}}, false},
		{"others alone", integration.Integration{Key: &integration.Key{Fingerprint: "g"}, Trash: []integration.Discarded{{Upload: upl(3), Fingerprint: "g"}}}, false},
	} {
		if got := held(tc.it, gone, "f"); got != tc.want {
			t.Errorf("%s: owned %v, want %v", tc.name, got, tc.want)
		}
	}
}

// TestWhichMarksAreStillTrue holds what is known of the integration → the sets
// that it belongs to.
func TestWhichMarksAreStillTrue(t *testing.T) {
	sets := []integration.MarkSet{integration.MarkedRejected, integration.MarkedAgreement, integration.MarkedUnanswered}
	for _, tc := range []struct {
		state   integration.State
		verdict integration.Verdict
		reason  integration.Reason
		want    string
	}{
		{integration.Active, integration.OK, "", ""},
		{integration.Active, integration.Inconclusive, integration.Outage, "unanswered"},
		{integration.Suspect, integration.Inconclusive, integration.Outage, "rejected agreement unanswered"},
		{integration.Suspect, integration.Rejected, integration.NotAuthorized, "rejected"},
		{integration.Deactivated, integration.Rejected, integration.NotAuthorized, "rejected"},
		{integration.ActionRequired, integration.Blocked, integration.Agreement, "agreement"},
		{integration.ActionRequired, integration.Blocked, integration.Role, ""},
	} {
		it := integration.Integration{State: tc.state, Key: &integration.Key{}}
		it.Check.Verdict, it.Check.Reason = tc.verdict, tc.reason
		var got []string
		for _, set := range sets {
			if holds(set, it) {
				got = append(got, string(set))
			}
			if it.Key = nil; holds(set, it) {
				t.Errorf("%s counts as %s without a key", tc.state, set)
			}
			it.Key = &integration.Key{}
		}
		if s := strings.Join(got, " "); s != tc.want {
			t.Errorf("%s, %s %s: %q, want %q", tc.state, tc.verdict, tc.reason, s, tc.want)
		}
	}
}

// TestMarksAreProvedInTurns: fifty in one run, each once in a round, and none
// whose check may still be under way.
func TestMarksAreProvedInTurns(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	left := marks(120, 15*time.Minute)
	young := integration.Mark{Integration: "int_young", At: start.Add(-15*time.Minute + time.Second)}
	for _, want := range []int{70, 20, 0} {
		kept, err := w.service.prove(ctx, integration.MarkedRejected, left, w.clock())
		must(t, err)
		if len(kept) != want {
			t.Fatalf("of %d stale marks %d are left, want %d", len(left), len(kept), want)
		}
		left = kept
	}
	kept, err := w.service.prove(ctx, integration.MarkedRejected, []integration.Mark{young}, w.clock())
	must(t, err)
	if len(kept) != 1 {
		t.Error("a mark was taken out while its check may be under way")
	}
	for ago, want := range map[time.Duration]int{6 * time.Hour: 1, 6*time.Hour + time.Second: 0} {
		kept, err := w.service.prove(ctx, integration.MarkedRecovered, marks(1, ago), start)
		must(t, err)
		if len(kept) != want {
			t.Errorf("of who recovered %v ago %d is left, want %d", ago, len(kept), want)
		}
	}
	seen := map[integration.ID]bool{}
	all := marks(100, time.Hour)
	for minute := range 2 {
		kept, err := w.service.prove(ctx, integration.MarkedRejected, all, start.Add(time.Duration(minute)*time.Minute))
		must(t, err)
		if len(kept) != 50 {
			t.Errorf("in one run %d of 100 marks had their turn, want 50", 100-len(kept))
		}
		for _, m := range all {
			if !slices.Contains(kept, m) {
				seen[m.Integration] = true
			}
		}
	}
	if len(seen) != 100 {
		t.Errorf("in two runs %d of 100 marks had their turn", len(seen))
	}
}

// TestTheFleetIsCountedOnceAnHour, all states that have a key.
func TestTheFleetIsCountedOnceAnHour(t *testing.T) {
	w := newWorld(t)
	w.invite("int_none")
	w.invite("int_a")
	w.accept("int_a", upl(1), newKey(t))
	w.invite("int_b")
	w.accept("int_b", upl(2), newKey(t))
	w.reject("int_b")
	for ago, counted := range map[time.Duration]bool{time.Hour: true, time.Hour - time.Second: false} {
		f, err := w.service.facts(context.Background(), integration.FleetStatus{Size: 77, SizedAt: start.Add(-ago)})
		must(t, err)
		if want := map[bool]int{true: 2, false: 77}[counted]; f.Counted != counted || f.Size != want {
			t.Errorf("counted %v ago: counted anew %v, size %d; want %v, %d", ago, f.Counted, f.Size, counted, want)
		}
	}
}

// TestWhenTheVendorsOwnKeyFails for certain.
func TestWhenTheVendorsOwnKeyFails(t *testing.T) {
	for _, tc := range []struct {
		name  string
		state integration.State
		count int
		want  bool
	}{
		{"active", integration.Active, 0, false}, {"rejected once", integration.Suspect, 1, false}, {"rejected twice", integration.Suspect, 2, true},
		{"blocked", integration.ActionRequired, 0, true}, {"deactivated", integration.Deactivated, 0, true},
	} {
		w := newWorld(t)
		w.service.Canary = "int_a"
		w.invite("int_a")
		before := w.integration("int_a")
		after := before
		after.State, after.Streak.Count = tc.state, tc.count
		must(t, w.store.Commit(context.Background(), integration.Change{Integration: integration.Put(before, after)}))
		if got, err := w.service.canaryBad(context.Background()); err != nil || got != tc.want {
			t.Errorf("%s: fails %v (%v), want %v", tc.name, got, err, tc.want)
		}
	}
	w := newWorld(t)
	w.service.Canary = "int_missing"
	if got, err := w.service.canaryBad(context.Background()); err != nil || got {
		t.Errorf("a canary that does not exist fails: %v, %v", got, err)
	}
}

// TestOneRunIsBounded: in objects, dead letters, their rounds, and time.
func TestOneRunIsBounded(t *testing.T) {
	w := newWorld(t)
	many := make(objects, 201)
	for i := range many {
		many[i] = integration.Object{Key: fmt.Sprint(i), At: start.Add(-time.Hour)}
	}
	w.service.Objects = many
	var asked [2]int
	w.service.DeadLetters = letters(func(limit, rounds int) (int, int, error) {
		asked = [2]int{limit, rounds}
		return 0, 0, nil
	})
	if r := w.run(); r.Objects != 200 || asked != [2]int{100, 3} || r.Unfinished {
		t.Errorf("the run did %+v, dead letters and rounds %v", r, asked)
	}
	over, end := context.WithCancel(context.Background())
	end()
	if r, _ := w.service.Run(over); !r.Unfinished {
		t.Errorf("a run without time did %+v: it does not say that work is left", r)
	}
	for left, want := range map[time.Duration]time.Duration{time.Minute: 50 * time.Second, 8 * time.Second: 4 * time.Second} {
		ctx, cancel := context.WithTimeout(context.Background(), left)
		inner, stop := w.service.inTime(ctx)
		end, _ := inner.Deadline()
		if got := time.Until(end); got > want || got < want-2*time.Second {
			t.Errorf("of %v a run works for %v, want %v", left, got, want)
		}
		stop()
		cancel()
	}
}

// TestTheLogNamesWhatARunDid and nothing else.
func TestTheLogNamesWhatARunDid(t *testing.T) {
	for want, r := range map[string]Result{
		"[]":                         {},
		"[checks=1 stuck=2]":         {Checks: 1, Stuck: 2},
		"[failed=3 unfinished=true]": {Failed: 3, Unfinished: true},
	} {
		if got := r.LogValue().String(); got != want {
			t.Errorf("the log has %s, want %s", got, want)
		}
	}
}

// TestMissingConfigurationIsNamed, all of it together.
func TestMissingConfigurationIsNamed(t *testing.T) {
	_, err := New(Config{})
	for _, name := range []string{"Store", "Vault", "Objects", "Checks", "Certificates", "Intake", "Now"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}
