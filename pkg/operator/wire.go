package operator

import "time"

// An Integration is what the API says of one integration. Times are UTC;
// those that have not come are left out.
type Integration struct {
	ID          string      `json:"id"`
	Version     int64       `json:"version"`
	Reference   string      `json:"reference"`
	Label       string      `json:"label"`
	Customer    string      `json:"customer"`
	CreatedAt   time.Time   `json:"created_at"`
	AccessLevel AccessLevel `json:"access_level"`

	State string    `json:"state"` // see integration.State
	Since time.Time `json:"since"`
	Cause string    `json:"cause,omitempty"` // see integration.Reason
	// Words say all of it to a person.
	Words Words `json:"words"`

	// Attention is why a person should look at it, the most urgent first.
	Attention []Need `json:"attention,omitempty"`

	TeamID       string       `json:"team_id,omitempty"`
	TeamName     string       `json:"team_name,omitempty"`   // as the customer typed it
	TeamSource   string       `json:"team_source,omitempty"` // certificate, seed_id, invitation or entered: see integration.TeamSource
	TeamWords    string       `json:"team_words,omitempty"`  // the same for a person
	TeamMove     *TeamMove    `json:"team_move,omitempty"`   // nil: a key of another team is refused
	BundleIDs    []string     `json:"bundle_ids,omitempty"`  // of apps that a key should see
	Apps         []App        `json:"apps,omitempty"`
	Key          *Key         `json:"key,omitempty"`          // in force
	OtherKey     *Key         `json:"other_key,omitempty"`    // replaced, not yet deleted
	Capabilities []Capability `json:"capabilities,omitempty"` // those that the access level wants, and those found
	ProbedAt     time.Time    `json:"probed_at,omitzero"`
	Role         *RoleFinding `json:"role,omitempty"`        // nil while there is no key
	VendorUser   *UserFinding `json:"vendor_user,omitempty"` // nil: the access level asks for none
	SharesKeys   bool         `json:"shares_keys"`

	Check       Check      `json:"check"`
	Certificate Watch      `json:"certificate"`
	Invitation  Invitation `json:"invitation"`
	Told        Told       `json:"told"`
	Tokens      Tokens     `json:"tokens"`
	WrongFiles  int        `json:"wrong_files,omitempty"` // refused since the last accepted key
	Contacts    []Contact  `json:"contacts,omitempty"`    // not in lists; only support sees names and addresses

	Uploads []Upload `json:"uploads,omitempty"` // the newest; not in lists, and for support only
	Notices []Notice `json:"notices,omitempty"` // the newest; not in lists, and for support only

	DisconnectedAt time.Time `json:"disconnected_at,omitzero"`
	KeysToDelete   int       `json:"keys_to_delete,omitempty"` // still in the vault, to be deleted
}

// A Need is one reason why a person should look at an integration.
type Need struct {
	Code string `json:"code"` // see integration.Need
	Text string `json:"text"` // a few words
}

// Words say how an integration is, in sentences.
type Words struct {
	State string `json:"state"` // a few words, such as "Action required"
	Tone  Tone   `json:"tone"`
	Now   string `json:"now"`            // how it is, and why
	Told  string `json:"told,omitempty"` // what the customer knows; not in lists
	Next  string `json:"next"`           // what happens next, and who acts
}

// A Tone says how much attention a state needs.
type Tone string

// The tones.
const (
	ToneGood    Tone = "good"
	ToneWaiting Tone = "waiting" // for the customer's first key
	ToneWatch   Tone = "watch"   // something is wrong, and not confirmed
	ToneBad     Tone = "bad"     // the customer or support must act
	ToneOver    Tone = "over"    // disconnected
)

// An AccessLevel is what an integration must be able to do.
type AccessLevel struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Role     string   `json:"role"` // for the customer to choose at Apple
	RoleWhy  string   `json:"role_why,omitempty"`
	Required []string `json:"required"`
	Useful   []string `json:"useful,omitempty"`
	// User is left out where the customer is asked for no user, as in most levels.
	User *VendorUser `json:"user,omitempty"`
}

