package integration

import (
	"errors"
	"time"
)

var (
	// ErrNoHold says that there is no fleet hold to end.
	ErrNoHold = errors.New("there is no fleet hold")
	// ErrHoldYoung says that the fleet hold is not old enough for a person to
	// end it.
	ErrHoldYoung = errors.New("the fleet hold is too young to be ended")
)

// A MarkSet is a set of integrations that share a trouble just now.
type MarkSet string

const (
	MarkedRejected   MarkSet = "rejected"   // ok at the check before, then rejected
	MarkedAgreement  MarkSet = "agreement"  // ok at the check before, then blocked by an agreement
	MarkedUnanswered MarkSet = "unanswered" // the last check was inconclusive
	MarkedRecovered  MarkSet = "recovered"  // rejected, and good again: Apple was wrong about it
)

// A Mark is one integration's place in a MarkSet.
type Mark struct {
	Integration ID
	At          time.Time // when the trouble began
}

// MaxMarks is how many marks of one set are looked at: more than the
// threshold of a fleet of 100,000.
const MaxMarks = 10_000

// MaxNames bounds the integrations that one mail about the fleet lists.
const MaxNames = 50

const (
	// HoldWindow is how close together turns must come to count for a fleet
	// hold, or for an agreement wave.
	HoldWindow = 6 * time.Hour
	// HoldDecidable is how long a fleet hold lasts before support may end it.
	HoldDecidable = 24 * time.Hour
)

// A FleetStatus is what is known of all integrations together. There is one.
type FleetStatus struct {
	Version int64
	Size    int       // integrations with a key in force
	SizedAt time.Time // when Size was counted
	Usual   float64   // how many turn rejected in six hours on an ordinary day

	HoldSince   time.Time // zero: no hold
	HeldPeak    int       // how many began the hold, or the most that were bad at once during it
	OverdueTold bool      // support was told that the hold is over 24 h old
	ReleasedAt  time.Time // when a person last ended a hold; what turned before does not count any more
	ReleasedBy  string    // who that was, as in the history

	WaveSince  time.Time // zero: no agreement wave
	WavePeak   int       // the most that were blocked at once during the wave
	SilentTold time.Time // when support was last told that Apple answers nobody

	CanaryBad   bool // the vendor's own key fails
	CanaryFails bool // and support was told, since the others do not
}

// View is what Apply must know of the status. The canary is the vendor's own
// key, checked beside the customers': empty where there is none. One that
// fails says nothing for Apple.
func (f FleetStatus) View(canary ID) FleetView {
	return FleetView{
		Size: f.Size, Canary: canary != "" && !f.CanaryBad,
		Hold: !f.HoldSince.IsZero(), HoldSince: f.HoldSince, Wave: !f.WaveSince.IsZero(), Silent: !f.SilentTold.IsZero(),
	}
}

// Turned are the marks of the last HoldWindow that count for a new hold. Those
// from before a person ended one do not: the person has decided about them.
func (f FleetStatus) Turned(rejected []Mark, now time.Time) []Mark {
	return f.counting(rejected, now.Add(-HoldWindow))
}

// Held are the marks that count for the hold which is on; none without one.
func (f FleetStatus) Held(rejected []Mark) []Mark {
	if f.HoldSince.IsZero() {
		return nil
	}
	return f.counting(rejected, f.HoldSince.Add(-HoldWindow))
}

func (f FleetStatus) counting(rejected []Mark, from time.Time) []Mark {
	var out []Mark
	for _, m := range rejected {
		if !m.At.Before(from) && m.At.After(f.ReleasedAt) {
			out = append(out, m)
		}
	}
	return out
}

// Blocked are the marks that count for the wave which is on; none without one.
func (f FleetStatus) Blocked(agreement []Mark) []Mark {
	if f.WaveSince.IsZero() {
		return nil
	}
	return MarkedSince(agreement, f.WaveSince.Add(-HoldWindow))
}

// MarkedSince gives the marks that were set at the time or later.
func MarkedSince(marks []Mark, at time.Time) []Mark {
	var out []Mark
	for _, m := range marks {
		if !m.At.Before(at) {
			out = append(out, m)
		}
	}
	return out
}

// DecidableAt is from when on support may end the hold; zero without a hold.
func (f FleetStatus) DecidableAt() time.Time {
	if f.HoldSince.IsZero() {
		return time.Time{}
	}
	return f.HoldSince.Add(HoldDecidable)
}

// Decidable tells whether support may end the hold now.
func (f FleetStatus) Decidable(now time.Time) bool {
	return !f.HoldSince.IsZero() && !now.Before(f.DecidableAt())
}

// EndHold is the status after a person has ended the hold, and what support is
// told of it. The marks are all that there are. Without a hold the error is
// ErrNoHold, before DecidableAt ErrHoldYoung.
func (f FleetStatus) EndHold(by string, rejected []Mark, now time.Time) (FleetStatus, Notice, error) {
	switch {
	case f.HoldSince.IsZero():
		return f, Notice{}, ErrNoHold
	case !f.Decidable(now):
		return f, Notice{}, ErrHoldYoung
	}
	bad := f.Held(rejected)
	peak := max(f.HeldPeak, len(bad))
	n := NewFleetNotice(NoticeHoldEnded, f.HoldSince, bad, now)
	n.Facts.Peak, n.Facts.By = peak, by
	f.ReleasedAt, f.ReleasedBy = now, by
	return f.WithoutHold(), n, nil
}

// WithoutHold is the status once the hold has ended.
func (f FleetStatus) WithoutHold() FleetStatus {
	f.HoldSince, f.HeldPeak, f.OverdueTold = time.Time{}, 0, false
	return f
}

// NewFleetNotice makes a notice to support about the integrations marked. The
// occasion keeps it from being written twice. Names are IDs: who writes the
// notice puts labels in their place.
func NewFleetNotice(k NoticeKind, occasion time.Time, about []Mark, now time.Time) Notice {
	var names []string
	for _, m := range about[:min(len(about), MaxNames)] {
		names = append(names, string(m.Integration))
	}
	return Notice{
		Integration: Fleet, Kind: k, Audience: ToSupport,
		Dedupe:    string(k) + "#" + string(ToSupport) + "#" + occasion.UTC().Format(time.RFC3339),
		Facts:     Facts{Count: len(about), Since: occasion, Names: names},
		CreatedAt: now, Status: Pending, DueAt: now.Add(NoticeGrace),
	}
}
