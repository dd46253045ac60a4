package integration

import (
	"strings"
	"testing"
	"time"
)

// failed is a look at the certificates that gave no complete list.
func (l *life) failed(why Reason) []Notice {
	l.t.Helper()
	l.checks++
	id := CheckID("crt_" + itoa(l.checks))
	l.do(CertificatesLeased{Check: id, Until: l.now.Add(time.Minute)})
	return l.do(CertificatesUnlisted{Check: id, Used: l.it.Key.Upload, Reason: why})
}

const (
	told     = "certificate_vanished>admin certificate_vanished>support"
	toldBack = "certificate_back>admin certificate_back>support"
	expiring = "certificate_expiring>admin certificate_expiring>support"
)

func TestOneEmptyListTellsNothing(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	end := l.now.Add(45 * day)
	l.list(dist("A1", end))
	wantNotices(t, l.list(), "")
	if due := l.it.Certificates.DueAt.Sub(l.now); due > time.Hour {
		t.Errorf("the second reading is due after %v", due)
	}
	l.pass(2 * time.Minute)
	wantNotices(t, l.list(), "") // the same minutes are one reading
	wantNotices(t, l.list(dist("A1", end)), "")
	l.pass(day)
	wantNotices(t, l.list(), "") // and every absence begins anew
	l.pass(time.Hour)
	wantNotices(t, l.list(dist("A1", end)), "")
	l.now = end.Add(-14 * day)
	wantNotices(t, l.list(dist("A1", end)), expiring)
}

func TestAVanishedCertificateComesBack(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	end := l.now.Add(20 * day)
	wantNotices(t, l.list(dist("A1", end)), expiring)
	vanish := func() {
		t.Helper()
		l.pass(day)
		wantNotices(t, l.list(), "")
		l.pass(time.Hour)
		wantNotices(t, l.list(), told)
	}
	vanish()
	first := l.notices[len(l.notices)-1].Dedupe
	l.pass(time.Hour)
	back := l.list(dist("A1", end))
	wantNotices(t, back, toldBack)
	if f := back[0].Facts; f.Serial != "A1" || !f.Expires.Equal(end) {
		t.Errorf("told as back: %+v", f)
	}
	l.now = end.Add(-14 * day)
	wantNotices(t, l.list(dist("A1", end)), expiring)
	vanish()
	if l.notices[len(l.notices)-1].Dedupe == first {
		t.Error("the second time would not be told: the notice has the key of the first")
	}
	l.now = end.Add(-5 * day) // while it is gone, nothing is said of its end
	wantNotices(t, l.do(Tick{}), "")
	wantNotices(t, l.list(dist("A1", end)), toldBack+" "+expiring)
	wantNotices(t, l.list(dist("A1", end), dist("B2", l.now.Add(300*day))), "certificate_renewed>admin certificate_renewed>support")
}

// TestOneThatComesBackUnwarnedIsNotRenewed: nobody was warned of its end.
func TestOneThatComesBackUnwarnedIsNotRenewed(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	a, b, c := dist("A1", l.now.Add(200*day)), dist("B2", l.now.Add(100*day)), dist("C3", l.now.Add(300*day))
	l.list(a)
	l.list()
	l.pass(time.Hour)
	wantNotices(t, l.list(), told)
	wantNotices(t, l.list(a), toldBack)
	wantNotices(t, l.list(a, c), "")
	// One that is not watched any more takes no warning with it, and brings none.
	l = newLife(t, "publish")
	l.accept(fine)
	l.list(a, b)
	l.list(b)
	l.pass(time.Hour)
	wantNotices(t, l.list(b), told) // and B2 is watched
	short := dist("A1", l.now.Add(40*day))
	wantNotices(t, l.list(short, b), toldBack)
	l.now = b.NotAfter.Add(-30 * day)
	wantNotices(t, l.list(b), expiring)
	l.it.Certificates.Vanished = "D4" // told as gone before
	wantNotices(t, l.list(b, dist("D4", b.NotAfter.Add(-day))), toldBack)
	wantNotices(t, l.list(b, c), "certificate_renewed>admin certificate_renewed>support")
}

func TestAnotherCertificateIsWatchedOnceOneIsGone(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	other := dist("B2", l.now.Add(100*day))
	l.list(dist("A1", l.now.Add(200*day)), other)
	wantNotices(t, l.list(other), "")
	if l.it.Certificates.Serial != "A1" {
		t.Errorf("one list moved the watch to %s", l.it.Certificates.Serial)
	}
	l.pass(time.Hour)
	notices := l.list(other)
	wantNotices(t, notices, told)
	if f := notices[0].Facts; f.Serial != "A1" || f.Next != "B2" || l.it.Certificates.Serial != "B2" || l.it.Certificates.Warned {
		t.Errorf("told %+v, watched %+v", f, l.it.Certificates)
	}
	l.now = other.NotAfter.Add(-30 * day)
	wantNotices(t, l.list(other), expiring)
}

