package integration

import (
	"testing"
	"time"
)

func TestMailsOfAWaveThatEndsGoOutPaced(t *testing.T) {
	wave := big
	wave.Wave = true
	var times []time.Time
	for _, l := range fleetOf(t, 60, wave) {
		began := l.now
		l.until(began.Add(9*time.Hour), noAgreement)
		l.inState(ActionRequired, Agreement)
		wantNotices(t, l.notices, "")
		l.fleet.Wave = false
		l.until(began.Add(11*time.Hour), noAgreement)
		times = append(times, l.toldOnce("action_required>support action_required>account_holder"))
	}
	spread(t, times, .3)
}

func TestMailsOfAHoldGoOutPaced(t *testing.T) {
	wave := big
	wave.Wave = true
	var times []time.Time
	for _, l := range fleetOf(t, 60, wave) {
		began := l.now
		l.until(began.Add(9*time.Hour), noAgreement)
		l.fleet = big
		l.fleet.Hold = true
		l.until(began.Add(40*time.Hour), noAgreement)
		wantNotices(t, l.notices, "")
		l.fleet.Hold = false
		l.until(began.Add(43*time.Hour), noAgreement)
		times = append(times, l.toldOnce("action_required>support action_required>account_holder"))
	}
	spread(t, times, .3)
}
