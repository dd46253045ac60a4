package sweep

import (
	"math"
	"time"

	"keyward/pkg/integration"
)

const (
	waveLasts  = 48 * time.Hour // at most: customers' mails wait for half of it
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
	Recovered  []integration.Mark // rejected lately, and good again
	Agreement  []integration.Mark
	Unanswered []integration.Mark
	CanaryBad  bool // the vendor's own key fails
}

// Evaluate decides on the fleet hold, the agreement wave and the silence of
// Apple, and writes what support must be told.
//
//	      turned ≥ threshold            bad × 2 < peak, and turned < threshold
//	calm ─────────────────────▶ hold, support ──────────────────▶ calm, support
//	                               │ over 24 h: support, once        ▲
//	                               └────── a person ends it ─────────┘
//
// A person's end is FleetStatus.EndHold. What turned before it counts no more,
// so that the same integrations do not begin the next hold a minute later. For
// the same reason a hold does not end by itself while as many have turned
// lately as would begin it.
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
		turned := float64(len(e.turned()))
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

// turned are those that turned rejected lately, whether or not they are good
// again: who is, proves most that Apple is at fault.
func (e *evaluation) turned() []integration.Mark {
	turned := e.st.Turned(e.f.Rejected, e.f.Now)
	seen := map[integration.ID]bool{}
	for _, m := range turned {
		seen[m.Integration] = true
	}
	for _, m := range e.st.Turned(e.f.Recovered, e.f.Now) {
		if !seen[m.Integration] {
			turned = append(turned, m)
		}
	}
	return turned
}

func (e *evaluation) hold() {
	now, turned := e.f.Now, e.turned()
	many := len(turned) >= threshold(e.st.Usual, e.st.Size)
	if e.st.HoldSince.IsZero() {
		if many {
			e.st.HoldSince, e.st.HeldPeak, e.st.OverdueTold = now, len(turned), false
			e.tell(integration.NoticeHoldBegan, now, turned)
		}
		return
	}
	began, bad := e.st.HoldSince, e.st.Held(e.f.Rejected)
	e.st.HeldPeak = max(e.st.HeldPeak, len(bad))
	switch {
	case len(bad)*2 < e.st.HeldPeak && !many:
		e.tell(integration.NoticeHoldEnded, began, bad).Facts.Peak = e.st.HeldPeak
		e.st = e.st.WithoutHold()
	case e.st.Decidable(now) && !e.st.OverdueTold:
		e.tell(integration.NoticeHoldOverdue, began, bad).Facts.Peak = e.st.HeldPeak
		e.st.OverdueTold = true
	}
}

// wave is the same for agreements, which come in waves when Apple publishes
// new ones. Nobody has to end one: customers' mails wait for a day at most.
func (e *evaluation) wave() {
	now, many := e.f.Now, threshold(math.Inf(1), e.st.Size)
	if e.st.WaveSince.IsZero() {
		if turned := integration.MarkedSince(e.f.Agreement, now.Add(-integration.HoldWindow)); len(turned) >= many {
			e.st.WaveSince, e.st.WavePeak = now, len(turned)
			e.tell(integration.NoticeWaveBegan, now, turned)
		}
		return
	}
	began, bad := e.st.WaveSince, e.st.Blocked(e.f.Agreement)
	e.st.WavePeak = max(e.st.WavePeak, len(bad))
	if len(bad)*2 < many || now.Sub(began) >= waveLasts {
		e.tell(integration.NoticeWaveEnded, began, bad).Facts.Peak = e.st.WavePeak
		e.st.WaveSince, e.st.WavePeak = time.Time{}, 0
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
// Of a day in which a person has ended a hold that cannot be said.
func (e *evaluation) canary() {
	others := e.st.HoldSince.IsZero() && e.st.WaveSince.IsZero() && e.f.Now.Sub(e.st.ReleasedAt) >= integration.HoldDecidable
	fails := e.f.CanaryBad && others
	if fails && !e.st.CanaryFails {
		e.tell(integration.NoticeCanaryFails, e.f.Now, nil)
	}
	e.st.CanaryBad = e.f.CanaryBad
	e.st.CanaryFails = fails || e.f.CanaryBad && e.st.CanaryFails
}

// tell writes a notice to support, which may be changed until the next one.
func (e *evaluation) tell(k integration.NoticeKind, occasion time.Time, about []integration.Mark) *integration.Notice {
	e.notices = append(e.notices, integration.NewFleetNotice(k, occasion, about, e.f.Now))
	return &e.notices[len(e.notices)-1]
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
