package integration

import (
	"errors"
	"testing"
	"time"
)

func TestFirstKeyActivates(t *testing.T) {
	l := newLife(t, "publish")
	wantNotices(t, l.notices, "invitation>admin")
	wantNotices(t, l.accept(fine), "key_accepted>admin")
	l.inState(Active, "")
	if got := l.it.Check.DueAt; got != start.Add(firstCheckAfter) {
		t.Errorf("first check at %v, want %v after acceptance", got, firstCheckAfter)
	}
}

func TestKeyIsKeptWhileAnAgreementIsMissing(t *testing.T) {
	l := newLife(t, "publish")
	wantNotices(t, l.accept(noAgreement), "key_safe>account_holder action_required>support")
	l.inState(ActionRequired, Agreement)
	l.pass(time.Hour)
	wantNotices(t, l.check(fine), "recovered>account_holder recovered>support")
	l.inState(Active, "")
}

func TestOneSpurious401DoesNothing(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.pass(time.Hour)
	wantNotices(t, l.check(fine), "")
	l.pass(6 * time.Hour)
	wantNotices(t, l.check(unauthorized), "")
	l.inState(Suspect, NotAuthorized)
	if d := l.it.Check.DueAt.Sub(l.now); d != 5*time.Minute {
		t.Errorf("checked again after %v, want 5 min", d)
	}
	l.pass(5 * time.Minute)
	wantNotices(t, l.check(fine), "")
	l.inState(Active, "")
}

func TestRevokedKeyIsConfirmedThenTold(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.pass(time.Hour)
	l.check(fine)
	l.notices = nil
	began := l.now.Add(6 * time.Hour)
	l.now = began
	l.check(unauthorized)
	l.untilState(Deactivated, unauthorized)
	if over := l.now.Sub(began); over < 6*time.Hour || over > 6*time.Hour+30*time.Minute {
		t.Errorf("confirmed after %v", over)
	}
	wantNotices(t, l.notices, "access_lost>support access_lost>admin")
	if !l.notices[1].Link || l.notices[0].Link {
		t.Error("the contact's mail carries a link, support's does not")
	}
	if got := l.notices[1].Dedupe; got != "access_lost#admin#1" {
		t.Errorf("the first problem has the occasion %q", got)
	}
	if l.it.Key.RejectedAt.IsZero() {
		t.Error("the key is not marked as dead")
	}
}

func TestTwoMoodsAroundAnOutageAreNotOneTruth(t *testing.T) {
	for _, tc := range []struct {
		name string
		says Outcome
		to   State
		need time.Duration
	}{
		{"rejected", unauthorized, Deactivated, 6 * time.Hour},
		{"blocked", noAgreement, ActionRequired, time.Hour},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLife(t, "publish")
			l.accept(fine)
			l.pass(time.Hour)
			l.check(fine)
			l.pass(Interval)
			began := l.now
			for range 3 {
				l.check(tc.says)
				l.now = l.it.Check.DueAt
				if tc.says.Verdict == Blocked {
					break
				}
			}
			last := l.it.Streak.Last
			for l.now.Before(began.Add(12 * time.Hour)) {
				l.check(outage)
				l.now = l.it.Check.DueAt
			}
			silence := l.now.Sub(last)
			l.check(tc.says)
			l.inState(Suspect, tc.says.Reason)
			l.untilState(tc.to, tc.says)
			if counted := l.now.Sub(began) - silence; counted < tc.need || counted > tc.need+30*time.Minute {
				t.Errorf("confirmed after %v of answers, want %v", counted, tc.need)
			}
		})
	}
}

func TestSmallFleetNeedsADayUnlessThereIsACanary(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fleet FleetView
		want  time.Duration
	}{
		{"four integrations", FleetView{Size: 4}, 24 * time.Hour},
		{"four and a canary", FleetView{Size: 4, Canary: true}, 6 * time.Hour},
		{"five integrations", FleetView{Size: 5}, 6 * time.Hour},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLife(t, "publish")
			l.fleet = tc.fleet
			l.accept(fine)
			l.now = l.it.Check.DueAt
			l.check(unauthorized)
			began := l.now
			l.untilState(Deactivated, unauthorized)
			if over := l.now.Sub(began); over < tc.want || over >= tc.want+time.Hour {
				t.Errorf("confirmed after %v, want %v", over, tc.want)
			}
		})
	}
}

func TestSameCauseIsNotToldTwiceInADay(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.pass(time.Hour)
	l.untilState(ActionRequired, noAgreement)
	told := l.now
	l.pass(time.Hour)
	wantNotices(t, l.check(fine), "recovered>account_holder recovered>support")
	l.notices = nil
	l.now = l.it.Check.DueAt
	l.untilState(ActionRequired, noAgreement)
	if l.now.Sub(told) >= sameCauseAfter {
		t.Fatal("the test is too slow to test anything")
	}
	wantNotices(t, l.notices, "")
	if l.it.Told.RetryAt != told.Add(sameCauseAfter) {
		t.Fatalf("told again at %v", l.it.Told.RetryAt)
	}
	l.now = l.it.Told.RetryAt
	wantNotices(t, l.do(Tick{Fleet: big}), "action_required>support action_required>account_holder")
}

