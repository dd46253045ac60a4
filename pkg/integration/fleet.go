package integration

import "time"

// A MarkSet is a set of integrations that share a trouble just now.
type MarkSet string

const (
	MarkedRejected   MarkSet = "rejected"   // ok at the check before, then rejected
	MarkedAgreement  MarkSet = "agreement"  // ok at the check before, then blocked by an agreement
	MarkedUnanswered MarkSet = "unanswered" // the last check was inconclusive
)

// A Mark is one integration's place in a MarkSet.
type Mark struct {
	Integration ID
	At          time.Time // when the trouble began
}

// A FleetStatus is what is known of all integrations together. There is one.
type FleetStatus struct {
	Version int64
	Size    int       // integrations with a key in force
	SizedAt time.Time // when Size was counted
	Usual   float64   // how many turn rejected in six hours on an ordinary day

	HoldSince   time.Time // zero: no hold
	HeldPeak    int       // the most that were bad at once during the hold
	OverdueTold bool      // support was told that the hold is over 24 h old

	WaveSince  time.Time // zero: no agreement wave
	SilentTold time.Time // when support was last told that Apple answers nobody

	CanaryFails bool
}

// View is what Apply must know of the status. The canary is the vendor's own
// key, checked beside the customers': empty where there is none.
func (f FleetStatus) View(canary ID) FleetView {
	return FleetView{
		Size: f.Size, Canary: canary != "",
		Hold: !f.HoldSince.IsZero(), Wave: !f.WaveSince.IsZero(), Silent: !f.SilentTold.IsZero(),
	}
}
