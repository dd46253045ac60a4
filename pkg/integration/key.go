package integration

import "time"

// A KeyKind is whose key it is at App Store Connect.
type KeyKind string

const (
	TeamKey       KeyKind = "team"       // covers all apps of the team; its tokens carry the issuer ID
	IndividualKey KeyKind = "individual" // one user's; no provisioning endpoints, no sales and finance
)

// A Program is the Apple developer program that a key belongs to. Each has a
// host and an audience of its own.
type Program string

const (
	Standard   Program = "standard"   // Apple Developer Program
	Enterprise Program = "enterprise" // Apple Developer Enterprise Program
)

// A Key is what Keyward knows of an API key, its private half excepted: that
// is in the vault, under the upload that brought it.
type Key struct {
	Upload      UploadID // names the secret in the vault; unique for each accepted upload
	KeyID       string
	IssuerID    string // empty for individual keys
	Kind        KeyKind
	Program     Program
	Fingerprint string    // SHA-256 of the public key's SubjectPublicKeyInfo, lower-case hex
	AcceptedAt  time.Time // when intake accepted it
	FirstOKAt   time.Time // its first good scheduled check; zero until then
	Team        Team      // that it was accepted for, as far as Apple shows it
	RejectedAt  time.Time // when its rejection was confirmed; zero for a key that works, as far as is known
}

// proven tells whether the key has had its first good scheduled check.
func (k *Key) proven() bool { return !k.FirstOKAt.IsZero() }

// is tells whether k is the key that came with the upload.
func (k *Key) is(u UploadID) bool { return k != nil && k.Upload == u }
