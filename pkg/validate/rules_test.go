package validate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// TestAnotherKeyInTheVaultIsNeverUsed: whatever Apple said to it would be
// about somebody else's key.
func TestAnotherKeyInTheVaultIsNeverUsed(t *testing.T) {
	w := newWorld(t)
	w.accept("int_a", uplA)
	other, err := w.apple.NewKey(w.team.TeamID)
	must(t, err)
	secret, err := keyfile.Parse(other.PEM)
	must(t, err)
	must(t, w.vault.Delete(context.Background(), "int_a", uplA))
	must(t, w.vault.Put(context.Background(), "int_a", uplA, secret))
	calls := w.apple.Calls()
	it := w.check("int_a", "chk_1")
	if w.apple.Calls() != calls {
		t.Error("the vault holds another key than the one accepted, and Apple was asked with it")
	}
	if logged := w.log.String(); !strings.Contains(logged, `"level":"ERROR","msg":"key not to be had"`) || !strings.Contains(logged, `"another":true`) {
		t.Errorf("the log does not name it: %s", logged)
	}
	if it.State != integration.Active || it.Check.Reason != integration.VaultDown || it.Streak.Count != 0 {
		t.Errorf("it is %s, because %q, with %d rejections; want active, vault", it.State, it.Check.Reason, it.Streak.Count)
	}
}

// TestAClickDoesNotReviveARevokedKey: Apple is asked once more, with a fresh
// token, and the key stays out of use.
func TestAClickDoesNotReviveARevokedKey(t *testing.T) {
	w := newWorld(t)
	k := w.accept("int_a", uplA)
	must(t, w.apple.Revoke(k.KeyID))
	for i := 0; w.integration("int_a").State != integration.Deactivated; i++ {
		if i > 40 {
			t.Fatal("the revoked key is never deactivated")
		}
		w.pass(time.Hour)
		w.check("int_a", integration.CheckID(fmt.Sprintf("chk_%d", i)))
	}
	w.decide("int_a", integration.CheckRequested{By: "contact con_a"})
	if it := w.check("int_a", "chk_click"); it.State != integration.Deactivated {
		t.Errorf("a click made the revoked key %s", it.State)
	}
}

