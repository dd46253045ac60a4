package integration

import "time"

// An Event is something that happened to an integration. Each type carries its
// own rules; Apply puts them together.
type Event interface {
	// event is its name, in the history and in errors.
	event() string
	// relevance says whether it means anything to the integration as it is.
	relevance(it Integration) relevance
	// apply changes the integration, and adds the notices.
	apply(c *change) error
	// record fills in what is particular to the event, and reports whether the
	// history gets the line. What only repeats what is known, or is a worker's
	// bookkeeping, gets none.
	record(before, after Integration, line *Entry) bool
}

// A relevance is what an event is to an integration in its state: a cell of
// the state table.
type relevance int

const (
	relevant   relevance = iota
	absorbed             // changes nothing, and is no error: it was on its way when the integration ended
	impossible           // a *TransitionError
)

// unlessDisconnected refuses what a disconnected integration cannot have.
func unlessDisconnected(it Integration) relevance {
	if it.State == Disconnected {
		return impossible
	}
	return relevant
}

// whileConnected absorbs what may arrive after the end.
func whileConnected(it Integration) relevance {
	if it.State == Disconnected {
		return absorbed
	}
	return relevant
}

// afterFirstKey is for answers of Apple's.
func afterFirstKey(it Integration) relevance {
	switch it.State {
	case Disconnected:
		return absorbed
	case AwaitingKey:
		return impossible
	}
	return relevant
}

// withKey refuses what needs a key in force.
func withKey(it Integration) relevance {
	if it.Key == nil {
		return impossible
	}
	return relevant
}

// FleetView is what Apply must know of all integrations together.
type FleetView struct {
	Size   int  // integrations with a key in force
	Canary bool // the vendor's own key is checked beside the customers', and is good
	Hold   bool // many turned rejected together: nothing counts, no customer is mailed
	Wave   bool // many were blocked by an agreement together: customers' mails wait
	Silent bool // Apple answers nobody: one integration's silence is no news

	HoldSince time.Time // with Hold: since when nothing counts
}

// A CheckMessage asks validate, or certificates, for one look at Apple. The
// sweep writes the lease first, then queues the message.
type CheckMessage struct {
	Integration ID      `json:"integration"`
	Check       CheckID `json:"check"`
	Correlation string  `json:"correlation_id,omitempty"` // of the sweep; see package correlation
}
