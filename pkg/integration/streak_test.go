package integration

import (
	"encoding/json"
	"testing"
	"time"
)

// at is when the answers of TestWhenAStreakIsConfirmed come, counted from the
// first one.
type at struct {
	after time.Duration
	says  Outcome
}

func every(n int, step time.Duration, says Outcome) []at {
	out := make([]at, n)
	for i := range out {
		out[i] = at{time.Duration(i) * step, says}
	}
	return out
}

// TestWhenAStreakIsConfirmed: the numbers are those that customers are
// promised; between two answers an hour counts at most.
func TestWhenAStreakIsConfirmed(t *testing.T) {
	const m, h = time.Minute, time.Hour
	small := FleetView{Size: 4}
	nightOff := []at{{0, unauthorized}, {5 * m, unauthorized}, {10 * m, unauthorized}, {15 * m, unauthorized}, {21 * m, unauthorized}}
	for _, c := range []struct {
		name    string
		fleet   FleetView
		answers []at
		last    at
		want    State
	}{
		{"three rejections in six hours", big, []at{{0, unauthorized}, {3 * h, unauthorized}}, at{6 * h, unauthorized}, Suspect},
		{"hourly for six hours", big, every(6, h, unauthorized), at{6 * h, unauthorized}, Deactivated},
		{"hourly, a second short of six hours", big, every(6, h, unauthorized), at{6*h - time.Second, unauthorized}, Suspect},
		{"many within the first hour", big, every(30, 2*m, unauthorized), at{h, unauthorized}, Suspect},
		{"five, then nine hours unasked", big, nightOff, at{9*h + 21*m, unauthorized}, Suspect},
		{"five, then a day unasked", small, nightOff, at{24*h + 21*m, unauthorized}, Suspect},
		{"four, six hours apart", big, every(4, 6*h, unauthorized), at{24 * h, unauthorized}, Suspect},
		{"a small fleet, hourly for six hours", small, every(6, h, unauthorized), at{6 * h, unauthorized}, Suspect},
		{"a small fleet, hourly for a day", small, every(24, h, unauthorized), at{24 * h, unauthorized}, Deactivated},
		{"two blocks in an hour", big, []at{{0, noAgreement}}, at{h, noAgreement}, Suspect},
		{"three blocks in an hour", big, []at{{0, noAgreement}, {5 * m, noAgreement}}, at{h, noAgreement}, ActionRequired},
		{"three blocks in 59 minutes", big, []at{{0, noAgreement}, {5 * m, noAgreement}}, at{59 * m, noAgreement}, Suspect},
		{"another reason in between", big, []at{{0, noAgreement}, {5 * m, noMembership}, {30 * m, noAgreement}}, at{90 * m, noAgreement}, Suspect},
		{"a good answer in between", big, append(every(6, h, unauthorized), at{5*h + m, fine}), at{6 * h, unauthorized}, Suspect},
		{"an outage of nine hours in between", big, append(every(3, 5*m, unauthorized), at{11 * m, outage}), at{9 * h, unauthorized}, Suspect},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLife(t, "publish")
			l.fleet = c.fleet
			l.accept(fine)
			l.pass(time.Hour)
			began := l.now
			for _, a := range append(c.answers, c.last) {
				l.now = began.Add(a.after)
				l.check(a.says)
			}
			if l.it.State != c.want {
				t.Errorf("%s, of which %v count; want %s", l.it.State, l.it.Streak.activeFor(l.now), c.want)
			}
		})
	}
}

// TestHowManyAnswersConfirm, when they have come over the whole time.
func TestHowManyAnswersConfirm(t *testing.T) {
	for _, tc := range []struct {
		verdict Verdict
		count   int
		over    time.Duration
		want    bool
	}{
		{Rejected, 4, 6 * time.Hour, true}, {Rejected, 3, 60 * time.Hour, false}, {Rejected, 40, 6*time.Hour - time.Second, false},
		{Blocked, 3, time.Hour, true}, {Blocked, 2, 60 * time.Hour, false}, {Blocked, 40, time.Hour - time.Second, false},
		{"", 40, 60 * time.Hour, false},
	} {
		s := Streak{Verdict: tc.verdict, Count: tc.count, Since: start.Add(-tc.over), Last: start}
		if got := s.confirmed(big, start); got != tc.want {
			t.Errorf("%d times %q over %v: confirmed %v, want %v", tc.count, tc.verdict, tc.over, got, tc.want)
		}
	}
}

// TestRejectedKeysAreAskedHourly until it is certain, however long that takes.
func TestRejectedKeysAreAskedHourly(t *testing.T) {
	l := newLife(t, "publish")
	l.fleet = FleetView{Size: 4}
	l.accept(fine)
	l.pass(time.Hour)
	began := l.now
	var minutes []int
	for l.it.State != Deactivated {
		minutes = append(minutes, int(l.now.Sub(began).Minutes()))
		l.check(unauthorized)
		l.now = l.it.Check.DueAt
	}
	if n := len(minutes); n != 27 || minutes[1] != 5 || minutes[2] != 30 || minutes[3] != 60 || minutes[4] != 120 || minutes[26] != 24*60 {
		t.Errorf("asked after these minutes: %v", minutes)
	}
}

