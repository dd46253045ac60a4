package integration

import (
	"cmp"
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
	c.readable()
	c.back(e.Listed)
	c.watch(e.Listed)
	c.climb()
	c.countSlots(e)
	w.DueAt = earliest(slot(c.it.ID, c.now.Add(certificatesEvery-Interval)), w.nextStep(c.now))
	if !w.MissingSince.IsZero() {
		w.DueAt = earliest(w.DueAt, c.now.Add(certificatesRetry))
	}
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
		case best == nil || cmp.Or(cert.NotAfter.Compare(best.NotAfter), strings.Compare(best.Serial, cert.Serial)) == 1:
			best = &cert
		}
	}
	return best
}

func contains(listed []Certificate, serial string) bool {
	return slices.ContainsFunc(listed, func(cert Certificate) bool { return cert.Serial == serial })
}

// watch moves to the certificate to watch, and tells what became of the one
// before: vanished before its end (revoked, or not visible any more [FIELD]),
// or followed by a later one after a warning. While the watched or the pinned
// one is missing for the first time, everything stays as it is.
func (c *change) watch(listed []Certificate) {
	w := &c.it.Certificates
	wanted := cmp.Or(w.Pinned, w.Serial)
	ended := wanted == w.Serial && !w.NotAfter.After(c.now)
	missing := wanted != "" && wanted != w.Vanished && !ended && !contains(listed, wanted)
	since, sure := w.MissingSince, true
	if missing {
		since, sure = absent(since, c.now)
	}
	if !sure {
		w.MissingSince = since
		return
	}
	w.MissingSince = time.Time{}
	next := c.voidPin(listed)
	if missing && wanted == w.Serial {
		c.vanish(next)
	}
	c.follow(next)
}

// voidPin chooses the certificate to watch. A pinned one that has ended or is
// gone gives way to a good one, and support, who pinned it, hears of that: a
// pin never changes silently.
func (c *change) voidPin(listed []Certificate) *Certificate {
	w := &c.it.Certificates
	next := choose(listed, w.Pinned, c.now)
	if w.Pinned == "" || next != nil && next.NotAfter.After(c.now) {
		return next
	}
	other := choose(listed, "", c.now)
	if other == nil {
		return next
	}
	c.notice(NoticePinVoid, ToSupport, w.Pinned+"-"+other.Serial, Notice{
		Facts: Facts{Serial: w.Pinned, Next: other.Serial, CertType: other.Type, Expires: other.NotAfter},
	})
	w.Pinned = ""
	return other
}

// vanish tells that the watched certificate is gone, and which one is watched
// from now on, if any.
func (c *change) vanish(next *Certificate) {
	w := &c.it.Certificates
	w.Vanished, w.Warned = w.Serial, next == nil
	w.Episode++
	f := Facts{Serial: w.Serial, CertType: w.Type, Expires: w.NotAfter}
	if next != nil {
		f.Next = next.Serial
	}
	c.certNotice(NoticeCertVanished, w.Serial+"-"+itoa(w.Episode), f)
}

// back tells that a certificate is listed again which was told as gone. Its
// warnings go on where they were.
func (c *change) back(listed []Certificate) {
	w := &c.it.Certificates
	i := slices.IndexFunc(listed, func(cert Certificate) bool { return w.Vanished != "" && cert.Serial == w.Vanished })
	if i < 0 {
		return
	}
	w.Vanished = ""
	if w.Serial == listed[i].Serial {
		w.Warned = w.Step < ladderTop
	}
	w.Episode++
	c.certNotice(NoticeCertBack, listed[i].Serial+"-"+itoa(w.Episode), Facts{
		Serial: listed[i].Serial, CertType: listed[i].Type, Expires: listed[i].NotAfter,
	})
}

// ladderTop is the step of a certificate of whose end nobody has been warned.
var ladderTop = certificateSteps[len(certificateSteps)-1] + 1

