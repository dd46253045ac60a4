package sweep

import (
	"math"
	"time"

	"keyward/pkg/integration"
)

const (
	window     = 6 * time.Hour  // turns within it count together
	decideBy   = 24 * time.Hour // a hold that is older is support's to decide
	silentFor  = 24 * time.Hour
	countEvery = time.Hour
	// usualShare is the weight of the last six hours in the usual number of
	// turns, each hour anew: half of what it knows is a day and a half old.
	usualShare = 0.02
)

// Facts are what is known of the fleet at one moment.
type Facts struct {
	Now        time.Time
	Size       int                // integrations with a key in force
	Counted    bool               // Size was counted just now
	Rejected   []integration.Mark // the sets, less what is known to be stale
	Agreement  []integration.Mark
	Unanswered []integration.Mark
	CanaryBad  bool // the vendor's own key fails
}

// Evaluate decides on the fleet hold, the agreement wave and the silence of
// Apple, and writes what support must be told.
//
//	      turned ≥ threshold                    bad × 2 < peak
//	calm ─────────────────────▶ hold, support ──────────────────▶ calm, support
//	                               │ over 24 h: support, once
func Evaluate(st integration.FleetStatus, f Facts) (integration.FleetStatus, []integration.Notice) {
	e := evaluation{st: st, f: f}
	e.count()
	e.hold()
	e.wave()
	e.silence()
	e.canary()
	return e.st, e.notices
}

type evaluation struct {
	st      integration.FleetStatus
	f       Facts
	notices []integration.Notice
}

// count takes over the size, and learns what is usual while nothing is held.
func (e *evaluation) count() {
	if !e.f.Counted {
		return
	}
	e.st.Size, e.st.SizedAt = e.f.Size, e.f.Now
	if e.st.HoldSince.IsZero() {
		turned := float64(len(since(e.f.Rejected, e.f.Now.Add(-window))))
		e.st.Usual += usualShare * (turned - e.st.Usual)
	}
}

// ordinary is the share of a fleet that turns rejected in six hours on any day,
// as a floor: the usual number is learnt while nothing is held, and a large
// fleet that began with none would be on hold from its first day on, for ever.
const ordinary = 1.0 / 250

// threshold is how many turns are too many: five times the usual number, but
// no more than 5 % of the fleet, and never less than three.
func threshold(usual float64, size int) int {
	usual = max(usual, ordinary*float64(size))
	many := min(math.Ceil(5*usual), math.Ceil(float64(size)/20))
	return max(3, int(many))
}

func (e *evaluation) hold() {
	now := e.f.Now
	if e.st.HoldSince.IsZero() {
		turned := since(e.f.Rejected, now.Add(-window))
		if len(turned) >= threshold(e.st.Usual, e.st.Size) {
			e.st.HoldSince, e.st.HeldPeak, e.st.OverdueTold = now, len(turned), false
			e.tell(integration.NoticeHoldBegan, now, turned)
		}
		return
	}
	began := e.st.HoldSince
	bad := since(e.f.Rejected, began.Add(-window))
	e.st.HeldPeak = max(e.st.HeldPeak, len(bad))
	switch {
	case len(bad)*2 < e.st.HeldPeak:
		e.tell(integration.NoticeHoldEnded, began, bad)
		e.st.HoldSince, e.st.HeldPeak, e.st.OverdueTold = time.Time{}, 0, false
	case now.Sub(began) >= decideBy && !e.st.OverdueTold:
		e.tell(integration.NoticeHoldOverdue, began, bad)
		e.st.OverdueTold = true
	}
}

// wave is the same for agreements, which come in waves when Apple publishes
// new ones. Its end needs no mail: the customers' mails are on their way then.
func (e *evaluation) wave() {
	now, many := e.f.Now, threshold(math.Inf(1), e.st.Size)
	if e.st.WaveSince.IsZero() {
		if turned := since(e.f.Agreement, now.Add(-window)); len(turned) >= many {
			e.st.WaveSince = now
			e.tell(integration.NoticeWaveBegan, now, turned)
		}
		return
	}
	if bad := since(e.f.Agreement, e.st.WaveSince.Add(-window)); len(bad)*2 < many || now.Sub(e.st.WaveSince) >= 2*decideBy {
		e.st.WaveSince = time.Time{}
	}
}

// silence is Apple giving no conclusive answer to half of the fleet, and to
// two at least, for a day. Support hears of it once, until Apple speaks again.
func (e *evaluation) silence() {
	many := max(2, (e.st.Size+1)/2)
	if !e.st.SilentTold.IsZero() {
		if len(e.f.Unanswered) < many {
			e.st.SilentTold = time.Time{}
		}
		return
	}
	var long []integration.Mark
	for _, m := range e.f.Unanswered {
		if e.f.Now.Sub(m.At) >= silentFor {
			long = append(long, m)
		}
	}
	if len(long) >= many {
		e.st.SilentTold = e.f.Now
		e.tell(integration.NoticeFleetSilent, first(long), long)
	}
}

// canary alerts support when the vendor's own key fails and the others do not.
func (e *evaluation) canary() {
	fails := e.f.CanaryBad && e.st.HoldSince.IsZero() && e.st.WaveSince.IsZero()
	if fails && !e.st.CanaryFails {
		e.tell(integration.NoticeCanaryFails, e.f.Now, nil)
	}
	e.st.CanaryFails = fails || e.f.CanaryBad && e.st.CanaryFails
}

// tell writes a notice to support. The occasion keeps it from being written
// twice.
func (e *evaluation) tell(k integration.NoticeKind, occasion time.Time, about []integration.Mark) {
	count := len(about)
	if k == integration.NoticeHoldEnded {
		count = e.st.HeldPeak
	}
	var names []string // IDs for now: who writes them puts labels in their place
	for _, m := range about[:min(len(about), maxNames)] {
		names = append(names, string(m.Integration))
	}
	e.notices = append(e.notices, integration.Notice{
		Integration: integration.Fleet, Kind: k, Audience: integration.ToSupport,
		Dedupe:    string(k) + "#" + string(integration.ToSupport) + "#" + occasion.UTC().Format(time.RFC3339),
		Facts:     integration.Facts{Count: count, Since: occasion, Names: names},
		CreatedAt: e.f.Now, Status: integration.Pending, DueAt: e.f.Now.Add(integration.NoticeGrace),
	})
}

// maxNames bounds the integrations that one mail lists.
const maxNames = 50

// since gives the marks that were set at the time or later.
func since(marks []integration.Mark, at time.Time) []integration.Mark {
	var out []integration.Mark
	for _, m := range marks {
		if !m.At.Before(at) {
			out = append(out, m)
		}
	}
	return out
}

// first is the earliest time of the marks.
func first(marks []integration.Mark) time.Time {
	at := marks[0].At
	for _, m := range marks {
		if m.At.Before(at) {
			at = m.At
		}
	}
	return at
}