// TestHowCloselyAppleIsAsked holds situation → depth of the check, and whether
// its token is fresh.
func TestHowCloselyAppleIsAsked(t *testing.T) {
	key, other := &integration.Key{Upload: uplA}, &integration.Key{Upload: uplB}
	for _, tc := range []struct {
		name   string
		change func(*integration.Integration)
		k      *integration.Key
		want   string
	}{
		{"healthy", func(*integration.Integration) {}, key, "quick"},
		{"nearly a week since the last full check", func(it *integration.Integration) { it.ProbedAt = start.Add(-7*24*time.Hour + time.Second) }, key, "quick"},
		{"a week since the last full check", func(it *integration.Integration) { it.ProbedAt = start.Add(-7 * 24 * time.Hour) }, key, "full"},
		{"nothing found out yet", func(it *integration.Integration) { it.Findings = nil }, key, "full"},
		{"suspect", func(it *integration.Integration) { it.State = integration.Suspect }, key, "full, fresh token"},
		{"blocked", func(it *integration.Integration) { it.State = integration.ActionRequired }, key, "full, fresh token"},
		{"a streak has begun", func(it *integration.Integration) { it.Streak.Count = 1 }, key, "full, fresh token"},
		{"Apple was silent", func(it *integration.Integration) { it.Unanswered.Since = start }, key, "full, fresh token"},
		{"our user is missing", func(it *integration.Integration) { it.User.Access = integration.UserMissing }, key, "full"},
		{"our user is invited", func(it *integration.Integration) { it.User.Access = integration.UserInvited }, key, "full"},
		{"the other key", func(*integration.Integration) {}, other, "quick, fresh token"},
	} {
		it := integration.Integration{
			State: integration.Active, Key: key, Other: other, ProbedAt: start.Add(-time.Hour),
			Findings: []integration.Finding{{Capability: integration.Apps, Verdict: integration.OK}},
		}
		tc.change(&it)
		p := plan(it, tc.k, start)
		got := "quick"
		if p.Depth == appstoreconnect.Full {
			got = "full"
		}
		if p.FreshToken {
			got += ", fresh token"
		}
		if got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

// TestWhichChecksCount: only the one that was given out, of a key in force.
func TestWhichChecksCount(t *testing.T) {
	for _, tc := range []struct {
		name  string
		check integration.CheckID
		it    integration.Integration
		want  bool
	}{
		{"given out", "chk_1", integration.Integration{Key: &integration.Key{}, State: integration.Active}, true},
		{"another", "chk_2", integration.Integration{Key: &integration.Key{}, State: integration.Active}, false},
		{"no key in force", "chk_1", integration.Integration{State: integration.AwaitingKey}, false},
		{"disconnected", "chk_1", integration.Integration{Key: &integration.Key{}, State: integration.Disconnected}, false},
	} {
		tc.it.Check.Lease = integration.Lease{ID: "chk_1"}
		if got := leased(tc.it, tc.check); got != tc.want {
			t.Errorf("%s: counts %v, want %v", tc.name, got, tc.want)
		}
	}
	if leased(integration.Integration{Key: &integration.Key{}, State: integration.Active}, "") {
		t.Error("a check without an ID counts where none was given out")
	}
}

// TestTurnsForTheFleet holds what was → what Apple says now → the marks that
// change: + is set, - is taken out.
func TestTurnsForTheFleet(t *testing.T) {
	active := integration.Integration{State: integration.Active, Since: start.Add(-90 * time.Hour)}
	active.Check.Verdict = integration.OK
	with := func(change func(*integration.Integration)) integration.Integration {
		it := active
		change(&it)
		return it
	}
	streak := func(s integration.State, v integration.Verdict) integration.Integration {
		return with(func(it *integration.Integration) {
			it.State, it.Check.Verdict = s, v
			it.Streak = integration.Streak{Count: 1, Verdict: v, Since: start.Add(-2 * time.Hour)}
		})
	}
	held := func(cause integration.Reason) integration.Integration {
		return with(func(it *integration.Integration) {
			it.State, it.Cause, it.Since = integration.Suspect, cause, start.Add(-5*time.Hour)
		})
	}
	silent := with(func(it *integration.Integration) { it.Check.Verdict = integration.Inconclusive })
	late := func(by time.Duration) integration.Integration {
		return with(func(it *integration.Integration) {
			it.Check.Verdict = integration.Inconclusive
			it.Unanswered = integration.Unanswered{Since: start.Add(-3 * time.Hour), Until: start.Add(-by)}
		})
	}
	cameBlocked := with(func(it *integration.Integration) { it.State = integration.ActionRequired })
	ok := integration.Outcome{Verdict: integration.OK}
	rejected := integration.Outcome{Verdict: integration.Rejected, Reason: integration.NotAuthorized}
	agreement := integration.Outcome{Verdict: integration.Blocked, Reason: integration.Agreement}
	role := integration.Outcome{Verdict: integration.Blocked, Reason: integration.Role}
	down := integration.Outcome{Verdict: integration.Inconclusive, Reason: integration.Outage}
	for _, tc := range []struct {
		name string
		it   integration.Integration
		o    integration.Outcome
		want string
	}{
		{"good stays good", active, ok, ""},
		{"good, now rejected", active, rejected, "+rejected 0s"},
		{"good, now an agreement", active, agreement, "+agreement 0s"},
		{"good, now the role", active, role, ""},
		{"good, now silent", active, down, "+unanswered 0s"},
		{"still silent", silent, down, ""},
		{"still silent, asked a little late", late(10*time.Minute - time.Second), down, ""},
		{"still silent, nobody asked for ten minutes", late(10 * time.Minute), down, "+unanswered 2h50m0s"},
		{"silent, now good", silent, ok, "-unanswered"},
		{"silent, now rejected", silent, rejected, "-unanswered +rejected 0s"},
		{"active with a streak, rejected again", streak(integration.Active, integration.Rejected), rejected, "-agreement"},
		{"rejected, rejected again", streak(integration.Suspect, integration.Rejected), rejected, "-agreement"},
		{"rejected, now good", streak(integration.Suspect, integration.Rejected), ok, "-rejected +recovered 2h0m0s -agreement"},
		{"rejected, now an agreement", streak(integration.Suspect, integration.Rejected), agreement, "-rejected"},
		{"blocked, now good", streak(integration.Suspect, integration.Blocked), ok, "-rejected -agreement"},
		{"blocked, now rejected", streak(integration.ActionRequired, integration.Blocked), rejected, "+rejected 0s -agreement"},
		{"deactivated, then blocked, now rejected", streak(integration.Deactivated, integration.Blocked), rejected, "-agreement"},
		{"blocked when it came, now rejected", cameBlocked, rejected, "+rejected 0s -agreement"},
		{"not authorized during a hold, now good", held(integration.NotAuthorized), ok, "-rejected +recovered 5h0m0s -agreement"},
		{"forbidden during a hold, now good", held(integration.ForbiddenAtAll), ok, "-rejected +recovered 5h0m0s -agreement"},
		{"an agreement during a hold, now good", held(integration.Agreement), ok, "-rejected -agreement"},
	} {
		var got []string
		for _, turn := range Turns(tc.it, tc.o, start) {
			if turn.On {
				got = append(got, fmt.Sprintf("+%s %v", turn.Set, start.Sub(turn.At)))
			} else {
				got = append(got, "-"+string(turn.Set))
			}
		}
		if s := strings.Join(got, " "); s != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, s, tc.want)
		}
	}
}

