package integration

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"time"
)

// LinkLife is how long an upload link lives.
const LinkLife = 14 * 24 * time.Hour

// A Link is an upload link. Its token is in the mail alone: Keyward stores the
// SHA-256. A link is never written twice; it is void when it expires, when its
// integration's epoch moves on (a key was accepted, or support revoked the
// links), and when the integration is disconnected.
type Link struct {
	Hash        string // of the token; lower-case hex
	Integration ID
	Contact     ContactID
	Epoch       int
	IssuedAt    time.Time
	ExpiresAt   time.Time
}

// Opens tells whether the link may be used for the integration at the time.
func (l Link) Opens(it Integration, now time.Time) bool {
	return l.Integration == it.ID && l.Epoch == it.LinkEpoch && now.Before(l.ExpiresAt) && it.State != Disconnected
}

// NewLinkToken makes the token of an upload link, 256 random bits as 43
// characters of URL-safe base64, and the hash to store. A nil random means
// crypto/rand.
func NewLinkToken(random io.Reader) (token, hash string) {
	if random == nil {
		random = rand.Reader
	}
	b := make([]byte, 32)
	if _, err := io.ReadFull(random, b); err != nil {
		panic("integration: no randomness: " + err.Error())
	}
	token = base64.RawURLEncoding.EncodeToString(b)
	return token, LinkHash(token)
}

// LinkHash is the name under which a token's link is stored.
func LinkHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// An UploadState is how far an upload has come.
type UploadState string

const (
	UploadOpen     UploadState = "open"     // the form is handed out, no file has been judged, or the last one was wrong
	UploadWaiting  UploadState = "waiting"  // Apple is being asked again
	UploadAccepted UploadState = "accepted" // the key is in force, or was
	UploadRefused  UploadState = "refused"  // the last file was wrong; another may be sent while the form lives
	UploadExpired  UploadState = "expired"  // Apple did not answer for 20 h
)

// An Upload is one key file on its way in. An attempt is (upload, ETag): the
// form can be used again until it expires.
type Upload struct {
	ID          UploadID
	Integration ID
	Version     int64
	LinkHash    string
	Epoch       int // of the link
	Contact     ContactID
	KeyID       string
	IssuerID    string
	TeamID      string
	TeamName    string
	CreatedAt   time.Time
	FormExpires time.Time
	Correlation string // of the request that made it, since S3's events carry none; see package correlation

	State    UploadState
	Attempts []Attempt
	WaitFrom time.Time // when Apple was first asked about the attempt that waits
	Tries    int       // how often, for that attempt
}

// An Attempt is one object that arrived, and what became of it.
type Attempt struct {
	ETag      string
	At        time.Time
	State     UploadState // accepted, refused, waiting or expired
	Diagnosis string      // why it was refused: a code of keyfile's, a Reason, or one of the Refused… codes
	Missing   []Capability
	Team      string // refused for its team: the ID that Apple shows; may be empty
}

// Entered is what a person typed beside the key file.
type Entered struct{ KeyID, IssuerID, TeamID, TeamName string }

// Entered is what was typed for the upload.
func (u Upload) Entered() Entered {
	return Entered{KeyID: u.KeyID, IssuerID: u.IssuerID, TeamID: u.TeamID, TeamName: u.TeamName}
}

// A Refusal is a file that was refused, and why. Package refusal has the words.
//
// The page shows it to whoever waits in front of it. It goes out by e-mail as
// well when nobody may be there any more: the page had said that it may be
// closed, or the file had been here for more than PageWatched.
type Refusal struct {
	Upload    UploadID
	ETag      string       // of the file
	Diagnosis string       // as in Attempt
	Missing   []Capability // as in Attempt
	Entered   Entered
	Team      string   // of the integration, where the team is the reason
	Found     string   // the team that Apple shows instead; may be empty
	BundleIDs []string // of the apps that the key should see
	At        time.Time
}

// PageWatched is how long a person is taken to look at the page that says "we
// are looking at your file".
const PageWatched = time.Minute

