package portal

import (
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/wording"
)

// A phase is what the status page says about an upload.
type phase string

const (
	phaseNothing  phase = "nothing"  // no file has arrived, as far as we know
	phaseLooking  phase = "looking"  // a file has arrived, nobody has judged it
	phaseNewKey   phase = "new_key"  // Apple does not know the key yet
	phaseApple    phase = "apple"    // Apple gives no answer
	phaseAccepted phase = "accepted" // the key is in force
	phaseKeySafe  phase = "key_safe" // the key is kept; something at Apple must be mended
	phaseLost     phase = "lost"     // it was accepted, and Apple has refused it since
	phaseReplaced phase = "replaced" // it was accepted, and another key has come since
	phaseRefused  phase = "refused"
	phaseExpired  phase = "expired" // Apple gave no answer for 20 h
)

// final tells whether nothing more will happen by itself.
func (p phase) final() bool {
	return p != phaseNothing && p != phaseLooking && p != phaseNewKey && p != phaseApple
}

// A view is everything that the status page shows.
type view struct {
	Phase     phase
	Code      string              // why: a keyfile.Diagnosis, a Reason or a Refused… code
	Why       wording.Explanation // of a refusal
	Vendor    Vendor
	Upload    integration.Upload
	It        integration.Integration
	CanRetry  bool // another file may be sent for this upload
	CanBegin  bool // the IDs may be entered anew
	Final     bool
	Can       []string // accepted: what the key was found to do
	Cannot    []string // accepted: what is useful, and it cannot
	Unknown   []string // what Apple has not said yet
	MoreApps  int      // beyond those shown
	ShownApps []integration.App
	TeamShown bool   // Apple shows that the key belongs to the team
	OldKeyID  string // of the key that stays for now
	// RoleUnverified says that only the customer can see whether the key has the role that was asked for.
	RoleUnverified bool
	User           *userPart
	Version        string // changes when the page should be looked at anew
	Since          time.Time
}

// shownApps is how many apps the page names.
const shownApps = 5

// viewOf decides what the page says. etag names the file that the browser has
// just sent, where the object store told it: a verdict about an earlier file
// is not the answer to this one.
func viewOf(v Vendor, p session, u integration.Upload, etag string) view {
	out := view{Vendor: v, Upload: u, It: p.it, User: userOf(v, p.it), CanBegin: p.opens, CanRetry: p.opens && sendable(u)}
	a, judged := latest(u)
	if etag != "" {
		a, judged = u.Attempt(etag)
	}
	switch {
	case u.State == integration.UploadAccepted:
		out.accepted(p.it, u)
	case !judged && etag != "":
		out.Phase = phaseLooking
	case !judged:
		out.Phase = phaseNothing
	case a.State == integration.UploadWaiting && newKeyReason(a.Diagnosis):
		out.Phase = phaseNewKey
	case a.State == integration.UploadWaiting:
		out.Phase = phaseApple
	case a.State == integration.UploadExpired:
		out.Phase = phaseExpired
	default:
		out.refused(a)
	}
	out.Since, out.Final = a.At, out.Phase.final()
	out.Version = string(out.Phase) + "-" + out.Code + "-" + a.ETag
	return out
}

// looking is the view of a file about which nothing is known yet.
func (v *view) looking() {
	v.Phase, v.Code, v.Why, v.Since, v.Final = phaseLooking, "", wording.Explanation{}, time.Time{}, false
	v.Version = string(phaseLooking)
}

// newKeyReason tells whether Apple's answer is the one that new keys get for
// some minutes.
func newKeyReason(code string) bool {
	return code == string(integration.NotAuthorized)
}

// accepted says how the key is doing now, which may be later than its
// acceptance.
func (v *view) accepted(it integration.Integration, u integration.Upload) {
	if it.Key == nil || it.Key.Upload != u.ID {
		v.Phase = phaseReplaced
		return
	}
	switch it.State {
	case integration.ActionRequired:
		v.Phase, v.Code = phaseKeySafe, string(it.Cause)
	case integration.Deactivated:
		v.Phase = phaseLost
		return
	default:
		v.Phase = phaseAccepted
	}
	v.RoleUnverified = it.RoleFound() == integration.RoleUnverified
	v.TeamShown = it.Key.Team.ID == it.TeamID &&
		(it.Key.Team.From == integration.TeamProven || it.Key.Team.From == integration.TeamSeedID)
	v.ShownApps = it.Apps[:min(len(it.Apps), shownApps)]
	v.MoreApps = len(it.Apps) - len(v.ShownApps)
	if it.Other != nil && it.Other.KeyID != it.Key.KeyID && it.Other.RejectedAt.IsZero() {
		v.OldKeyID = it.Other.KeyID
	}
	for _, f := range it.Findings {
		switch {
		case !it.Access.Wants(f.Capability):
		case !f.Known():
			v.Unknown = append(v.Unknown, f.Capability.Title())
		case f.Verdict == integration.OK:
			v.Can = append(v.Can, f.Capability.Title())
		case !it.Access.Requires(f.Capability):
			v.Cannot = append(v.Cannot, f.Capability.Title())
		}
	}
}

func (v *view) refused(a integration.Attempt) {
	v.Phase, v.Code = phaseRefused, a.Diagnosis
	r := integration.Refusal{
		Upload: v.Upload.ID, ETag: a.ETag, Diagnosis: a.Diagnosis, Missing: a.Missing, Entered: v.Upload.Entered(), At: a.At,
		Team: v.It.TeamID, Found: a.Team, BundleIDs: v.It.BundleIDs,
	}
	v.Why = wording.Refusal(r, v.It.Access, v.Vendor.Name)
}