// TestApplesSilenceToAllIsSeen: a day of silence to one is told to support
// only while Apple answers the others.
func TestApplesSilenceToAllIsSeen(t *testing.T) {
	for _, tc := range []struct {
		name   string
		size   int
		marked int
		since  time.Duration
		want   bool
	}{
		{"half of four", 4, 2, 23 * time.Hour, true},
		{"fewer than half of four", 4, 1, 23 * time.Hour, false},
		{"three of five", 5, 3, 23 * time.Hour, true},
		{"two of five", 5, 2, 23 * time.Hour, false},
		{"one of one", 1, 1, 23 * time.Hour, false},
		{"two, of a fleet not counted yet", 0, 2, 23 * time.Hour, true},
		{"not long enough", 4, 4, 23*time.Hour - time.Second, false},
		{"answered until now", 4, 4, 0, false},
	} {
		w := newWorld(t)
		ctx := context.Background()
		must(t, w.store.SetFleet(ctx, integration.FleetStatus{}, integration.FleetStatus{Size: tc.size}, nil))
		for i := range tc.marked {
			id := integration.ID(fmt.Sprintf("int_%d", i))
			must(t, w.store.Mark(ctx, integration.MarkedUnanswered, integration.Mark{Integration: id, At: start}))
		}
		it := integration.Integration{State: integration.Active}
		if tc.since > 0 {
			it.Unanswered.Since = start.Add(-tc.since)
		}
		v, err := w.service.view(ctx, it, integration.Outcome{Verdict: integration.Inconclusive})
		if err != nil || v.Silent != tc.want {
			t.Errorf("%s: silent to all %v (%v), want %v", tc.name, v.Silent, err, tc.want)
		}
		if v, _ := w.service.view(ctx, it, integration.Outcome{Verdict: integration.Rejected}); v.Silent {
			t.Errorf("%s: an answer counts as silence", tc.name)
		}
	}
}

// TestOnlyAHealthyCheckSkipsTheFleet: whoever has something to tell, or to
// count, must know of a hold.
func TestOnlyAHealthyCheckSkipsTheFleet(t *testing.T) {
	for name, change := range map[string]func(*integration.Integration){
		"suspect":        func(it *integration.Integration) { it.State = integration.Suspect },
		"streak":         func(it *integration.Integration) { it.Streak.Count = 1 },
		"silence":        func(it *integration.Integration) { it.Unanswered.Since = start },
		"a problem told": func(it *integration.Integration) { it.Told.Problem = integration.Role },
		"a second key":   func(it *integration.Integration) { it.Other = &integration.Key{} },
	} {
		it := integration.Integration{State: integration.Active}
		if !quiet(it) {
			t.Fatal("a healthy integration is not quiet")
		}
		change(&it)
		if quiet(it) {
			t.Errorf("%s: the fleet's status is not read", name)
		}
	}
}

// TestMessagesWithOtherShapesAreDropped: they never come again.
func TestMessagesWithOtherShapesAreDropped(t *testing.T) {
	w := newWorld(t)
	w.service.Store = unreadable{w.service.Store}
	got := w.deliver(
		`{"integration":"int_a","check":"chk_1"}`, `{"integration":"x","check":"chk_1"}`, `{"integration":"int_a","check":"x"}`, `text`)
	if !slices.Equal(got, []string{"a"}) {
		t.Errorf("%v come again, want the one well-formed message", got)
	}
}

// unreadable is a store that reads no integration.
type unreadable struct{ Store }

func (unreadable) Integration(context.Context, integration.ID) (integration.Integration, error) {
	return integration.Integration{}, context.DeadlineExceeded
}

// TestACheckWaitsForItsOwnMargin holds the margin of 5 s, or half of what is
// left where that is little.
func TestACheckWaitsForItsOwnMargin(t *testing.T) {
	w := newWorld(t)
	for left, want := range map[time.Duration]time.Duration{time.Minute: 55 * time.Second, 4 * time.Second: 2 * time.Second} {
		ctx, cancel := context.WithTimeout(context.Background(), left)
		inner, stop := w.service.inTime(ctx)
		end, _ := inner.Deadline()
		if got := time.Until(end); got > want || got < want-time.Second {
			t.Errorf("of %v Apple gets %v, want %v", left, got, want)
		}
		stop()
		cancel()
	}
}

// TestMissingConfigurationIsNamed, all of it together.
func TestMissingConfigurationIsNamed(t *testing.T) {
	_, err := New(Config{})
	for _, name := range []string{"Store", "Vault", "Apple", "Now"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}