func TestTheLadderBeginsAnewAfterARenewal(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	var days []string
	ends := []time.Time{l.now.Add(40 * day), l.now.Add(90 * day)}
	certs := []Certificate{dist("A1", ends[0])}
	for l.now.Before(ends[1].Add(day)) {
		if l.now.After(ends[0].Add(-5 * day)) {
			certs = []Certificate{dist("A1", ends[0]), dist("B2", ends[1])}
		}
		for _, n := range l.list(certs...) {
			if n.Audience == ToAdmin {
				days = append(days, strings.TrimPrefix(string(n.Kind), "certificate_")+" "+n.Facts.Serial+" "+itoa(n.Facts.Days))
			}
		}
		l.pass(12 * time.Hour)
	}
	want := "expiring A1 30, expiring A1 14, expiring A1 7, renewed B2 0, expiring B2 30, expiring B2 14, expiring B2 7, expiring B2 3, expiring B2 1, expired B2 0"
	if got := strings.Join(days, ", "); got != want {
		t.Errorf("told %s\nwant %s", got, want)
	}
}

// A known end does not wait for Apple, in whatever state the integration is.
func TestTheEndIsToldWithoutApple(t *testing.T) {
	for name, after := range map[string]func(l *life){
		"the list is never complete": func(l *life) { l.failed(Nonsense) },
		"nobody looks":               func(l *life) { l.do(Tick{Fleet: big}) },
		"the key is dead":            func(l *life) { l.it.State, l.it.Cause = Deactivated, NotAuthorized; l.failed(NotAuthorized) },
		"an agreement":               func(l *life) { l.it.State, l.it.Cause = ActionRequired, Agreement; l.failed(Agreement) },
		"suspect":                    func(l *life) { l.it.State, l.it.Cause = Suspect, NotAuthorized; l.failed(NotAuthorized) },
		"no key": func(l *life) {
			l.it.State, l.it.Cause, l.it.Key, l.it.Certificates.DueAt = Deactivated, NotAuthorized, nil, time.Time{}
			l.do(Tick{Fleet: big})
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLife(t, "publish")
			l.accept(fine)
			end := l.now.Add(45*day + 3*time.Hour)
			l.list(dist("A1", end))
			l.notices = nil
			for l.now.Before(end.Add(2 * day)) {
				l.pass(time.Hour)
				after(l)
			}
			var days []int
			for _, n := range l.notices {
				if n.Audience != ToAdmin || n.Kind != NoticeCertExpiring && n.Kind != NoticeCertExpired {
					continue
				}
				days = append(days, n.Facts.Days)
				if late := n.CreatedAt.Sub(end.Add(-time.Duration(n.Facts.Days) * day)); late < 0 || late > 2*time.Hour {
					t.Errorf("%d days before the end, told %v late", n.Facts.Days, late)
				}
				if n.Facts.Since.IsZero() {
					t.Errorf("%d days before the end: not said when Apple listed it last", n.Facts.Days)
				}
			}
			if got, want := itoas(days), "30 14 7 3 1 0"; got != want {
				t.Errorf("warned %s days before the end, want %s", got, want)
			}
		})
	}
}

func itoas(ns []int) string {
	out := make([]string, len(ns))
	for i, n := range ns {
		out[i] = itoa(n)
	}
	return strings.Join(out, " ")
}

// The sweep must come by when a warning is due, or nobody writes it.
func TestTheNextWarningIsDue(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	end := l.now.Add(45 * day)
	l.list(dist("A1", end))
	l.it.Certificates.DueAt = time.Time{}
	if at, want := l.it.TickAt(), end.Add(-30*day).Add(time.Hour); at.After(want) {
		t.Errorf("looked after at %v, want %v at the latest", at, want)
	}
	l.now = end.Add(time.Hour)
	l.do(Tick{Fleet: big})
	if at := l.it.TickAt(); !at.IsZero() && !at.After(l.now) {
		t.Errorf("due again at %v, for ever", at)
	}
	l.do(DisconnectRequested{By: "support"})
	if at := l.it.TickAt(); !at.IsZero() {
		t.Errorf("a disconnected integration is looked after at %v", at)
	}
}

