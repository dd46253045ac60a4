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

// record says what an event did, for the history. A check that ended as the
// one before is not worth a line.
func record(before, after Integration, ev Event, now time.Time) []Entry {
	return nil
}
