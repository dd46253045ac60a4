package integration

import (
	"math"
	"slices"
	"strings"
	"time"
)

// CertificateSteps are the days before the end of the watched certificate on
// which warnings go out; 0 is the end itself.
var certificateSteps = [...]int{0, 1, 3, 7, 14, 30}

// certificatesEvery is how often the list is read.
const (
	certificatesEvery = day
	certificatesRetry = time.Hour
)

// listed takes a complete list of the team's certificates: it chooses the one
// to watch and warns on the steps of the ladder.
func (c *change) listed(e CertificatesListed) {
	w := &c.it.Certificates
	if !c.it.Key.is(e.Used) || e.Check == "" || w.Lease.ID != e.Check {
		return
	}
	w.Lease, w.CheckedAt = Lease{}, c.now
	c.listedTeams(e.Listed)
	before := *w
	next := choose(e.Listed, w.Pinned, c.now)
	c.watch(before, next, contains(e.Listed, before.Serial))
	c.climb()
	c.countSlots(e)
	w.DueAt = earliest(slot(c.it.ID, c.now.Add(certificatesEvery-Interval)), w.nextStep(c.now))
}

// choose finds the certificate to watch: the pinned one, else the
// distribution certificate that lasts longest.
func choose(listed []Certificate, pinned string, now time.Time) *Certificate {
	var best *Certificate
	for _, cert := range listed {
		switch {
		case pinned != "" && cert.Serial == pinned:
			return &cert
		case pinned != "" || !cert.Distribution() || !cert.NotAfter.After(now):
		case best == nil || cert.NotAfter.After(best.NotAfter) ||
			(cert.NotAfter.Equal(best.NotAfter) && strings.Compare(cert.Serial, best.Serial) < 0):
			best = &cert
		}
	}
	return best
}

func contains(listed []Certificate, serial string) bool {
	return slices.ContainsFunc(listed, func(cert Certificate) bool { return cert.Serial == serial })
}

// watch moves to the chosen certificate, and tells what became of the one
// before: vanished before its end (revoked, or not visible any more [FIELD]),
// or followed by a later one after a warning.
func (c *change) watch(before CertificateState, next *Certificate, still bool) {
	w := &c.it.Certificates
	gone := before.Serial != "" && before.Serial != w.Vanished && !still && before.NotAfter.After(c.now)
	if gone {
		w.Vanished, w.Warned = before.Serial, true
		c.certNotice(NoticeCertVanished, before.Serial, Facts{Serial: before.Serial, CertType: before.Type, Expires: before.NotAfter})
	}
	if next == nil || next.Serial == before.Serial {
		return
	}
	w.Serial, w.Type, w.NotAfter = next.Serial, next.Type, next.NotAfter
	w.Step = certificateSteps[len(certificateSteps)-1] + 1
	if w.Warned && !gone && daysLeft(next.NotAfter, c.now) >= w.Step {
		w.Warned = false
		c.certNotice(NoticeCertRenewed, next.Serial, Facts{Serial: next.Serial, CertType: next.Type, Expires: next.NotAfter})
	}
}

// climb warns when the watched certificate has passed the next step.
func (c *change) climb() {
	w := &c.it.Certificates
	if w.Serial == "" || w.Serial == w.Vanished {
		return
	}
	left := daysLeft(w.NotAfter, c.now)
	i := slices.IndexFunc(certificateSteps[:], func(s int) bool { return left <= s })
	if i < 0 || certificateSteps[i] >= w.Step {
		return
	}
	w.Step, w.Warned = certificateSteps[i], true
	kind := NoticeCertExpiring
	if w.Step == 0 {
		kind = NoticeCertExpired
	}
	c.certNotice(kind, w.Serial+"-"+itoa(w.Step), Facts{Serial: w.Serial, CertType: w.Type, Expires: w.NotAfter, Days: left})
}

// nextStep is when the next warning is due: the list is read then too, so that
// nobody hears a day late of an end, or of a certificate renewed meanwhile.
// Zero means none.
func (w CertificateState) nextStep(now time.Time) time.Time {
	if w.Serial == "" || w.Serial == w.Vanished {
		return time.Time{}
	}
	for _, s := range slices.Backward(certificateSteps[:]) {
		if at := w.NotAfter.Add(-time.Duration(s) * day); s < w.Step && at.After(now) {
			return at
		}
	}
	return time.Time{}
}

// daysLeft rounds up: the last hours are one day. It is 0 once the end has come.
func daysLeft(end, now time.Time) int {
	return max(0, int(math.Ceil(end.Sub(now).Hours()/24)))
}

// countSlots tells when Apple would refuse another distribution certificate
// while one is, or soon will be, needed.
func (c *change) countSlots(e CertificatesListed) {
	w := &c.it.Certificates
	kind := w.Type
	if kind == "" {
		kind = "DISTRIBUTION"
	}
	w.Used = 0
	for _, cert := range e.Listed {
		if cert.Type == kind && cert.NotAfter.After(c.now) {
			w.Used++
		}
	}
	full := e.SlotLimit > 0 && w.Used >= e.SlotLimit
	needed := w.Pinned == "" || w.Warned
	switch {
	case !full:
		w.SlotTold = false
	case needed && !w.SlotTold:
		w.SlotTold = true
		w.Episode++
		c.certNotice(NoticeNoSlot, itoa(w.Episode), Facts{CertType: kind, Count: w.Used})
	}
}

func (c *change) certNotice(k NoticeKind, occasion string, f Facts) {
	c.notice(k, ToAdmin, occasion, Notice{Facts: f})
	c.notice(k, ToSupport, occasion, Notice{Facts: f})
}

func (c *change) unlisted(e CertificatesUnlisted) {
	w := &c.it.Certificates
	if !c.it.Key.is(e.Used) || e.Check == "" || w.Lease.ID != e.Check {
		return
	}
	w.Lease = Lease{}
	w.DueAt = c.now.Add(certificatesRetry)
}
