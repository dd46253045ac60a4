package integration

import (
	"fmt"
	"testing"
	"time"
)

// fleetOf is a fleet of lives with keys in force, whose view is this from now on.
func fleetOf(t *testing.T, n int, fleet FleetView) []*life {
	t.Helper()
	var all []*life
	for i := range n {
		l := newLife(t, "publish")
		l.it.ID = ID(fmt.Sprintf("int_%03d", i))
		l.accept(fine)
		l.pass(time.Hour)
		l.check(fine)
		l.fleet, l.notices = fleet, nil
		all = append(all, l)
	}
	return all
}

// until lets time pass, as the sweep does: whatever is due is done.
func (l *life) until(end time.Time, o Outcome) {
	l.t.Helper()
	for range 10_000 {
		due := l.it.DueAt()
		if due.IsZero() || due.After(end) {
			l.now = end
			return
		}
		l.now = later(l.now, due)
		l.it.Certificates.DueAt = time.Time{}
		if at := l.it.Check.DueAt; !at.After(l.now) {
			l.check(o)
			continue
		}
		l.do(Tick{Fleet: l.fleet})
	}
	l.t.Fatal("something is due for ever")
}

// toldOnce wants these mails and nothing held back any more, and returns when
// the customer's goes out.
func (l *life) toldOnce(want string) time.Time {
	l.t.Helper()
	wantNotices(l.t, l.notices, want)
	if !l.it.Told.RetryAt.IsZero() {
		l.t.Error("what was told is held back still")
	}
	n := l.notices[len(l.notices)-1]
	return later(n.NotBefore, n.CreatedAt)
}

func TestMailsOfAWaveThatLastsGoOutPaced(t *testing.T) {
	wave := big
	wave.Wave = true
	var times []time.Time
	for _, l := range fleetOf(t, 60, wave) {
		began := l.now
		l.until(began.Add(23*time.Hour), noAgreement)
		l.inState(ActionRequired, Agreement)
		if len(l.notices) != 0 || l.it.Told.RetryAt.IsZero() {
			t.Fatalf("in the wave's first day: %q, held back until %v", kinds(l.notices), l.it.Told.RetryAt)
		}
		l.until(began.Add(33*time.Hour), noAgreement)
		times = append(times, l.toldOnce("action_required>support action_required>account_holder"))
	}
	spread(t, times, .3)
}

// spread wants that no more than the share of the mails goes out within any ten
// minutes.
func spread(t *testing.T, times []time.Time, share float64) {
	t.Helper()
	for _, from := range times {
		n := 0
		for _, at := range times {
			if d := at.Sub(from); d >= 0 && d < 10*time.Minute {
				n++
			}
		}
		if float64(n) > share*float64(len(times)) {
			t.Fatalf("%d of %d mails go out within ten minutes", n, len(times))
		}
	}
}

// TestKeysRevokedInAHoldAreTold once each after the hold, and never in it. What
// spreads these mails is that each integration is checked every half hour from
// its own time on, and needs its own rejections.
func TestKeysRevokedInAHoldAreTold(t *testing.T) {
	hold := big
	hold.Hold = true
	var times []time.Time
	for _, l := range fleetOf(t, 60, hold) {
		began := l.now
		l.until(began.Add(30*time.Hour), unauthorized)
		wantNotices(t, l.notices, "")
		l.fleet.Hold = false
		l.until(began.Add(40*time.Hour), unauthorized)
		times = append(times, l.toldOnce("access_lost>support access_lost>admin"))
	}
	spread(t, times, .5)
}

// TestAHeldBackMailOutlivedIsNeverSent: the wave passes, and with it what the
// customer would have been told.
func TestAHeldBackMailOutlivedIsNeverSent(t *testing.T) {
	wave := big
	wave.Wave = true
	l := fleetOf(t, 1, wave)[0]
	began := l.now
	l.until(began.Add(9*time.Hour), noAgreement)
	l.inState(ActionRequired, Agreement)
	if l.it.Told.RetryAt.IsZero() {
		t.Fatal("nothing is held back")
	}
	l.until(began.Add(11*time.Hour), fine)
	l.inState(Active, "")
	l.fleet.Wave = false
	l.until(began.Add(60*time.Hour), fine)
	wantNotices(t, l.notices, "")
	if !l.it.Told.RetryAt.IsZero() || !l.it.TickAt().IsZero() {
		t.Errorf("something is due still: %v", l.it.TickAt())
	}
}

// TestWhatWasToldLately: of other problems, within a day.
func TestWhatWasToldLately(t *testing.T) {
	before := Told{Lately: []Telling{{Agreement, start}}}
	for after, want := range map[time.Duration]int{24*time.Hour - time.Second: 2, 24 * time.Hour: 1} {
		now := start.Add(after)
		got := before.next(Membership, now)
		if len(got.Lately) != want || got.Lately[0] != (Telling{Membership, now}) {
			t.Errorf("%v after the agreement the membership is told: lately was told %v, want %d", after, got.Lately, want)
		}
	}
}
