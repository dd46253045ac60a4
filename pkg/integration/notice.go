package integration

import (
	"crypto/sha256"
	"time"
)

// An Audience is who a notice is for: a duty at the customer, or the vendor's
// support.
type Audience string

const (
	ToAdmin         Audience = Audience(Admin)
	ToAccountHolder Audience = Audience(AccountHolder)
	ToBusiness      Audience = Audience(Business)
	ToSupport       Audience = "support"
)

// A NoticeKind names what a notice says; each has a template.
type NoticeKind string

const (
	// To the customer.
	NoticeInvitation         NoticeKind = "invitation"           // please upload a key; with a link
	NoticeInvitationReminder NoticeKind = "invitation_reminder"  // the same, on days 3 and 10
	NoticeAccepted           NoticeKind = "key_accepted"         // your key works, the integration is set up
	NoticeKeySafe            NoticeKind = "key_safe"             // the key is kept; something at Apple must be mended first
	NoticeReplaced           NoticeKind = "key_replaced"         // your new key is accepted; wait before you revoke the old one
	NoticeMayRevoke          NoticeKind = "may_revoke"           // the new key works: the old one may be revoked now
	NoticeActionRequired     NoticeKind = "action_required"      // a person must mend something at Apple
	NoticeAccessLost         NoticeKind = "access_lost"          // deactivated; with a link
	NoticeRecovered          NoticeKind = "recovered"            // all is well again
	NoticeProblemReminder    NoticeKind = "problem_reminder"     // the problem is still open; days 3 and 10
	NoticeUploadRefused      NoticeKind = "upload_refused"       // a file was refused after the page had said that it may be closed
	NoticeUploadAgain        NoticeKind = "upload_again"         // Apple did not answer for 20 h; please upload once more
	NoticeKeyRefused         NoticeKind = "key_refused"          // the key that was uploaded does not work after all
	NoticeReauthorise        NoticeKind = "reauthorise"          // please confirm or replace the key
	NoticeUserReminder       NoticeKind = "vendor_user_reminder" // please add the vendor's user, or tick what it lacks; days 3 and 10
	NoticeKeyDeleted         NoticeKind = "key_deleted"          // dead for 90 days: the key has been deleted
	NoticeDisconnected       NoticeKind = "disconnected"         // the receipt: the vault is empty

	// Certificates, to the customer and to support.
	NoticeCertExpiring NoticeKind = "certificate_expiring"
	NoticeCertExpired  NoticeKind = "certificate_expired"
	NoticeCertVanished NoticeKind = "certificate_vanished"
	NoticeCertBack     NoticeKind = "certificate_back"    // told as vanished, and listed again
	NoticeCertRenewed  NoticeKind = "certificate_renewed" // a later one is there after a warning
	NoticeNoSlot       NoticeKind = "certificate_no_slot"

	// To support only.
	NoticeRolledBack     NoticeKind = "rolled_back"           // the new key failed, the old one is in force again
	NoticeUnanswered     NoticeKind = "unanswered"            // Apple has given no conclusive answer for 24 h
	NoticeWrongFiles     NoticeKind = "wrong_files"           // ten files refused
	NoticeKeyHeld        NoticeKind = "key_held"              // the key belongs to another integration
	NoticeWrongTeam      NoticeKind = "wrong_team"            // a key of another team, or of other apps, was refused
	NoticeTeamDiffers    NoticeKind = "team_differs"          // certificates show another team than the customer typed
	NoticeStillOpen      NoticeKind = "still_open"            // the reminders did not help
	NoticeUnreachable    NoticeKind = "unreachable"           // a contact's mail bounces, or there is no contact left
	NoticeReauthOverdue  NoticeKind = "reauth_overdue"        // nobody confirmed
	NoticeInvitationOver NoticeKind = "invitation_over"       // the link ran out unused
	NoticePinVoid        NoticeKind = "pin_void"              // the pinned certificate ended or is gone: another one is watched
	NoticeCertUnread     NoticeKind = "certificates_unread"   // the list of certificates has not been read for a day
	NoticeCertReadable   NoticeKind = "certificates_readable" // and now it has
	NoticeUploadStuck    NoticeKind = "upload_stuck"          // a file waits, and waiting alone may not help
	NoticeHoldBegan      NoticeKind = "hold_began"            // fleet hold
	NoticeHoldEnded      NoticeKind = "hold_ended"            // by itself, or by a person
	NoticeHoldOverdue    NoticeKind = "hold_overdue"          // over 24 h: support decides
	NoticeWaveBegan      NoticeKind = "wave_began"            // agreement wave
	NoticeWaveEnded      NoticeKind = "wave_ended"            //
	NoticeCanaryFails    NoticeKind = "canary_fails"          // the vendor's own key fails, the others do not
	NoticeFleetSilent    NoticeKind = "fleet_unanswered"      // Apple has answered nobody for 24 h
)