// TestAStreakBelongsToOneKey: what Apple said of a new key does not count
// against the old one that is put back in force, nor the reverse.
func TestAStreakBelongsToOneKey(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.pass(time.Hour)
	l.check(fine)
	l.accept(fine)
	for range 2 {
		l.pass(30 * time.Minute)
		l.check(noAgreement)
	}
	l.pass(30 * time.Minute)
	l.checkBoth(unauthorized, &noAgreement) // rolled back: the old key's first answer
	if l.it.State != Suspect || l.it.Streak.Count != 1 || l.it.Streak.Since != l.now || l.it.OtherStreak.Count != 1 {
		t.Fatalf("%s with %+v and %+v", l.it.State, l.it.Streak, l.it.OtherStreak)
	}
	l.pass(30 * time.Minute)
	l.checkBoth(noAgreement, &fine) // the new key works after all
	if l.it.State != Active || l.it.Streak.Count+l.it.OtherStreak.Count != 0 {
		t.Errorf("%s with %+v and %+v", l.it.State, l.it.Streak, l.it.OtherStreak)
	}
}

// TestADayOfSilenceIsTold, and only of time in which Apple was asked: an hour
// after each answer counts, or as long as Apple asked us to wait.
func TestADayOfSilenceIsTold(t *testing.T) {
	busy := Outcome{Verdict: Inconclusive, Reason: RateLimited, RetryIn: 6 * time.Hour}
	never := Outcome{Verdict: Inconclusive, Reason: RateLimited, RetryIn: 400 * time.Hour}
	for _, c := range []struct {
		name    string
		answers []at
		told    bool
	}{
		{"hourly for a day", every(25, time.Hour, outage), true},
		{"hourly, an hour short of a day", every(24, time.Hour, outage), false},
		{"two, a day apart", every(2, 24*time.Hour, outage), false},
		{"an hour, then a night unasked", append(every(2, time.Hour, outage), at{26 * time.Hour, outage}), false},
		{"every six hours, as asked", every(5, 6*time.Hour, busy), true},
		{"once in a day, as asked", every(2, 24*time.Hour, never), false},
	} {
		l := newLife(t, "publish")
		l.accept(fine)
		l.pass(time.Hour)
		l.notices = nil
		began := l.now
		for _, a := range c.answers {
			l.now = began.Add(a.after)
			l.check(a.says)
		}
		want := ""
		if c.told {
			want = "unanswered>support"
		}
		if got := kinds(l.notices); got != want {
			t.Errorf("%s: %q", c.name, got)
		}
		if due := l.it.Check.DueAt.Sub(l.now); due > 6*time.Hour {
			t.Errorf("%s: asked again in %v", c.name, due)
		}
	}
}

// TestOlderRowsKeepTheirStreaks: what an earlier version has stored under
// earlier names is read.
func TestOlderRowsKeepTheirStreaks(t *testing.T) {
	const stored = `{"ID":"int_a","Row":{"Verdict":"rejected","Reason":"not_authorized","Count":3,"Since":"2026-03-02T08:00:00Z",
		"Last":"2026-03-02T12:00:00Z","Unheard":3600000000000,"UnheardFrom":"2026-03-02T12:00:00Z"},"OtherRow":{"Verdict":"rejected","Count":2}}`
	var it Integration
	if err := json.Unmarshal([]byte(stored), &it); err != nil {
		t.Fatal(err)
	}
	s := it.Streak
	if s.Count != 3 || s.Paused != time.Hour || s.PausedFrom.Hour() != 12 || it.OtherStreak.Count != 2 {
		t.Errorf("read as %+v and %+v", s, it.OtherStreak)
	}
}

// TestNobodyIsOverdueUnwarned: after months in which nothing was sent, the last
// reminder comes first, and a day later access ends.
func TestNobodyIsOverdueUnwarned(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.it.Access.Reauthorise = Reauthorise{Every: 30 * day, Enforce: true}
	l.pass(100 * day)
	wantNotices(t, l.do(Tick{Fleet: big}), "reauthorise>admin")
	if n := l.notices[len(l.notices)-1]; n.Facts.Expires != l.now.Add(24*time.Hour) || n.Facts.Days != 1 {
		t.Errorf("the mail says %v, %d days", n.Facts.Expires, n.Facts.Days)
	}
	l.inState(Active, "")
	l.pass(24*time.Hour - time.Second)
	wantNotices(t, l.do(Tick{Fleet: big}), "")
	l.pass(time.Second)
	l.do(Tick{Fleet: big})
	l.inState(Deactivated, Reauthorisation)
	l.now = l.it.Check.DueAt
	l.check(fine)
	l.inState(Deactivated, Reauthorisation)
	l.do(Reauthorised{})
	l.inState(Active, "")
}

// TestAClickDoesNotReviveARevokedKey: whoever confirms after the key was
// revoked does not hear that all is well, and Apple is asked at once.
func TestAClickDoesNotReviveARevokedKey(t *testing.T) {
	l := in(t, Deactivated, Reauthorisation)
	l.now = l.it.Check.DueAt
	l.check(unauthorized)
	l.do(Reauthorised{})
	l.inState(Suspect, NotAuthorized)
	if due := l.it.Check.DueAt; due != l.now {
		t.Errorf("the next check is due at %v", due)
	}
}

// TestEachConfirmationIsAskedForAnew: whoever confirmed three times in a day is asked
// again before each end.
func TestEachConfirmationIsAskedForAnew(t *testing.T) {
	l := newLife(t, "publish")
	l.it.Access.Reauthorise = Reauthorise{Every: 36 * time.Hour, Enforce: true}
	l.now = start.Truncate(day)
	l.accept(fine)
	asked := map[string]bool{}
	for range 3 {
		l.pass(5 * time.Hour)
		for _, n := range l.do(Tick{Fleet: big}) {
			if asked[n.Dedupe] {
				t.Errorf("%s would not be sent: an earlier one has its key", n.Dedupe)
			}
			asked[n.Dedupe] = true
		}
		l.pass(time.Hour)
		l.do(Reauthorised{Contact: "con_a"})
	}
	if len(asked) != 3 {
		t.Errorf("asked %d times, want 3", len(asked))
	}
}
