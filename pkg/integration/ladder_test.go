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
	first := l.notices[len(l.notices)-1].Dedupe
	l.list(full[:2]...)
	wantNotices(t, l.list(full...), "certificate_no_slot>admin certificate_no_slot>support")
	if again := l.notices[len(l.notices)-1].Dedupe; first != "certificate_no_slot#support#1" || again != "certificate_no_slot#support#2" {
		t.Errorf("the occasions do not count up: %q, then %q", first, again)
	}
}

// TestWhichCertificatesTakeASlot: good ones of the watched type; of
// DISTRIBUTION where none is watched yet.
func TestWhichCertificatesTakeASlot(t *testing.T) {
	end := start.Add(300 * day)
	ios := func(serial string) Certificate {
		return Certificate{Serial: serial, Type: "IOS_DISTRIBUTION", NotAfter: end.Add(day)}
	}
	dead := dist("D", start)
	for _, tc := range []struct {
		name   string
		pinned string
		limit  int
		listed []Certificate
		used   int
		want   string
	}{
		{"three of a type", "", 3, []Certificate{ios("A"), ios("B"), ios("C")}, 3, "certificate_no_slot to admin of IOS_DISTRIBUTION, 3 times"},
		{"three of another type beside one", "", 3, []Certificate{ios("A"), dist("B", end), dist("C", end), dist("E", end)}, 1, ""},
		{"two good ones and one that has ended", "", 3, []Certificate{dist("A", end), dist("B", end), dead}, 2, ""},
		{"one for a limit of one", "", 1, []Certificate{dist("A", end)}, 1, "certificate_no_slot to admin of DISTRIBUTION, 1 times"},
		{"no limit is known", "", 0, []Certificate{dist("A", end)}, 1, ""},
		{"the pinned one is not listed yet", "P", 3, []Certificate{dist("A", end), dist("B", end), dist("C", end)}, 3, ""},
	} {
		l := newLife(t, "publish")
		l.accept(fine)
		l.it.Certificates.Pinned = tc.pinned
		l.do(CertificatesLeased{Check: "c", Until: l.now.Add(time.Minute)})
		got := ""
		for _, n := range l.do(CertificatesListed{Check: "c", Used: l.it.Key.Upload, Listed: tc.listed, SlotLimit: tc.limit}) {
			if n.Audience == ToAdmin {
				got += said(n, l.now)
			}
		}
		if got != tc.want || l.it.Certificates.Used != tc.used {
			t.Errorf("%s: %d in use, told %q; want %d, %q", tc.name, l.it.Certificates.Used, got, tc.used, tc.want)
		}
	}
}

// TestOfTwoThatEndTogetherTheSameOneIsWatched, in whatever order Apple lists them.
func TestOfTwoThatEndTogetherTheSameOneIsWatched(t *testing.T) {
	end := start.Add(300 * day)
	a, b, short := dist("A1", end), dist("B2", end), dist("00", end.Add(-day))
	for _, listed := range [][]Certificate{{a, b, short}, {b, short, a}, {short, b, a}} {
		l := newLife(t, "publish")
		l.accept(fine)
		l.list(listed...)
		if got := l.it.Certificates.Serial; got != "A1" {
			t.Errorf("watched is %s", got)
		}
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
