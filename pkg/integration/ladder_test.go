package integration

import (
	"testing"
	"time"
)

func dist(serial string, end time.Time) Certificate {
	return Certificate{Serial: serial, Type: "DISTRIBUTION", NotAfter: end}
}

// list shows the certificates to the integration, as a look at them would.
func (l *life) list(certs ...Certificate) []Notice {
	l.t.Helper()
	l.checks++
	id := CheckID("crt_" + itoa(l.checks))
	l.do(CertificatesLeased{Check: id, Until: l.now.Add(time.Minute)})
	return l.do(CertificatesListed{Check: id, Used: l.it.Key.Upload, Listed: certs, SlotLimit: 3})
}

func TestCertificateLadder(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	end := l.now.Add(45 * day)
	only := dist("A1", end)
	wantNotices(t, l.list(only), "")
	var days []int
	for l.now.Before(end.Add(3 * day)) {
		l.pass(12 * time.Hour)
		for _, n := range l.list(only) {
			if n.Audience != ToAdmin {
				continue
			}
			days = append(days, n.Facts.Days)
			if want := map[bool]NoticeKind{true: NoticeCertExpired, false: NoticeCertExpiring}[n.Facts.Days == 0]; n.Kind != want {
				t.Errorf("%d days before the end: %s", n.Facts.Days, n.Kind)
			}
		}
	}
	if want := []int{30, 14, 7, 3, 1, 0}; len(days) != len(want) || days[0] != 30 || days[5] != 0 {
		t.Fatalf("warned %v days before, want %v", days, want)
	}
}

func TestTheListIsReadWhenAWarningIsDue(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	end := l.now.Add(34*day + 7*time.Hour + 11*time.Minute)
	l.list(dist("A1", end))
	warned := map[time.Duration]bool{}
	for l.now.Before(end) {
		due := l.it.Certificates.DueAt
		if !due.After(l.now) || due.Sub(l.now) > day {
			t.Fatalf("read at %v, and next at %v", l.now, due)
		}
		l.now = due
		for _, n := range l.list(dist("A1", end)) {
			warned[end.Sub(l.now)] = n.Kind == NoticeCertExpiring || n.Kind == NoticeCertExpired
		}
	}
	for _, days := range certificateSteps {
		if !warned[time.Duration(days)*day] {
			t.Errorf("no warning %d days before the end to the minute: %v", days, warned)
		}
	}
	if due := l.it.Certificates.DueAt; !due.After(l.now.Add(day - Interval)) {
		t.Errorf("after the end the list is read again at %v, %v later", due, due.Sub(l.now))
	}
}

func TestALaterCertificateEndsTheWarning(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	old := dist("A1", l.now.Add(10*day))
	wantNotices(t, l.list(old), "certificate_expiring>admin certificate_expiring>support")
	renewed := dist("B2", l.now.Add(365*day))
	wantNotices(t, l.list(old, renewed), "certificate_renewed>admin certificate_renewed>support")
	wantNotices(t, l.list(old, renewed), "")
	wantNotices(t, l.list(renewed), "") // the old one may go
}

func TestVanishedCertificateIsToldOnce(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.list(dist("A1", l.now.Add(200*day)))
	wantNotices(t, l.list(), "")
	l.pass(time.Hour)
	wantNotices(t, l.list(), "certificate_vanished>admin certificate_vanished>support")
	wantNotices(t, l.list(), "")
	wantNotices(t, l.list(dist("B2", l.now.Add(300*day))), "certificate_renewed>admin certificate_renewed>support")
}

func TestTheEndedCertificateHasNotVanished(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	end := l.now.Add(36 * time.Hour)
	l.list(dist("A1", end))
	l.now = end.Add(time.Hour)
	wantNotices(t, l.list(), "certificate_expired>admin certificate_expired>support")
}

func TestPinnedCertificateIsWatchedWhateverLastsLonger(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	ours, theirs := dist("0A", l.now.Add(5*day)), dist("0B", l.now.Add(300*day))
	wantNotices(t, l.list(ours, theirs), "")
	l.do(CertificatePinned{Serial: "0A", By: "support"})
	wantNotices(t, l.list(ours, theirs), "certificate_expiring>admin certificate_expiring>support")
}

func TestFullSlotsAreToldWhileOneIsNeeded(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	end := l.now.Add(300 * day)
	full := []Certificate{dist("A", end), dist("B", end), dist("C", end)}
	wantNotices(t, l.list(full...), "certificate_no_slot>admin certificate_no_slot>support")
	wantNotices(t, l.list(full...), "")
	l.list(full[:2]...)
	wantNotices(t, l.list(full...), "certificate_no_slot>admin certificate_no_slot>support")
	if got := l.it.Certificates.Used; got != 3 {
		t.Errorf("%d slots in use", got)
	}
}

func TestAListAboutAnotherKeyChangesNothing(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.do(CertificatesLeased{Check: "c", Until: l.now.Add(time.Minute)})
	before := l.it.Certificates
	wantNotices(t, l.do(CertificatesListed{Check: "c", Used: "upl_old", Listed: []Certificate{dist("A", l.now.Add(day))}}), "")
	if l.it.Certificates != before {
		t.Errorf("changed to %+v", l.it.Certificates)
	}
	l.do(CertificatesUnlisted{Check: "c", Used: l.it.Key.Upload, Reason: Outage})
	if d := l.it.Certificates.DueAt.Sub(l.now); d != certificatesRetry {
		t.Errorf("looked at again after %v", d)
	}
}
