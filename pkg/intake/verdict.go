package intake

import (
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

const (
	// newKeyPatience is how long a key is asked about that Apple does not
	// accept: new ones take a while to work [FIELD].
	newKeyPatience = 3 * time.Minute
	newKeyDelay    = 20 * time.Second

	// applePatience is how long an upload waits for a conclusive answer.
	applePatience = 20 * time.Hour
	// appleDelay is the usual time between two tries; it is also the longest
	// delay that SQS offers. The first few come sooner, since somebody waits
	// in front of the page.
	appleDelay = 15 * time.Minute

	// lastPatience ends the waiting of an upload whose answers change between
	// refusals and silence, counted from the end of its form.
	lastPatience = 24 * time.Hour
)

// A verdict is what comes of one look at an attempt.
type verdict struct {
	state     integration.UploadState // accepted, refused, waiting or expired
	diagnosis string                  // a code; while waiting, the Reason of the last answer
	missing   []integration.Capability
	team      string // refused for its team: the one that Apple shows

	key     keyfile.PrivateKey          // accepted only
	creds   appstoreconnect.Credentials // accepted only: as what Apple accepted it
	outcome integration.Outcome         // accepted only

	from  time.Time // waiting only: since when
	tries int       // waiting only: how often Apple was asked for this reason
	delay time.Duration
}

func refused(diagnosis string, missing ...integration.Capability) verdict {
	return verdict{state: integration.UploadRefused, diagnosis: diagnosis, missing: missing}
}

func refusedTeam(err *integration.TeamError) verdict {
	v := refused(err.Code)
	v.team = err.Found
	return v
}

// judge says what Apple's answer means for the upload, leaving aside for how
// long it has waited: waiting means that the answer is not the last word.
func judge(it integration.Integration, u integration.Upload, creds appstoreconnect.Credentials, o integration.Outcome) verdict {
	level := it.Access
	switch {
	case o.Verdict == integration.Inconclusive, o.Verdict == integration.Rejected && unsettled(o.Reason), o.Reason == integration.ForbiddenAtAll:
		return verdict{state: integration.UploadWaiting, diagnosis: string(o.Reason)}
	case o.Verdict == integration.Rejected:
		return refused(string(o.Reason))
	case o.Kind == integration.IndividualKey && !level.AllowIndividual:
		return refused(string(integration.WrongKeyKind))
	}
	if err := it.RefusesTeam(u.TeamID, keyOf(u, creds), o); err != nil {
		return refusedTeam(err)
	}
	switch {
	case o.Verdict == integration.Blocked && o.Reason == integration.Role:
		return refused(string(integration.Role), o.Missing...)
	case o.Verdict == integration.Blocked && o.Reason == integration.NoApps && !level.NeedsApp:
		o.Verdict, o.Reason = integration.OK, ""
	}
	return verdict{state: integration.UploadAccepted, outcome: o}
}

// unsettled tells whether Apple may yet change its mind about a new key. A 403
// to everything does not say that Apple does not know the key: it waits as
// silence does.
func unsettled(r integration.Reason) bool { return r == integration.NotAuthorized }

// stuckAfter is how long an upload waits before support hears of a reason that
// time alone may not change.
const stuckAfter = 5 * time.Minute

// stuck reports whether support should hear now that the upload waits: at the
// first look after the time, or with the first such reason after it.
func stuck(v verdict, u integration.Upload, now time.Time) bool {
	last, _ := waitsFor(u)
	heard := last.Diagnosis == v.diagnosis && last.At.Sub(v.from) >= stuckAfter
	switch integration.Reason(v.diagnosis) {
	case integration.ForbiddenAtAll, integration.NotTheRole, integration.OurClock:
		return !heard && now.Sub(v.from) >= stuckAfter
	}
	return false
}

// patience turns a waiting verdict into the last word when the time is over,
// and else says when to ask again.
func patience(v verdict, u integration.Upload, etag string, asked time.Duration, now time.Time) verdict {
	v.from, v.tries = waited(u, etag, v.diagnosis, now)
	over := now.Sub(later(u.CreatedAt, u.FormExpires)) >= lastPatience
	if unsettled(integration.Reason(v.diagnosis)) {
		v.delay = newKeyDelay
		if over || now.Sub(v.from) >= newKeyPatience {
			v.state = integration.UploadRefused
		}
		return v
	}
	v.delay = min(max(newKeyDelay<<min(2*v.tries, 10), asked), appleDelay)
	if over || now.Sub(v.from) >= applePatience {
		v.state = integration.UploadExpired
	}
	return v
}

// waited tells since when, and how often, Apple has been asked about the
// attempt with an answer of this sort: three minutes of refusals are not to be
// mixed with hours of silence.
func waited(u integration.Upload, etag, diagnosis string, now time.Time) (time.Time, int) {
	a, ok := waitsFor(u)
	same := unsettled(integration.Reason(a.Diagnosis)) == unsettled(integration.Reason(diagnosis))
	if !ok || a.ETag != etag || !same || u.WaitFrom.IsZero() {
		return now, 0
	}
	return u.WaitFrom, u.Tries
}

// waitsFor is the attempt that the upload waits for.
func waitsFor(u integration.Upload) (integration.Attempt, bool) {
	if u.State != integration.UploadWaiting || len(u.Attempts) == 0 {
		return integration.Attempt{}, false
	}
	a := u.Attempts[len(u.Attempts)-1]
	return a, a.State == integration.UploadWaiting
}

// onItsWay tells whether a delayed message about the attempt is still in the
// queue, so that the one at hand is a duplicate. Some time is left to clocks
// that differ: a chain of messages must not break on them.
func onItsWay(u integration.Upload, etag string, now time.Time) bool {
	a, ok := waitsFor(u)
	if !ok || a.ETag != etag {
		return false
	}
	delay := nextDelay(u, a)
	return now.Before(a.At.Add(delay - min(delay/2, time.Minute)))
}

// nextDelay is the shortest delay that the last look may have chosen.
func nextDelay(u integration.Upload, a integration.Attempt) time.Duration {
	if unsettled(integration.Reason(a.Diagnosis)) {
		return newKeyDelay
	}
	return min(newKeyDelay<<min(2*max(u.Tries-1, 0), 10), appleDelay)
}

// judged tells whether there is a verdict about the attempt already. An upload
// that was accepted takes no other file: a form sent once more changes nothing.
func judged(u integration.Upload, etag string) bool {
	if u.State == integration.UploadAccepted {
		return true
	}
	a, ok := u.Attempt(etag)
	return ok && a.State != integration.UploadWaiting
}

// void tells whether the link that brought the upload was used or revoked.
func void(it integration.Integration, u integration.Upload) bool {
	return u.Epoch != it.LinkEpoch || it.State == integration.Disconnected
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
