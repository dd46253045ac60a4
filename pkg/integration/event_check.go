package integration

import "time"

// CheckLeased gives a check to a worker.
type CheckLeased struct {
	Check CheckID
	Until time.Time
}

func (CheckLeased) event() string                      { return "check_leased" }
func (CheckLeased) relevance(it Integration) relevance { return withKey(it) }

func (e CheckLeased) apply(c *change) error {
	c.it.Check.Lease = Lease{ID: e.Check, Until: e.Until}
	c.it.Check.DueAt = e.Until
	return nil
}

func (CheckLeased) record(_, _ Integration, _ *Entry) bool {
	return false
}

// CheckRequested makes a check due now.
type CheckRequested struct{ By string }

func (CheckRequested) event() string                      { return "check_requested" }
func (CheckRequested) relevance(it Integration) relevance { return withKey(it) }

func (e CheckRequested) apply(c *change) error {
	c.it.Check.DueAt, c.it.ProbedAt = c.now, time.Time{}
	return nil
}

func (e CheckRequested) record(_, _ Integration, line *Entry) bool {
	line.Actor = e.By
	return true
}

// Checked is the outcome of one check with the key of the upload Used.
// Other is the outcome of the same check with Integration.Other, where
// there was reason to look: see ConsultsOther.
type Checked struct {
	Check     CheckID
	Used      UploadID
	Outcome   Outcome
	UsedOther UploadID
	Other     *Outcome
	Fleet     FleetView
}

func (Checked) event() string                      { return "checked" }
func (Checked) relevance(it Integration) relevance { return afterFirstKey(it) }

func (e Checked) apply(c *change) error {
	c.checked(e)
	return nil
}

func (e Checked) record(before, after Integration, line *Entry) bool {
	line.Check, line.Verdict, line.Reason = e.Check, after.Check.Verdict, after.Check.Reason
	line.Detail = teamMoved(before, after)
	swapped := before.Key != nil && !before.Key.is(after.Key.Upload)
	return moved(before, after) || swapped || line.Detail != "" || before.Check.Verdict != after.Check.Verdict || before.Check.Reason != after.Check.Reason
}

// CertificatesLeased gives a look at the certificates to a worker.
type CertificatesLeased struct {
	Check CheckID
	Until time.Time
}

func (CertificatesLeased) event() string                      { return "certificates_leased" }
func (CertificatesLeased) relevance(it Integration) relevance { return withKey(it) }

func (e CertificatesLeased) apply(c *change) error {
	c.it.Certificates.Lease = Lease{ID: e.Check, Until: e.Until}
	c.it.Certificates.DueAt = e.Until
	return nil
}

func (CertificatesLeased) record(_, _ Integration, _ *Entry) bool {
	return false
}

// CertificatesListed is a complete list of the team's certificates.
type CertificatesListed struct {
	Check     CheckID
	Used      UploadID
	Listed    []Certificate
	SlotLimit int // distribution certificates of a type that Apple allows
}

func (CertificatesListed) event() string                      { return "certificates_listed" }
func (CertificatesListed) relevance(it Integration) relevance { return afterFirstKey(it) }

func (e CertificatesListed) apply(c *change) error {
	c.listed(e)
	return nil
}

func (CertificatesListed) record(before, after Integration, line *Entry) bool {
	line.Detail = after.Certificates.Serial
	return retold(before.Certificates, after.Certificates)
}

// CertificatesUnlisted is a look that failed; it is repeated later.
type CertificatesUnlisted struct {
	Check  CheckID
	Used   UploadID
	Reason Reason
}

func (CertificatesUnlisted) event() string                      { return "certificates_unlisted" }
func (CertificatesUnlisted) relevance(it Integration) relevance { return afterFirstKey(it) }

func (e CertificatesUnlisted) apply(c *change) error {
	c.unlisted(e)
	return nil
}

func (e CertificatesUnlisted) record(before, after Integration, line *Entry) bool {
	line.Detail = string(e.Reason)
	return retold(before.Certificates, after.Certificates)
}

// CertificatePinned says which certificate to watch; an empty serial
// means the one that lasts longest.
type CertificatePinned struct{ Serial, By string }

func (CertificatePinned) event() string                      { return "certificate_pinned" }
func (CertificatePinned) relevance(it Integration) relevance { return unlessDisconnected(it) }

func (e CertificatePinned) apply(c *change) error {
	c.it.Certificates.Pinned, c.it.Certificates.MissingSince = e.Serial, time.Time{}
	c.it.Certificates.DueAt = c.now
	return nil
}

func (e CertificatePinned) record(_, _ Integration, line *Entry) bool {
	line.Actor, line.Detail = e.By, e.Serial
	return true
}

// Tick lets time pass: reminders, deadlines, mails held back.
type Tick struct{ Fleet FleetView }

func (Tick) event() string                      { return "tick" }
func (Tick) relevance(it Integration) relevance { return whileConnected(it) }

func (e Tick) apply(c *change) error {
	c.tick(e.Fleet)
	return nil
}

func (Tick) record(before, after Integration, _ *Entry) bool {
	return moved(before, after) || retold(before.Certificates, after.Certificates) || len(before.Trash) != len(after.Trash)
}
