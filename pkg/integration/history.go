package integration

import (
	"fmt"
	"time"
)

// An Entry is one line of an integration's history: who, what, when, outcome.
// It never holds key material, tokens or addresses. Entries are only appended.
type Entry struct {
	Integration ID
	At          time.Time
	Seq         string // tells entries of one instant apart
	What        string // such as "invited", "key_accepted", "state", "token_issued", "denied"
	Actor       string // "keyward", "support", "automation", "contact con_…"
	From        State
	To          State
	Verdict     Verdict
	Reason      Reason
	Check       CheckID
	Upload      UploadID
	KeyID       string
	Detail      string // a code or a short sentence of ours
}

// seq tells the entries of one version of an integration apart.
func seq(version int64, n int) string { return fmt.Sprintf("%08d-%02d", version, n) }

// record says what an event did, for the history. What only repeats what is
// known, or is a worker's bookkeeping, is not worth a line.
func record(before, after Integration, ev Event, now time.Time) []Entry {
	e := Entry{
		Integration: after.ID, At: now, Seq: seq(after.Version+1, 0), What: ev.event(), Actor: "keyward",
		From: before.State, To: after.State, Reason: after.Cause,
	}
	if after.Key != nil {
		e.KeyID, e.Upload = after.Key.KeyID, after.Key.Upload
	}
	if !worthALine(before, after, ev, &e) {
		return nil
	}
	return []Entry{e}
}

// worthALine fills in what is particular to the event, and tells whether
// there is anything to say.
func worthALine(before, after Integration, ev Event, e *Entry) bool {
	moved := before.State != after.State || before.Cause != after.Cause
	switch ev := ev.(type) {
	case Invited:
		e.Actor = ev.By
	case LinksRevoked:
		e.Actor = ev.By
	case CheckRequested:
		e.Actor = ev.By
	case DisconnectRequested:
		e.Actor = ev.By
	case CertificatePinned:
		e.Actor, e.Detail = ev.By, ev.Serial
	case Reauthorised:
		e.Actor = "contact " + string(ev.Contact)
	case KeyAccepted:
		e.Actor, e.Verdict, e.Reason = "contact "+string(ev.Contact), ev.Outcome.Verdict, ev.Outcome.Reason
		e.Detail = teamMoved(before, after)
	case WrongFile:
		if ev.Diagnosis == RefusedLinkVoid {
			e.What = "upload_refused"
		}
		e.Actor, e.Upload, e.KeyID, e.Detail = "contact "+string(ev.Contact), ev.Upload, "", ev.Diagnosis
	case KeyHeldElsewhere:
		e.Actor, e.Upload, e.KeyID, e.Detail = "contact "+string(ev.Contact), ev.Upload, "", ev.Diagnosis
	case UploadWaits:
		e.Actor, e.Upload, e.KeyID, e.Reason = "contact "+string(ev.Contact), ev.Upload, "", ev.Reason
		return ev.Stuck || len(after.Waiting) > len(before.Waiting)
	case KeyOfOtherTeam:
		e.Actor, e.Upload, e.KeyID, e.Detail = "contact "+string(ev.Contact), ev.Upload, ev.Entered.KeyID, ev.Diagnosis
	case TeamMoveAllowed:
		e.Actor = ev.By
		return before.TeamMove != after.TeamMove
	case TeamMoveWithdrawn:
		e.Actor = ev.By
		return before.TeamMove != after.TeamMove
	case UploadGivenUp:
		e.Upload, e.KeyID = ev.Upload, ""
	case Checked:
		e.Check, e.Verdict, e.Reason = ev.Check, after.Check.Verdict, after.Check.Reason
		e.Detail = teamMoved(before, after)
		swapped := before.Key != nil && !before.Key.is(after.Key.Upload)
		return moved || swapped || e.Detail != "" || before.Check.Verdict != after.Check.Verdict || before.Check.Reason != after.Check.Reason
	case CertificatesListed:
		e.Detail = after.Certificates.Serial
		return retold(before.Certificates, after.Certificates)
	case CertificatesUnlisted:
		e.Detail = string(ev.Reason)
		return retold(before.Certificates, after.Certificates)
	case Tick:
		return moved || retold(before.Certificates, after.Certificates) || len(before.Trash) != len(after.Trash)
	case CheckLeased, CertificatesLeased:
		return false
	}
	return true
}

// teamMoved says from which team to which the integration came; empty where
// it had none before, or has the same.
func teamMoved(before, after Integration) string {
	if before.TeamID == "" || before.TeamID == after.TeamID {
		return ""
	}
	return "team " + before.TeamID + " became " + after.TeamID
}

// retold reports whether something was told of the certificates, or another
// one is watched.
func retold(a, b CertificateState) bool {
	return a.Serial != b.Serial || a.Pinned != b.Pinned || a.Vanished != b.Vanished ||
		a.Step != b.Step || a.Warned != b.Warned || a.UnreadTold != b.UnreadTold
}