func TestAnswersAboutAnotherKeyOrCheckChangeNothing(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.do(CheckLeased{Check: "chk_1", Until: l.now.Add(time.Minute)})
	for name, ev := range map[string]Checked{
		"another key":   {Check: "chk_1", Used: "upl_old", Outcome: unauthorized},
		"another check": {Check: "chk_0", Used: l.it.Key.Upload, Outcome: unauthorized},
		"no check":      {Used: l.it.Key.Upload, Outcome: unauthorized},
	} {
		before := l.it
		next, notices, err := Apply(l.it, ev, l.now)
		if err != nil || len(notices) > 0 || next.State != before.State || next.Check != before.Check {
			t.Errorf("%s: %v, %v", name, next.State, err)
		}
	}
}

func TestReplacedKeyIsDiscardedAfterTheFirstGoodCheck(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.pass(time.Hour)
	l.check(fine)
	wantNotices(t, l.accept(fine), "key_replaced>admin")
	if len(l.it.Trash) != 0 || l.it.Other == nil {
		t.Fatal("the old key must stay until the new one is proven")
	}
	l.pass(firstCheckAfter)
	wantNotices(t, l.check(fine), "may_revoke>admin")
	if len(l.it.Trash) != 1 || l.it.Trash[0].Upload != "upl_1" || l.it.Other != nil {
		t.Fatalf("trash is %v", l.it.Trash)
	}
}

func TestNewKeyThatFailsIsRolledBackAndComesBack(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.pass(time.Hour)
	l.check(fine)
	l.accept(fine)
	l.pass(firstCheckAfter)
	if !l.it.ConsultsOther(unauthorized) || l.it.ConsultsOther(fine) {
		t.Fatal("the old key is consulted when the new one is rejected, and only then")
	}
	wantNotices(t, l.checkBoth(unauthorized, &fine), "rolled_back>support")
	l.inState(Active, "")
	if !l.it.Key.is("upl_1") || !l.it.Other.is("upl_2") {
		t.Fatal("the old key is not in force")
	}
	l.pass(5 * time.Minute)
	if !l.it.ConsultsOther(fine) {
		t.Fatal("a key rolled back is looked at with every check")
	}
	wantNotices(t, l.checkBoth(fine, &fine), "may_revoke>admin")
	if !l.it.Key.is("upl_2") || l.it.Other != nil {
		t.Fatal("the new key is not back in force")
	}
}

// A team that is not let in at all says nothing against its old key.
func TestNewKeyThatFailsIsRolledBackThoughTheAgreementIsMissing(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(noAgreement)
	l.pass(time.Hour)
	l.accept(noAgreement)
	l.pass(firstCheckAfter)
	wantNotices(t, l.checkBoth(unauthorized, &noAgreement), "rolled_back>support")
	l.inState(ActionRequired, Agreement)
	l.notices = nil
	for range 3 {
		l.now = l.it.Check.DueAt
		l.checkBoth(noAgreement, &unauthorized)
	}
	l.now = l.it.Check.DueAt
	l.checkBoth(noAgreement, &noAgreement) // Apple knows it after all: that was no streak
	if l.it.OtherStreak.Count != 0 {
		t.Errorf("the new key has a streak of %d rejections", l.it.OtherStreak.Count)
	}
	l.now = l.it.Check.DueAt
	l.checkBoth(fine, &unauthorized)
	l.inState(Active, "")
	if !l.it.Key.is("upl_1") || !l.it.Other.is("upl_2") || len(l.it.Trash) != 0 {
		t.Error("one of the keys is lost")
	}
}

func TestNewKeyIsNotRolledBackToOneWithTheWrongRole(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.pass(time.Hour)
	l.check(fine)
	l.accept(fine)
	l.pass(firstCheckAfter)
	l.checkBoth(unauthorized, &Outcome{Verdict: Blocked, Reason: Role})
	if !l.it.Key.is("upl_2") {
		t.Error("it was rolled back")
	}
}

func TestKeyRolledBackIsThrownAwayOnceConfirmedDead(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.pass(time.Hour)
	l.check(fine)
	l.accept(fine)
	l.pass(firstCheckAfter)
	l.checkBoth(unauthorized, &fine)
	l.notices = nil
	for range 20 {
		if l.it.Other == nil {
			break
		}
		l.now = l.it.Check.DueAt
		l.checkBoth(fine, &unauthorized)
	}
	wantNotices(t, l.notices, "key_refused>support key_refused>admin")
	l.inState(Active, "")
	if len(l.it.Trash) != 1 || l.it.Trash[0].Upload != "upl_2" {
		t.Fatalf("trash is %v", l.it.Trash)
	}
}

