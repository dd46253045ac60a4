package operator

import (
	"fmt"
	"strings"
	"time"

	"keyward/pkg/integration"
)

// words say how an integration is, to support. What the customer was told is
// left open: see told.
func words(it integration.Integration, now time.Time) Words {
	w := Words{}
	files := filesUnderWay(it)
	switch it.State {
	case integration.AwaitingKey:
		w.State, w.Tone = "Awaiting key", ToneWaiting
		w.Now, w.Next = files, awaiting(it, now)
		if files == "" {
			w.Now = "No key file has arrived yet."
		}
		return w
	case integration.Active:
		w.State, w.Tone = "Active", ToneGood
		w.Now, w.Next = "The key works."+lastGood(it), nextCheck(it, now)
	case integration.Suspect:
		w.State, w.Tone = "Suspect", ToneWatch
		w.Now = "The last check was not good, and that is not confirmed yet. " + because(it.Cause)
		w.Next = nextCheck(it, now) + " If it is confirmed, the customer is told. A good check ends it."
	case integration.ActionRequired:
		w.State, w.Tone = "Action required", ToneBad
		w.Now, w.Next = because(it.Cause)+" The key itself is kept.", remedy(it.Cause)+" "+nextCheck(it, now)
	case integration.Deactivated:
		w.State, w.Tone = "Deactivated", ToneBad
		w.Now, w.Next = because(it.Cause)+lastGood(it), deactivatedNext(it, now)
	case integration.Disconnected:
		w.State, w.Tone = "Disconnected", ToneOver
		w.Now, w.Next = "It ended on "+when(it.DisconnectedAt)+".", disconnectedNext(it)
	}
	w.Now = strings.TrimSpace(w.Now + " " + files)
	return w
}

// plainState is the state in the middle of a sentence.
func plainState(s integration.State) string { return strings.ReplaceAll(string(s), "_", " ") }

func when(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

func wrongFiles(it integration.Integration) string {
	switch it.WrongFiles {
	case 0, 1:
		return ""
	}
	return fmt.Sprintf(" %d files have been refused in all.", it.WrongFiles)
}

func awaiting(it integration.Integration, now time.Time) string {
	switch end := it.Invitation.ExpiresAt; {
	case end.IsZero():
		return "The invitation goes out."
	case now.Before(end):
		return "The customer uploads a key through the link in the invitation, which works until " + when(end) +
			". Reminders go out on days 3 and 10."
	}
	return "The upload link has run out. Issue a new one."
}

func lastGood(it integration.Integration) string {
	if it.Check.OKAt.IsZero() {
		return ""
	}
	return " The last good check was on " + when(it.Check.OKAt) + "."
}

func nextCheck(it integration.Integration, now time.Time) string {
	switch due := it.Check.DueAt; {
	case due.IsZero():
		return "No check is planned."
	case due.After(now):
		return "The next check is on " + when(due) + "."
	}
	return "A check is due now."
}

func deactivatedNext(it integration.Integration, now time.Time) string {
	if it.Cause == integration.Reauthorisation {
		return "The customer confirms the integration, or uploads a new key through a link."
	}
	next := "The customer uploads a new key through the link in the mail; issue a new link if it has run out."
	if it.Check.DueAt.IsZero() {
		return next
	}
	return next + " The old key is tried once a day for 90 days, in case Apple accepts it again. " + nextCheck(it, now)
}

// keysToDelete leaves out files that may have been under way.
func keysToDelete(it integration.Integration) int {
	n := 0
	for _, d := range it.Trash {
		if d.KeyID != "" {
			n++
		}
	}
	return n
}

func disconnectedNext(it integration.Integration) string {
	switch n := keysToDelete(it); {
	case n == 1:
		return "One key is being deleted from the vault; then the receipt goes out."
	case n > 0:
		return fmt.Sprintf("%d keys are being deleted from the vault; then the receipt goes out.", n)
	case len(it.Trash) > 0:
		return "The receipt goes out in a few minutes, when no file can be under way any more."
	case it.ReceiptOwed:
		return "The receipt goes out."
	}
	return "Nothing more happens. No key is kept."
}
