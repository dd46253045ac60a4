package integration

import "time"

// A State is where an integration is in its life. The table of Apply says
// which event leads where.
type State string

const (
	AwaitingKey    State = "awaiting_key"    // invited, no key has been accepted yet
	Active         State = "active"          // the last conclusive check was good
	Suspect        State = "suspect"         // a check was not good, and it is not confirmed yet
	ActionRequired State = "action_required" // confirmed: a person must mend something at Apple; the key is fine
	Deactivated    State = "deactivated"     // confirmed: the key is not accepted any more
	Disconnected   State = "disconnected"    // ended by the customer or the vendor; nothing leads out
)

// States lists every state, in the order of an integration's life.
func States() []State {
	return []State{AwaitingKey, Active, Suspect, ActionRequired, Deactivated, Disconnected}
}

// An Integration is the vendor's connection to one App Store Connect team of
// a customer. It is a value: Apply returns a changed copy.
type Integration struct {
	ID        ID
	Version   int64  // optimistic lock; kept by the store, 0 before the first write
	Reference string // the vendor's own name for it; unique
	Label     string // shown in every mail, such as "Acme Learning, iOS app"
	Customer  string // the vendor's name for the customer; several integrations may share one
	CreatedAt time.Time
	Access    AccessLevel

	TeamID    string // from the invitation, else from the first accepted key; see RefusesTeam
	TeamName  string // as the customer typed it
	TeamFrom  TeamSource
	TeamMove  TeamMove    // support's word that the next key may be of another team
	BundleIDs []string    // of the invitation: apps that a key should see
	Apps      []App       // the first apps seen by the last full check
	Findings  []Finding   // of the last full check
	ProbedAt  time.Time   // when every capability was probed last
	User      UserFinding // about the vendor's user, as last heard
	UserTask  UserTask    // what the customer has left to do about that user

	UserMissingFrom time.Time // since when a user seen before is not found; zero while found
	AppsMissingFrom time.Time // since when an app seen before is not listed; zero while they are

	State State
	Since time.Time // when State was entered
	Cause Reason    // why it is suspect, action_required or deactivated

	Key         *Key        // in force
	Other       *Key        // the one replaced, until Key is proven; or one rolled back, until it is proven or confirmed dead
	OtherStreak Streak      `json:"OtherRow"` // bad answers about a key that was rolled back
	Trash       []Discarded // secrets that must leave the vault

	Check        CheckState
	Streak       Streak `json:"Row"`
	Unanswered   Unanswered
	Told         Told
	Certificates CertificateState
	Invitation   Invitation
	WrongFiles   int     // refused since the last accepted key
	Refused      Refusal // the last upload that was refused since then; zero: none

	Waiting   []WaitingFile // uploads that wait for Apple's answer, the first one first
	Attention Attention

	LinkEpoch   int  // a link of an earlier epoch is void
	SharesKeys  bool // support allows that another integration of the same customer uses the same key
	ConfirmedAt time.Time
	ReauthTold  int // reminders of the present reauthorisation already sent

	ReauthToldAt time.Time // when the last of them was; zero: none

	DisconnectedAt time.Time
	ReceiptOwed    bool // the vault is to be emptied, then the receipt goes out
}

// A Discarded is a secret that must leave the vault.
type Discarded struct {
	Upload      UploadID
	KeyID       string
	Fingerprint string    // whose ownership ends with the secret, unless another key of the integration has it
	Since       time.Time // from when on the secret must leave
}

// A Lease lets one worker at a time do one piece of work.
type Lease struct {
	ID    CheckID
	Until time.Time
}

// Held tells whether somebody is at work.
func (l Lease) Held(now time.Time) bool { return l.ID != "" && now.Before(l.Until) }

// CheckState is when Apple is asked, and what it last said.
type CheckState struct {
	DueAt   time.Time // zero: never
	Lease   Lease
	LastID  CheckID // of the last check that was applied
	LastAt  time.Time
	Verdict Verdict
	Reason  Reason
	OKAt    time.Time // the last good check
}

// A Streak is a run of equal bad answers, which an ok clears. Inconclusive
// answers and those during a fleet hold only pause it: such time does not
// count, or two of Apple's storms, with an outage or a hold between them, would
// look like one long truth. Nor does time in which nobody asked.
type Streak struct {
	Verdict Verdict // Rejected or Blocked; empty when there is no streak
	Reason  Reason
	Missing []Capability
	Count   int
	Since   time.Time // of the first answer
	Last    time.Time

	Paused     time.Duration `json:"Unheard"`     // how much of the streak does not count
	PausedFrom time.Time     `json:"UnheardFrom"` // since when nothing counts; zero while it does
}

// Unanswered says since when checks have been inconclusive.
type Unanswered struct {
	Since   time.Time // zero when the last check was conclusive
	Count   int
	Told    bool
	Because Reason
	Until   time.Time     // up to when the time after the last answer counts
	Paused  time.Duration // how much of the time since does not
}

// Told is what the contacts were last told of the integration's health.
type Told struct {
	Problem  Reason    // empty: that all is well
	Lost     bool      // the problem was told as lost access
	At       time.Time // when
	Reminded int       // reminders of the open problem already sent
	RetryAt  time.Time // when to try again to tell what is held back; zero: nothing is
	Episode  int       // counts the problems told, so that each notice's dedupe key is its own
	Lately   []Telling // what was told during the last 24 h, open or not
}

// A Telling is a problem, and when the contacts were told of it.
type Telling struct {
	Reason Reason
	At     time.Time
}

// Invitation is the standing invitation to hand over a first key.
type Invitation struct {
	At        time.Time
	ExpiresAt time.Time
	Reminded  int
	Count     int // invitations and reissues so far
}
