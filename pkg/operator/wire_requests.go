package operator

import "time"

// A NewIntegration asks for an integration and its invitation.
type NewIntegration struct {
	Reference   string       `json:"reference"`          // must: the vendor's own name for it, unique
	Label       string       `json:"label"`              // must: shown in every mail
	Customer    string       `json:"customer,omitempty"` // default: the reference
	AccessLevel string       `json:"access_level"`       // must: see AccessLevels
	SharesKeys  bool         `json:"shares_keys,omitempty"`
	TeamID      string       `json:"team_id,omitempty"`    // the customer's team at Apple: keys of others are refused
	BundleIDs   []string     `json:"bundle_ids,omitempty"` // of apps, one of which a key must see if it sees any; at most 50
	Contacts    []NewContact `json:"contacts"`             // must: one to twenty, an admin among them
}

// A NewContact is a person to write to.
type NewContact struct {
	Name    string   `json:"name,omitempty"`
	Address string   `json:"address"` // must: e-mail, without a name around it
	Duties  []string `json:"duties"`  // must: admin, account_holder, business
}

// A Patch changes what is given and leaves the rest.
type Patch struct {
	Label      *string   `json:"label,omitempty"`
	TeamID     *string   `json:"team_id,omitempty"` // empty forgets it, before the first key
	BundleIDs  *[]string `json:"bundle_ids,omitempty"`
	SharesKeys *bool     `json:"shares_keys,omitempty"` // consent that the customer's other integrations use the same key
}

// A ContactPatch changes what is given and leaves the rest. A new address
// counts as deliverable.
type ContactPatch struct {
	Name    *string   `json:"name,omitempty"`
	Address *string   `json:"address,omitempty"`
	Duties  *[]string `json:"duties,omitempty"`
	// LastAdmin says that it is meant, where nobody with the duty admin stays.
	LastAdmin bool `json:"last_admin,omitempty"`
}

// A Pin names the certificate to watch; an empty serial means the one that
// lasts longest.
type Pin struct {
	Serial string `json:"serial"`
}

// A TokenRequest asks for a token.
type TokenRequest struct {
	// Scope may limit it to requests such as "GET /v1/apps"; at most 50.
	Scope []string `json:"scope,omitempty"`
	// TTLSeconds may be 61 to 1200: its whole life, of which 60 s lie in the
	// past, against clocks that differ. Default: 660.
	TTLSeconds int `json:"ttl_seconds,omitempty"`
}

// A TokenGrant is a token for App Store Connect.
type TokenGrant struct {
	Token     string    `json:"token"`
	ExpiresAt time.Time `json:"expires_at"`
	KeyID     string    `json:"key_id"`
	Program   string    `json:"program"`  // standard or enterprise: each has an API host of its own
	Warnings  []Warning `json:"warnings"` // empty when all is well
}

// Done says what a change came to.
type Done struct {
	Integration Integration `json:"integration"`
	Next        string      `json:"next"` // what happens next
	Warnings    []string    `json:"warnings,omitempty"`
}

// FleetDone says what an act on all integrations together came to.
type FleetDone struct {
	Fleet Fleet  `json:"fleet"`
	Next  string `json:"next"` // what happens next
}

// ContactDone says what a change of a contact came to.
type ContactDone struct {
	Contact  Contact  `json:"contact"`
	Warnings []string `json:"warnings,omitempty"`
}