// refuse remembers the refusal for the reminders to come, and tells it to
// whoever may have left. The link of a RefusedLinkVoid was used or revoked on
// purpose: it is not replaced by another.
func (c *change) refuse(r Refusal, contact ContactID, late bool) {
	r.At = c.now
	void := r.Diagnosis == RefusedLinkVoid
	if !void {
		c.it.Refused = r
	}
	if late {
		facts := Facts{KeyID: r.Entered.KeyID, Contact: contact, Refusal: r}
		c.notice(NoticeUploadRefused, ToAdmin, string(r.Upload)+"-"+r.ETag, Notice{Link: !void, Facts: facts})
	}
}

// Why an upload is refused, where neither the file nor Apple is the reason.
const (
	RefusedHeld       = "key_held"        // the key belongs to another customer's integration
	RefusedShared     = "key_shared"      // it belongs to another integration of the same customer, and support has not consented
	RefusedTeam       = "team_mismatch"   // Apple shows another team than the one typed
	RefusedOtherTeam  = "other_team"      // the key is of another team than the integration
	RefusedOtherApps  = "other_apps"      // it sees none of the apps seen before
	RefusedUnexpected = "unexpected_apps" // it sees apps, but none that the invitation names
	RefusedLinkVoid   = "link_void"       // the link was used or revoked meanwhile
	RefusedName       = "key_id_differs"
)

// ObjectPrefix begins the key of every object in the upload bucket.
const ObjectPrefix = "incoming/"

// ObjectKey is where the upload's file goes in the bucket. The upload's ID
// makes it unguessable.
func (u Upload) ObjectKey() string {
	return ObjectPrefix + string(u.Integration) + "/" + string(u.ID)
}

// ParseObjectKey reads what ObjectKey wrote; ok is false for any other text.
func ParseObjectKey(key string) (id ID, upload UploadID, ok bool) {
	rest, found := strings.CutPrefix(key, ObjectPrefix)
	a, b, two := strings.Cut(rest, "/")
	if !found || !two || !strings.HasPrefix(a, "int_") || !strings.HasPrefix(b, "upl_") || strings.Contains(b, "/") {
		return "", "", false
	}
	return ID(a), UploadID(b), true
}

// Attempt finds the attempt with the ETag.
func (u Upload) Attempt(etag string) (Attempt, bool) {
	i := slices.IndexFunc(u.Attempts, func(a Attempt) bool { return a.ETag == etag })
	if i < 0 {
		return Attempt{}, false
	}
	return u.Attempts[i], true
}

// Judged returns the upload with the attempt's verdict in place of an earlier
// one about the same ETag.
func (u Upload) Judged(a Attempt) Upload {
	u.Attempts = slices.DeleteFunc(slices.Clone(u.Attempts), func(b Attempt) bool { return b.ETag == a.ETag })
	u.Attempts = append(u.Attempts, a)
	u.State = a.State
	return u
}

// An Owner says which integrations hold a public key. One tenant never touches
// another: ownership is by the key itself, not by what was typed beside it.
type Owner struct {
	Fingerprint string
	Version     int64
	Customer    string
	Holders     []ID
}

// Admit returns the ownership with the integration among its holders, or the
// Refused… code that says why it may not be.
func (o Owner) Admit(it Integration) (Owner, string) {
	switch {
	case slices.Contains(o.Holders, it.ID):
		return o, ""
	case len(o.Holders) > 0 && o.Customer != it.Customer:
		return o, RefusedHeld
	case len(o.Holders) > 0 && !it.SharesKeys:
		return o, RefusedShared
	}
	o.Customer = it.Customer
	o.Holders = append(slices.Clone(o.Holders), it.ID)
	return o, ""
}

// Release returns the ownership without the integration.
func (o Owner) Release(id ID) Owner {
	o.Holders = slices.DeleteFunc(slices.Clone(o.Holders), func(h ID) bool { return h == id })
	return o
}
