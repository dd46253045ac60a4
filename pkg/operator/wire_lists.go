package operator

import "time"

// A List is one page of integrations, ordered by ID.
type List struct {
	Integrations []Integration `json:"integrations"`
	Next         string        `json:"next,omitempty"` // the next page's cursor; empty on the last
}

// A Search names what to look for. Exactly one member must be given.
type Search struct {
	ID        string `json:"id,omitempty"`
	Reference string `json:"reference,omitempty"`
	TeamID    string `json:"team_id,omitempty"`
	KeyID     string `json:"key_id,omitempty"`
	BundleID  string `json:"bundle_id,omitempty"`
	Address   string `json:"address,omitempty"` // a contact's e-mail address
}

// A History is one page of entries, newest first.
type History struct {
	Entries []Entry `json:"entries"`
	Next    string  `json:"next,omitempty"`
}

// An Entry is one line of a history.
type Entry struct {
	At      time.Time `json:"at"`
	What    string    `json:"what"`
	Actor   string    `json:"actor"`
	From    string    `json:"from,omitempty"`
	To      string    `json:"to,omitempty"`
	Verdict string    `json:"verdict,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Check   string    `json:"check,omitempty"`
	Upload  string    `json:"upload,omitempty"`
	KeyID   string    `json:"key_id,omitempty"`
	Detail  string    `json:"detail,omitempty"`
}

// Notices are the mails about one integration, newest first.
type Notices struct {
	Notices []Notice `json:"notices"`
}

// A Notice is one mail that went out, or will.
type Notice struct {
	ID        string    `json:"id"`
	Delivery  string    `json:"delivery"` // pending, held_back, sent, bounced or dropped
	Kind      string    `json:"kind"`     // see integration.NoticeKind
	Audience  string    `json:"audience"`
	Reason    string    `json:"reason,omitempty"`
	Status    string    `json:"status"`
	CreatedAt time.Time `json:"created_at"`
	NotBefore time.Time `json:"not_before,omitzero"`
	SentAt    time.Time `json:"sent_at,omitzero"`
	SentTo    string    `json:"sent_to,omitempty"` // a contact's ID; empty: support
	Attempts  int       `json:"attempts"`
	Link      bool      `json:"link"`     // it carried an upload link
	Readable  bool      `json:"readable"` // its text is kept
}

// A SentNotice is one mail with what it said.
type SentNotice struct {
	Notice
	Words   string `json:"words"` // what was left out of the text, or why there is none
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"`
}

// Uploads are the key files that one integration was sent, newest first.
type Uploads struct {
	Uploads []Upload `json:"uploads"`
}

// An Upload is one key file on its way in, and what became of each attempt.
type Upload struct {
	ID          string    `json:"id"`
	Contact     string    `json:"contact"`
	KeyID       string    `json:"key_id"`
	State       string    `json:"state"` // see integration.UploadState
	CreatedAt   time.Time `json:"created_at"`
	FormExpires time.Time `json:"form_expires"`
	WaitFrom    time.Time `json:"wait_from,omitzero"`
	Tries       int       `json:"tries,omitempty"`
	Words       string    `json:"words"`              // how far it has come, and why
	Attempts    []Attempt `json:"attempts,omitempty"` // newest first
}

// An Attempt is one file that arrived.
type Attempt struct {
	At        time.Time `json:"at"`
	State     string    `json:"state"`
	Diagnosis string    `json:"diagnosis,omitempty"`
	Sentence  string    `json:"sentence,omitempty"` // the diagnosis, to a person
	Missing   []string  `json:"missing,omitempty"`
}

// Certificates are a team's signing certificates as last listed.
type Certificates struct {
	Certificates []Certificate `json:"certificates"`
}

// A Certificate is one signing certificate.
type Certificate struct {
	Serial       string    `json:"serial"`
	Type         string    `json:"type"`
	Name         string    `json:"name"`
	TeamID       string    `json:"team_id,omitempty"`
	NotAfter     time.Time `json:"not_after"`
	FirstSeen    time.Time `json:"first_seen"`
	LastSeen     time.Time `json:"last_seen"`
	GoneAt       time.Time `json:"gone_at,omitzero"`
	Distribution bool      `json:"distribution"`
	Watched      bool      `json:"watched"`
	Pinned       bool      `json:"pinned"`
}

// Fleet is how all integrations are together.
type Fleet struct {
	Size   int            `json:"size"`   // integrations with a key in force, as last counted
	Counts map[string]int `json:"counts"` // by state

	Hold         bool      `json:"hold"`
	HoldSince    time.Time `json:"hold_since,omitzero"`
	HeldNow      int       `json:"held_now,omitempty"`  // bad just now
	HeldPeak     int       `json:"held_peak,omitempty"` // the most that were bad at once
	MayEndHold   bool      `json:"may_end_hold"`        // it has lasted for 24 h: support decides
	MayEndHoldAt time.Time `json:"may_end_hold_at,omitzero"`
	ReleasedAt   time.Time `json:"released_at,omitzero"` // when a person last ended a hold
	ReleasedBy   string    `json:"released_by,omitempty"`

	Wave      bool      `json:"wave"`
	WaveSince time.Time `json:"wave_since,omitzero"`
	WaveNow   int       `json:"wave_now,omitempty"`
	WavePeak  int       `json:"wave_peak,omitempty"`

	Silent      bool      `json:"silent"` // support was told that Apple answers nobody
	SilentTold  time.Time `json:"silent_told,omitzero"`
	CanaryFails bool      `json:"canary_fails"`
}

// AccessLevels are those on offer.
type AccessLevels struct {
	AccessLevels []AccessLevel `json:"access_levels"`
}
