package integration

import (
	"slices"
	"time"
)

// A Capability is one thing that a key can or cannot do at App Store Connect.
// Which ones a key has is found by probing, never derived from its role:
// Apple publishes no matrix of endpoints and roles.
type Capability string

const (
	Apps         Capability = "apps"         // list the team's apps
	Certificates Capability = "certificates" // list signing certificates
	Profiles     Capability = "profiles"     // list provisioning profiles
	BundleIDs    Capability = "bundle_ids"   // list bundle IDs
	Users        Capability = "users"        // list the team's users; a sign of an Admin key
	Builds       Capability = "builds"       // list builds
	Reviews      Capability = "reviews"      // read customer reviews of an app
	Reports      Capability = "reports"      // read analytics and sales reports
)

// Capabilities lists every capability, in the order in which people read them.
func Capabilities() []Capability {
	return []Capability{Apps, Certificates, Profiles, BundleIDs, Users, Builds, Reviews, Reports}
}

// Valid tells whether c is a capability that Keyward knows.
func (c Capability) Valid() bool { return slices.Contains(Capabilities(), c) }

// Title is the capability in words, as after "the key can".
func (c Capability) Title() string {
	switch c {
	case Apps:
		return "list your apps"
	case Certificates:
		return "read signing certificates"
	case Profiles:
		return "read provisioning profiles"
	case BundleIDs:
		return "read bundle IDs"
	case Users:
		return "read the users of your team"
	case Builds:
		return "read builds"
	case Reviews:
		return "read customer reviews"
	case Reports:
		return "read sales and analytics reports"
	}
	return string(c)
}

// A Verdict is the kind of answer that a check gave.
type Verdict string

const (
	OK           Verdict = "ok"           // Apple let the key do what the integration needs
	Rejected     Verdict = "rejected"     // Apple did not accept the key
	Blocked      Verdict = "blocked"      // the key is genuine, and something that a person can mend stands in the way
	Inconclusive Verdict = "inconclusive" // the answer says nothing about the key
)

// A Reason says why a check did not end in OK. It is a code for machines and
// templates, never text of Apple's: Apple's details can contain names.
type Reason string

const (
	// Rejected.
	NotAuthorized   Reason = "not_authorized"   // 401 with a fresh token: revoked, wrong IDs, or one of Apple's spurious answers
	ForbiddenAtAll  Reason = "forbidden_at_all" // 403 on every probe without a role or agreement code: possibly revoked
	WrongProgram    Reason = "wrong_program"    // the key works at the other host: Enterprise instead of standard, or the reverse
	WrongKeyKind    Reason = "wrong_key_kind"   // the key works, but as an individual key, which the access level cannot use
	Reauthorisation Reason = "reauthorisation"  // the vendor asks the contact to confirm the integration, and nobody did

	// Blocked.
	Agreement  Reason = "agreement"  // an agreement is missing, expired or not accepted; only the Account Holder can mend it
	Membership Reason = "membership" // the Apple Developer Program membership has lapsed
	Role       Reason = "role"       // the key's role is too low for a required capability
	WrongTeam  Reason = "wrong_team" // certificates show that the key is of another team than the integration
	NoApps     Reason = "apps"       // no app is visible to the key, and the access level needs one

	// Inconclusive.
	RateLimited Reason = "rate_limited" // 429
	Outage      Reason = "outage"       // 5xx, refused connections, a refusal that is not Apple's
	Timeout     Reason = "timeout"      // no answer in time
	Nonsense    Reason = "nonsense"     // an answer that does not have the documented shape
	VaultDown   Reason = "vault"        // our own vault did not give the key
	OurClock    Reason = "clock"        // 401, and our clock is not Apple's: the token is not valid at Apple's time
	NotTheRole  Reason = "not_the_role" // 403 on something that a key with this one's other access may do

	// Why a notice did not reach somebody.
	TooOld         Reason = "too_old"         // it was not sent in time, and may be untrue by now
	Outlived       Reason = "outlived"        // what it says is not so any more
	NobodyLeft     Reason = "nobody_left"     // no contact whom mail reaches
	Unconfirmed    Reason = "unconfirmed"     // several attempts without a clear answer
	AddressRefused Reason = "address_refused" // the mail service will not send to the address
	Bounced        Reason = "bounced"         // the recipient's server refuses the address for good
	NotDelivered   Reason = "not_delivered"   // this one did not arrive; the address may be good, as that of a full mailbox
	Complained     Reason = "complained"      // the recipient called it spam
)

// A Finding says what a probe of one capability found.
type Finding struct {
	Capability Capability
	Verdict    Verdict // OK: can; Blocked: cannot; Inconclusive: not known; see Known
	Reason     Reason  // empty when Verdict is OK
}

// Known reports whether Apple has said whether the key has the capability. A
// refusal for the sake of an agreement or the membership comes before that
// question, and is no answer to it.
func (f Finding) Known() bool {
	return f.Verdict == OK || f.Verdict == Blocked && f.Reason != Agreement && f.Reason != Membership
}

// An App is an app record that a key can see.
type App struct {
	ID       string // Apple's numeric ID
	BundleID string
	Name     string
}

// An Outcome is what one check at Apple found.
type Outcome struct {
	Verdict   Verdict
	Reason    Reason        // empty when Verdict is OK
	Missing   []Capability  // the required capabilities that a Blocked by Role is about
	Findings  []Finding     // empty unless the check probed every capability
	Apps      []App         // the first apps seen, wanted ones before others; at most MaxApps
	MoreApps  bool          // the list of apps was not read to its end
	User      UserFinding   // about the vendor's user; zero when it was not asked about, or not answered
	TeamIDs   []string      // team IDs that certificates gave evidence of; empty proves nothing
	SeedIDs   []string      // of bundle IDs: a weaker hint at the team
	BundleIDs []string      // registered ones, the first of the list
	Kind      KeyKind       // how the key was accepted; empty when it was not
	RetryIn   time.Duration // how long Apple asked us to wait; 0 when it did not say
}

// MaxApps bounds the apps that an Outcome and an Integration remember. Each is
// a look-up of its own, and one transaction of DynamoDB's takes 100 items.
const MaxApps = 25

// Accepted tells whether Apple accepted the key's signature, which is all that
// an upload needs for the key to be kept: a missing agreement is mended
// without a new key.
func (o Outcome) Accepted() bool { return o.Verdict == OK || o.Verdict == Blocked }

// Can tells whether the outcome found that the key has the capability.
func (o Outcome) Can(c Capability) bool {
	return slices.ContainsFunc(o.Findings, func(f Finding) bool { return f.Capability == c && f.Verdict == OK })
}
