package integration

import "time"

// An Event is something that happened to an integration. Apply decides what
// comes of it.
type Event interface{ event() string }

// FleetView is what Apply must know of all integrations together.
type FleetView struct {
	Size   int  // integrations with a key in force
	Canary bool // the vendor's own key is checked beside the customers', and is good
	Hold   bool // many turned rejected together: nothing counts, no customer is mailed
	Wave   bool // many were blocked by an agreement together: customers' mails wait
	Silent bool // Apple answers nobody: one integration's silence is no news

	HoldSince time.Time // with Hold: since when nothing counts
}

type (
	// Invited asks a contact for a key: a first invitation, or a link issued
	// anew. Links issued before stay usable until they expire; LinksRevoked
	// voids them.
	Invited struct {
		By    string
		Asked bool // by a contact, who may only have opened an old link
	}

	// LinksRevoked voids every upload link of the integration.
	LinksRevoked struct{ By string }

	// KeyAccepted is intake's verdict on an upload: Apple accepted the
	// signature. Outcome is OK or Blocked.
	KeyAccepted struct {
		Key              Key
		TeamID, TeamName string // as the customer typed them
		Outcome          Outcome
		Contact          ContactID
		Epoch            int // of the link that brought it; a stale one is ErrLinkVoid
	}

	// WrongFile is an upload that was refused.
	WrongFile struct {
		Refusal
		Contact ContactID
		Late    bool // nobody may be looking at the page any more: see Refusal
	}

	// KeyHeldElsewhere is a key that another integration owns: the diagnosis
	// is RefusedHeld or RefusedShared.
	KeyHeldElsewhere struct {
		Refusal
		Contact ContactID
		Late    bool
	}

	// UploadWaits is an upload about which Apple has yet to say something
	// conclusive.
	UploadWaits struct {
		Upload  UploadID
		Contact ContactID
		Reason  Reason
		Epoch   int  // of the link that brought it
		Stuck   bool // time alone may not change the reason: support hears of it, once for each upload
	}

	// KeyOfOtherTeam is a key that was refused because of its team: see
	// Integration.RefusesTeam.
	KeyOfOtherTeam struct {
		Refusal
		Contact ContactID
		Late    bool
	}

	// TeamMoveAllowed lets the next accepted key be of another team.
	TeamMoveAllowed struct{ By string }

	// TeamMoveWithdrawn takes that back.
	TeamMoveWithdrawn struct{ By string }

	// UploadGivenUp is an upload about which Apple said nothing conclusive for 20 h.
	UploadGivenUp struct {
		Upload  UploadID
		Contact ContactID
	}

	// CheckLeased gives a check to a worker.
	CheckLeased struct {
		Check CheckID
		Until time.Time
	}

	// CheckRequested makes a check due now.
	CheckRequested struct{ By string }

	// Checked is the outcome of one check with the key of the upload Used.
	// Other is the outcome of the same check with Integration.Other, where
	// there was reason to look: see ConsultsOther.
	Checked struct {
		Check     CheckID
		Used      UploadID
		Outcome   Outcome
		UsedOther UploadID
		Other     *Outcome
		Fleet     FleetView
	}

	// CertificatesLeased gives a look at the certificates to a worker.
	CertificatesLeased struct {
		Check CheckID
		Until time.Time
	}

	// CertificatesListed is a complete list of the team's certificates.
	CertificatesListed struct {
		Check     CheckID
		Used      UploadID
		Listed    []Certificate
		SlotLimit int // distribution certificates of a type that Apple allows
	}

	// CertificatesUnlisted is a look that failed; it is repeated later.
	CertificatesUnlisted struct {
		Check  CheckID
		Used   UploadID
		Reason Reason
	}

	// CertificatePinned says which certificate to watch; an empty serial
	// means the one that lasts longest.
	CertificatePinned struct{ Serial, By string }

	// Reauthorised is a contact's word that the vendor may go on.
	Reauthorised struct{ Contact ContactID }

	// DisconnectRequested ends the integration. Uploads are those under way:
	// a file of theirs may be on its way into the vault just now.
	DisconnectRequested struct {
		By      string
		Uploads []UploadID
	}

	// Emptied tells of secrets that have left the vault.
	Emptied struct{ Uploads []UploadID }

	// Tick lets time pass: reminders, deadlines, mails held back.
	Tick struct{ Fleet FleetView }
)

func (Invited) event() string              { return "invited" }
func (LinksRevoked) event() string         { return "links_revoked" }
func (KeyAccepted) event() string          { return "key_accepted" }
func (WrongFile) event() string            { return "wrong_file" }
func (KeyHeldElsewhere) event() string     { return "key_held_elsewhere" }
func (UploadWaits) event() string          { return "upload_waits" }
func (KeyOfOtherTeam) event() string       { return "key_of_other_team" }
func (TeamMoveAllowed) event() string      { return "team_move_allowed" }
func (TeamMoveWithdrawn) event() string    { return "team_move_withdrawn" }
func (UploadGivenUp) event() string        { return "upload_given_up" }
func (CheckLeased) event() string          { return "check_leased" }
func (CheckRequested) event() string       { return "check_requested" }
func (Checked) event() string              { return "checked" }
func (CertificatesLeased) event() string   { return "certificates_leased" }
func (CertificatesListed) event() string   { return "certificates_listed" }
func (CertificatesUnlisted) event() string { return "certificates_unlisted" }
func (CertificatePinned) event() string    { return "certificate_pinned" }
func (Reauthorised) event() string         { return "reauthorised" }
func (DisconnectRequested) event() string  { return "disconnect_requested" }
func (Emptied) event() string              { return "emptied" }
func (Tick) event() string                 { return "tick" }

// A CheckMessage asks validate, or certificates, for one look at Apple. The
// sweep writes the lease first, then queues the message.
type CheckMessage struct {
	Integration ID      `json:"integration"`
	Check       CheckID `json:"check"`
	Correlation string  `json:"correlation_id,omitempty"` // of the sweep; see package correlation
}