// A TeamMove is support's word that the next accepted key may be of another
// team, or see none of the apps that are expected.
type TeamMove struct {
	AllowedAt time.Time `json:"allowed_at"`
	By        string    `json:"by"`
}

// An App is an app record that the key can see.
type App struct {
	ID       string `json:"id"`
	BundleID string `json:"bundle_id"`
	Name     string `json:"name"`
}

// A Key is what is known of an API key, its private half excepted.
type Key struct {
	KeyID       string    `json:"key_id"`
	IssuerID    string    `json:"issuer_id,omitempty"`
	Kind        string    `json:"kind"`
	Program     string    `json:"program"`
	Fingerprint string    `json:"fingerprint"`
	Upload      string    `json:"upload"`
	TeamID      string    `json:"team_id,omitempty"`
	TeamSource  string    `json:"team_source,omitempty"` // where it is known from that the key is of this team
	AcceptedAt  time.Time `json:"accepted_at"`
	FirstOKAt   time.Time `json:"first_ok_at,omitzero"`
}

// A Capability is one thing that the key can or cannot do.
type Capability struct {
	Name   string `json:"name"`
	Need   string `json:"need"` // "required", "useful", or "none"
	Can    string `json:"can"`  // "yes", "no", or "unknown"
	Reason string `json:"reason,omitempty"`
}

// A RoleFinding says whether the key was seen to have the access level's role.
type RoleFinding struct {
	Found string `json:"found"` // "yes", "no" or "not_verified": see integration.RoleFinding
	Words string `json:"words"`
}

// A Check is when Apple is asked, and what it last said.
type Check struct {
	ID      string    `json:"id,omitempty"` // of the last one
	LastAt  time.Time `json:"last_at,omitzero"`
	Verdict string    `json:"verdict,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	OKAt    time.Time `json:"ok_at,omitzero"`
	DueAt   time.Time `json:"due_at,omitzero"`
}

// A Watch is what is known of the distribution certificate that is watched.
type Watch struct {
	Serial    string    `json:"serial,omitempty"`
	Type      string    `json:"type,omitempty"`
	NotAfter  time.Time `json:"not_after,omitzero"`
	Pinned    string    `json:"pinned,omitempty"`
	Warned    bool      `json:"warned,omitempty"` // a warning about it is open
	CheckedAt time.Time `json:"checked_at,omitzero"`
	DueAt     time.Time `json:"due_at,omitzero"`
}

// An Invitation is the standing invitation to hand over a first key.
type Invitation struct {
	At        time.Time `json:"at,omitzero"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	Reminded  int       `json:"reminded,omitempty"`
	Count     int       `json:"count"`
}

// Told is what the contacts were last told of the integration's health.
type Told struct {
	Problem  string    `json:"problem,omitempty"` // empty: none is open
	At       time.Time `json:"at,omitzero"`
	Reminded int       `json:"reminded,omitempty"`
}

// Tokens tells whether tokens are handed out.
type Tokens struct {
	Allowed  bool      `json:"allowed"`
	Warnings []Warning `json:"warnings,omitempty"`
}

// A Warning is something to know that is no failure.
type Warning struct {
	Code string `json:"code"` // see integration.Reason
	Text string `json:"text"`
}

// A Contact is a person at the customer.
type Contact struct {
	ID            string    `json:"id"`
	Name          string    `json:"name,omitempty"`
	Address       string    `json:"address,omitempty"` // for support only; empty once erased
	Duties        []string  `json:"duties"`
	CreatedAt     time.Time `json:"created_at"`
	Undeliverable time.Time `json:"undeliverable,omitzero"` // since when mail bounces
	Erased        bool      `json:"erased,omitempty"`
}
