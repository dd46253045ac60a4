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

// record says what an event did, for the history.
func record(before, after Integration, ev Event, now time.Time) []Entry {
	e := Entry{
		Integration: after.ID, At: now, Seq: seq(after.Version+1, 0), What: ev.event(), Actor: "keyward",
		From: before.State, To: after.State, Reason: after.Cause,
	}
	if after.Key != nil {
		e.KeyID, e.Upload = after.Key.KeyID, after.Key.Upload
	}
	if !ev.record(before, after, &e) {
		return nil
	}
	return []Entry{e}
}

// moved reports whether the state or its cause changed.
func moved(before, after Integration) bool {
	return before.State != after.State || before.Cause != after.Cause
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