// Fleet stands in the place of an integration's ID in notices and history
// about all integrations together.
const Fleet ID = "fleet"

// A NoticeStatus is how far a notice has come.
type NoticeStatus string

const (
	Pending NoticeStatus = "pending" // to be sent
	Sending NoticeStatus = "sending" // somebody holds the lease
	Sent    NoticeStatus = "sent"
	Dropped NoticeStatus = "dropped" // outlived its sense, or too old to be sent
)

// A Notice is one e-mail that must go out. It is written in the transaction
// that makes it true, and sent by notify.
type Notice struct {
	Integration ID
	Dedupe      string // unique within the integration; a second notice with the same key is not written
	Version     int64
	Kind        NoticeKind
	Audience    Audience
	Reason      Reason // what the notice is about, for those kinds that have one
	Facts       Facts
	Link        bool // the mail carries a fresh upload link
	CreatedAt   time.Time
	NotBefore   time.Time // paced or held back until then; zero: at once
	Correlation string    // of what brought it about; see package correlation

	Status    NoticeStatus
	Lease     Lease
	Attempts  int
	Tried     []ContactID // contacts whose mail bounced; the next one is tried
	SentAt    time.Time
	SentTo    ContactID // empty when it went to support
	MessageID string    // SES's
	Content   Content   // zero until it is sent, and for one sent before contents were kept
	DueAt     time.Time // when the sweep looks after it; zero once sent or dropped
}

// A Content is what an e-mail said, for support to read again. It holds no
// link of ours, which would still work, and neither the recipient's name nor
// address: when a contact is erased, none is left in what was sent.
type Content struct{ Subject, Text string }

// ID names the notice within its integration, in URLs and on command lines.
func (n Notice) ID() NoticeID {
	sum := sha256.Sum256([]byte(n.Dedupe))
	return NoticeID("ntc_" + idEncoding.EncodeToString(sum[:10]))
}

// Facts are what a notice's template may say beside the integration itself:
// as they were when the notice was written. All are optional.
type Facts struct {
	KeyID      string       `json:",omitempty"`
	OldKeyID   string       `json:",omitempty"`
	Missing    []Capability `json:",omitempty"`
	TeamID     string       `json:",omitempty"` // that Apple shows
	OldTeamID  string       `json:",omitempty"` // the integration's until then
	Diagnosis  string       `json:",omitempty"` // of an upload
	Serial     string       `json:",omitempty"` // of a certificate
	CertType   string       `json:",omitempty"`
	Next       string       `json:",omitempty"` // serial of the certificate watched instead
	Expires    time.Time    `json:",omitzero"`  // of a certificate, a link, a reauthorisation
	Days       int          `json:",omitempty"`
	Count      int          `json:",omitempty"`
	Peak       int          `json:",omitempty"` // the most that there were at once
	By         string       `json:",omitempty"` // who did it, as in the history
	Since      time.Time    `json:",omitzero"`
	Contact    ContactID    `json:",omitempty"` // whom it is about; a customer's notice goes to this contact first
	Refusal    Refusal      `json:",omitzero"`
	Unneeded   bool         `json:",omitempty"` // of an invitation: a contact asked for it, and the key in force works
	Recipients int          `json:",omitempty"`
	Names      []string     `json:",omitempty"` // labels of integrations, for fleet notices
}
