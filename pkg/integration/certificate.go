package integration

import "time"

// A Certificate is one entry of a team's inventory of signing certificates,
// as App Store Connect last listed it.
type Certificate struct {
	Integration ID
	Serial      string // upper-case hex without leading zeros
	AppleID     string // the resource's ID at App Store Connect
	Type        string // Apple's certificateType; unknown ones are kept as they are
	Name        string
	TeamID      string // the subject's OU; empty where the certificate could not be read
	NotAfter    time.Time
	FirstSeen   time.Time
	LastSeen    time.Time
	GoneAt      time.Time // when it was first missing from the list, once another list confirmed that; zero while listed
	MissingFrom time.Time // when it was first missing from a list; zero while listed
}

// Missing is the certificate after a complete list that lacks it. It counts as
// gone only once another list, of another time, lacks it too.
func (c Certificate) Missing(now time.Time) Certificate {
	since, sure := absent(c.MissingFrom, now)
	c.MissingFrom = since
	if sure && c.GoneAt.IsZero() {
		c.GoneAt = since
	}
	return c
}

// Distribution tells whether the certificate signs apps for the App Store.
// The two types are counted apart by Apple.
func (c Certificate) Distribution() bool {
	return c.Type == "DISTRIBUTION" || c.Type == "IOS_DISTRIBUTION"
}

// CertificateState is what is known, and was told, of the distribution
// certificate that is watched: the one pinned by support, else the one that
// lasts longest.
type CertificateState struct {
	DueAt     time.Time // zero: never
	Lease     Lease
	CheckedAt time.Time // the last complete list
	Pinned    string    // serial that support chose; empty: the one that lasts longest
	Serial    string    // watched
	Type      string
	NotAfter  time.Time
	Step      int    // the smallest warning step, in days, already told; 0 is expired; NoStep is none
	Warned    bool   // a warning about the watched certificate, or one before it, is open
	Vanished  string // serial of the one last told to have vanished, unless it is back
	Used      int    // slots of the watched type in use
	SlotTold  bool
	Episode   int

	MissingSince time.Time // since when complete lists lack the watched or pinned certificate; zero while they show it
	UnreadSince  time.Time // since when no complete list could be read; zero while they can
	UnreadTold   bool      // and support was told
}