// follow moves to another certificate, whose ladder begins anew.
func (c *change) follow(next *Certificate) {
	w := &c.it.Certificates
	if next == nil || next.Serial == w.Serial {
		return
	}
	w.Serial, w.Type, w.NotAfter, w.Step = next.Serial, next.Type, next.NotAfter, ladderTop
	if w.Warned && daysLeft(next.NotAfter, c.now) >= w.Step {
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
	f := Facts{Serial: w.Serial, CertType: w.Type, Expires: w.NotAfter, Days: left}
	if c.now.Sub(w.CheckedAt) > certificatesEvery+certificatesRetry {
		f.Since = w.CheckedAt // it is some time ago that Apple listed it
	}
	c.certNotice(kind, w.Serial+"-"+itoa(w.Step), f)
}

// nextStep is when the next warning is due: the list is read then too, so that
// nobody hears a day late of an end, or of a certificate renewed meanwhile.
// Zero means none.
func (w CertificateState) nextStep(now time.Time) time.Time {
	if w.Serial == "" || w.Serial == w.Vanished {
		return time.Time{}
	}
	for _, s := range slices.Backward(certificateSteps[:]) {
		if at := w.NotAfter.Add(-time.Duration(s) * day); at.After(now) {
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

// unlisted notes a look that gave no complete list. What is known of the
// watched certificate's end is warned about all the same.
func (c *change) unlisted(e CertificatesUnlisted) {
	w := &c.it.Certificates
	if !c.it.Key.is(e.Used) || e.Check == "" || w.Lease.ID != e.Check {
		return
	}
	w.Lease = Lease{}
	w.DueAt = c.now.Add(certificatesRetry)
	if c.it.State == Deactivated {
		w.DueAt = c.now.Add(certificatesEvery)
	}
	c.climb()
	c.unreadable(e.Reason)
}

// unreadable tells support, once, that the list has not been read for a day.
// While the key itself has a problem, or gets no answer either, support hears
// of that.
func (c *change) unreadable(why Reason) {
	w := &c.it.Certificates
	if w.UnreadSince.IsZero() {
		w.UnreadSince = c.now
	}
	elsewhere := c.it.State != Active || !c.it.Unanswered.Since.IsZero()
	if w.UnreadTold || elsewhere || c.now.Sub(w.UnreadSince) < toldAfter {
		return
	}
	w.UnreadTold = true
	c.unreadNotice(NoticeCertUnread, why)
}

// readable ends what unreadable began.
func (c *change) readable() {
	w := &c.it.Certificates
	if w.UnreadTold {
		c.unreadNotice(NoticeCertReadable, "")
	}
	w.UnreadSince, w.UnreadTold = time.Time{}, false
}

func (c *change) unreadNotice(k NoticeKind, why Reason) {
	w := c.it.Certificates
	c.notice(k, ToSupport, w.UnreadSince.UTC().Format(time.RFC3339), Notice{
		Reason: why, Facts: Facts{Since: w.UnreadSince, Serial: w.Serial, CertType: w.Type, Expires: w.NotAfter},
	})
}

// stepAt is when the next warning goes out even though the list has not been
// read when it was due: an hour later, so that Apple, where it answers, can
// show a certificate that was renewed meanwhile. Zero means never.
func (w CertificateState) stepAt() time.Time {
	if w.Serial == "" || w.Serial == w.Vanished {
		return time.Time{}
	}
	for _, s := range slices.Backward(certificateSteps[:]) {
		if s < w.Step {
			return w.NotAfter.Add(-time.Duration(s) * day).Add(certificatesRetry)
		}
	}
	return time.Time{}
}

// absent takes one more reading in which something is missing that was there
// before, since when it is known to be missing, and reports whether it may be
// told as gone: Apple leaves things out of lists now and then, so that it takes
// two readings, the second of another time.
func absent(since, now time.Time) (time.Time, bool) {
	if since.IsZero() {
		return now, false
	}
	return since, now.Sub(since) >= secondReading
}

const secondReading = 10 * time.Minute