func TestSupportHearsThatTheListCannotBeRead(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	end := l.now.Add(200 * day)
	l.list(dist("A1", end))
	from := l.now.Add(time.Hour)
	var at time.Time
	for range 72 {
		l.pass(time.Hour)
		for _, n := range l.failed(Nonsense) {
			if n.Kind != NoticeCertUnread || n.Audience != ToSupport || n.Reason != Nonsense || !at.IsZero() {
				t.Errorf("told %s>%s", n.Kind, n.Audience)
			}
			at = l.now
			if f := n.Facts; !f.Since.Equal(from) || f.Serial != "A1" || !f.Expires.Equal(end) {
				t.Errorf("told %+v", f)
			}
		}
	}
	if d := at.Sub(from); d != 24*time.Hour {
		t.Errorf("told after %v, want 24 h", d)
	}
	wantNotices(t, l.list(dist("A1", end)), "certificates_readable>support")
	wantNotices(t, l.list(dist("A1", end)), "")
	wantNotices(t, l.failed(Nonsense), "")
	l.pass(time.Hour)
	wantNotices(t, l.list(dist("A1", end)), "") // an hour is nobody's concern
}

// What support knows already is not told once more as a matter of certificates.
func TestALostKeyIsNoMatterOfCertificates(t *testing.T) {
	for name, change := range map[string]func(it *Integration){
		"deactivated":     func(it *Integration) { it.State, it.Cause = Deactivated, NotAuthorized },
		"action required": func(it *Integration) { it.State, it.Cause = ActionRequired, Agreement },
		"suspect":         func(it *Integration) { it.State, it.Cause = Suspect, NotAuthorized },
		"unanswered":      func(it *Integration) { it.Unanswered.Since = it.CreatedAt },
	} {
		l := newLife(t, "publish")
		l.accept(fine)
		l.list(dist("A1", l.now.Add(200*day)))
		change(&l.it)
		for range 72 {
			l.pass(time.Hour)
			wantNotices(t, l.failed(NotAuthorized), "")
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestPins(t *testing.T) {
	ours := func(l *life, days int) Certificate { return dist("0A", l.now.Add(time.Duration(days)*day)) }
	for name, tc := range map[string]struct {
		run     func(l *life) []Notice
		want    string
		watched string
		pinned  string
	}{
		"listed beside a longer one": {func(l *life) []Notice {
			return l.list(ours(l, 100), dist("0B", l.now.Add(300*day)))
		}, "", "0A", "0A"},
		"missing once": {func(l *life) []Notice {
			l.list(ours(l, 100), dist("0B", l.now.Add(300*day)))
			return l.list(dist("0B", l.now.Add(300*day)))
		}, "", "0A", "0A"},
		"missing twice": {func(l *life) []Notice {
			l.list(ours(l, 100), dist("0B", l.now.Add(300*day)))
			l.list(dist("0B", l.now.Add(300*day)))
			l.pass(time.Hour)
			return l.list(dist("0B", l.now.Add(300*day)))
		}, "pin_void>support " + told, "0B", ""},
		"gone, and none other": {func(l *life) []Notice {
			l.list(ours(l, 100))
			l.list()
			l.pass(time.Hour)
			return l.list()
		}, told, "0A", "0A"},
		"gone, and another one later": {func(l *life) []Notice {
			l.list(ours(l, 100))
			l.list()
			l.pass(time.Hour)
			l.list()
			return l.list(dist("0B", l.now.Add(300*day)))
		}, "pin_void>support certificate_renewed>admin certificate_renewed>support", "0B", ""},
		"ended, another one good": {func(l *life) []Notice {
			both := []Certificate{ours(l, 1), dist("0B", l.now.Add(300*day))}
			l.list(both...)
			l.pass(25 * time.Hour)
			return l.list(both...)
		}, "pin_void>support certificate_renewed>admin certificate_renewed>support", "0B", ""},
		"ended and not listed any more": {func(l *life) []Notice {
			both := []Certificate{ours(l, 1), dist("0B", l.now.Add(300*day))}
			l.list(both...)
			l.pass(25 * time.Hour)
			return l.list(both[1])
		}, "pin_void>support certificate_renewed>admin certificate_renewed>support", "0B", ""},
		"ended, none other": {func(l *life) []Notice {
			only := ours(l, 1)
			l.list(only)
			l.pass(25 * time.Hour)
			return l.list(only)
		}, "certificate_expired>admin certificate_expired>support", "0A", "0A"},
		"never listed": {func(l *life) []Notice {
			l.list(dist("0B", l.now.Add(300*day)))
			l.pass(time.Hour)
			return l.list(dist("0B", l.now.Add(300*day)))
		}, "pin_void>support", "0B", ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLife(t, "publish")
			l.accept(fine)
			l.do(CertificatePinned{Serial: "0A", By: "support"})
			notices := tc.run(l)
			wantNotices(t, notices, tc.want)
			if w := l.it.Certificates; w.Serial != tc.watched || w.Pinned != tc.pinned {
				t.Errorf("watched %s, pinned %q", w.Serial, w.Pinned)
			}
			for _, n := range notices {
				if n.Kind == NoticePinVoid && (n.Facts.Serial != "0A" || n.Facts.Next != "0B") {
					t.Errorf("support is told %+v", n.Facts)
				}
			}
		})
	}
}