func TestFleetHoldCountsAndTellsNothing(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.pass(time.Hour)
	l.check(fine)
	l.notices = nil
	l.fleet.Hold = true
	for range 100 {
		l.now = l.it.Check.DueAt
		l.check(unauthorized)
	}
	l.inState(Suspect, NotAuthorized)
	wantNotices(t, l.notices, "")
	l.fleet.Hold = false
	l.now = l.it.Check.DueAt
	wantNotices(t, l.check(fine), "")
	l.inState(Active, "")
}

func TestTheTimeOfAFleetHoldIsNoEvidence(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.pass(time.Hour)
	l.check(fine)
	l.pass(Interval)
	began := l.now
	for range 4 {
		l.check(unauthorized)
		l.now = l.it.Check.DueAt
	}
	held := began.Add(2 * time.Hour) // an hour after the last answer that counts
	l.fleet.Hold, l.fleet.HoldSince = true, held
	for l.now.Before(held.Add(20 * time.Hour)) {
		l.check(unauthorized)
		if next := l.it.Check.DueAt.Sub(l.now); next > duringHold {
			t.Fatalf("on hold the next check is due in %v", next)
		}
		l.now = l.it.Check.DueAt
	}
	l.fleet.Hold = false
	ended := l.now
	l.check(unauthorized)
	l.inState(Suspect, NotAuthorized)
	l.untilState(Deactivated, unauthorized)
	if counted := held.Sub(began) + l.now.Sub(ended); counted < 6*time.Hour || counted > 6*time.Hour+time.Minute {
		t.Errorf("confirmed after %v beside the hold, want 6 h", counted)
	}
}

func TestTheReceiptWaitsForAFileThatIsUnderWay(t *testing.T) {
	l := newLife(t, "publish")
	wantNotices(t, l.do(DisconnectRequested{By: "support", Uploads: []UploadID{"upl_9"}}), "")
	if due := l.it.DueAt(); due.Sub(l.now) < time.Minute || due.Sub(l.now) > 5*time.Minute {
		t.Errorf("the vault is looked at in %v", due.Sub(l.now))
	}
	l.pass(underWay)
	wantNotices(t, l.do(Emptied{Uploads: []UploadID{"upl_9"}}), "disconnected>business")
}

func TestDisconnectedGivesTheReceiptOnceTheVaultIsEmpty(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	wantNotices(t, l.do(DisconnectRequested{By: "support"}), "")
	if len(l.it.Trash) != 1 {
		t.Fatal("the key must leave the vault")
	}
	wantNotices(t, l.do(Emptied{Uploads: []UploadID{"upl_1"}}), "disconnected>business")
	wantNotices(t, l.do(Emptied{Uploads: []UploadID{"upl_1"}}), "")
	var te *TransitionError
	if _, _, err := Apply(l.it, KeyAccepted{}, l.now); !errors.As(err, &te) {
		t.Errorf("a key for a disconnected integration: %v", err)
	}
	if !l.it.DueAt().IsZero() {
		t.Errorf("work is due at %v", l.it.DueAt())
	}
}

func TestDeadKeyIsDeletedAfterNinetyDays(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.untilState(Deactivated, unauthorized)
	l.pass(deadFor)
	l.do(Tick{Fleet: big}) // reminders
	if l.it.Key != nil || len(l.it.Trash) != 1 {
		t.Fatal("the key is still there")
	}
	l.inState(Deactivated, NotAuthorized)
	wantNotices(t, l.accept(fine), "key_accepted>admin recovered>support")
	l.inState(Active, "")
}

func TestStaleLinkIsRefused(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	late := KeyAccepted{Key: Key{Upload: "upl_late"}, Outcome: fine, Epoch: 0}
	if _, _, err := Apply(l.it, late, l.now); !errors.Is(err, ErrLinkVoid) {
		t.Errorf("got %v", err)
	}
	again := KeyAccepted{Key: Key{Upload: "upl_1"}, Outcome: fine, Epoch: 0}
	if next, ns, err := Apply(l.it, again, l.now); err != nil || len(ns) > 0 || next.Version != l.it.Version {
		t.Errorf("the same upload again: %v %v", ns, err)
	}
}

// A key that is dead is replaced without a word about keeping it, or about when
// it may be revoked; one that came back to life is a living one.
func TestReplacingADeadKeySaysNothingOfTheOld(t *testing.T) {
	l := in(t, Deactivated, NotAuthorized)
	for _, n := range append(l.accept(fine), l.check(fine)...) {
		if n.Facts.OldKeyID != "" || n.Kind == NoticeMayRevoke {
			t.Errorf("%s speaks of the dead key %q", n.Kind, n.Facts.OldKeyID)
		}
	}
	l = in(t, Deactivated, NotAuthorized)
	l.now = l.it.Check.DueAt
	l.check(fine)
	l.inState(Active, "")
	wantNotices(t, l.accept(fine), "key_replaced>admin")
	wantNotices(t, l.check(fine), "may_revoke>admin")
}
