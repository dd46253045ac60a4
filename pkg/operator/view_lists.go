package operator

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
	"keyward/pkg/wording"
)

func viewEntry(e integration.Entry) Entry {
	return Entry{
		At: e.At, What: e.What, Actor: e.Actor, From: string(e.From), To: string(e.To), Verdict: string(e.Verdict),
		Reason: string(e.Reason), Check: string(e.Check), Upload: string(e.Upload), KeyID: e.KeyID, Detail: e.Detail,
	}
}

func viewNotice(n integration.Notice, now time.Time) Notice {
	return Notice{
		ID: string(n.ID()), Delivery: wording.DeliveryOf(n, now), Readable: n.Content.Text != "",
		Kind: string(n.Kind), Audience: string(n.Audience), Reason: string(n.Reason), Status: string(n.Status),
		CreatedAt: n.CreatedAt, NotBefore: n.NotBefore, SentAt: n.SentAt, SentTo: string(n.SentTo), Attempts: n.Attempts, Link: n.Link,
	}
}

// textWords say what was left out of an e-mail's text, or why there is none.
func textWords(n integration.Notice) string {
	out := n.Status == integration.Sent || n.Status == integration.Dropped && n.Attempts > 0
	switch {
	case n.Content.Text != "" && n.Audience == integration.ToSupport:
		return "As it was sent."
	case n.Content.Text != "" && !n.Link:
		return "As it was sent, without the greeting."
	case n.Content.Text != "":
		return "As it was sent, without the greeting and the upload link."
	case n.Status == integration.Sent:
		return "Its text was not kept: it was sent by an earlier version of Keyward."
	case out:
		return "It is not certain that this e-mail went out, and its text was not kept."
	case n.Status == integration.Dropped:
		return "This e-mail was not sent."
	}
	return "This e-mail has not been sent yet. Its text is written when it goes out."
}

func viewUpload(u integration.Upload, now time.Time) Upload {
	attempts := each(u.Attempts, viewAttempt)
	slices.Reverse(attempts) // newest first, as everywhere
	return Upload{
		ID: string(u.ID), Contact: string(u.Contact), KeyID: u.KeyID, State: string(u.State), CreatedAt: u.CreatedAt,
		FormExpires: u.FormExpires, WaitFrom: u.WaitFrom, Tries: u.Tries, Attempts: attempts, Words: uploadWords(u, now),
	}
}

// uploadWords say how far an upload has come, and why.
func uploadWords(u integration.Upload, now time.Time) string {
	if len(u.Attempts) == 0 {
		if now.Before(u.FormExpires) {
			return "No file has arrived. The form is open until " + when(u.FormExpires) + "."
		}
		return "No file arrived before the form ended on " + when(u.FormExpires) + "."
	}
	last := u.Attempts[len(u.Attempts)-1]
	switch u.State {
	case integration.UploadWaiting:
		from := u.WaitFrom
		if from.IsZero() {
			from = last.At
		}
		return fmt.Sprintf("Waiting for Apple since %s; asked %s. %s", when(from), times(u.Tries), because(integration.Reason(last.Diagnosis)))
	case integration.UploadAccepted:
		return "Accepted on " + when(last.At) + "."
	case integration.UploadExpired:
		return "Given up on " + when(last.At) + ": Apple gave no clear answer. " + because(integration.Reason(last.Diagnosis))
	}
	return "Refused on " + when(last.At) + ". " + refusal(last.Diagnosis)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func viewAttempt(a integration.Attempt) Attempt {
	return Attempt{
		At: a.At, State: string(a.State), Diagnosis: a.Diagnosis, Sentence: refusal(a.Diagnosis), Missing: each(a.Missing, text),
	}
}

// refusal says to support why an upload was refused.
func refusal(diagnosis string) string {
	switch diagnosis {
	case "":
		return ""
	case integration.RefusedHeld:
		return "The key belongs to another customer's integration."
	case integration.RefusedShared:
		return "The key belongs to another integration of the same customer, and sharing is not allowed."
	case integration.RefusedTeam:
		return "Apple shows another team than the one that the customer entered."
	case integration.RefusedOtherTeam:
		return "The key belongs to another team than this integration. If the customer really moves, allow another team for one upload."
	case integration.RefusedOtherApps:
		return "The key sees none of the apps seen before. If they have really changed, allow another team for one upload."
	case integration.RefusedUnexpected:
		return "The key sees apps, but none that the invitation names. Correct the bundle IDs, or allow another team for one upload."
	case integration.RefusedLinkVoid:
		return "The upload link was used or revoked meanwhile."
	case integration.RefusedName:
		return "The file's name shows another key ID than the one given."
	}
	if slices.Contains(keyfile.Diagnoses(), keyfile.Diagnosis(diagnosis)) {
		return keyfile.Diagnosis(diagnosis).Sentence()
	}
	return because(integration.Reason(diagnosis))
}

func viewCertificate(it integration.Integration) func(integration.Certificate) Certificate {
	watch := it.Certificates
	return func(c integration.Certificate) Certificate {
		return Certificate{
			Serial: c.Serial, Type: c.Type, Name: c.Name, TeamID: c.TeamID, NotAfter: c.NotAfter, FirstSeen: c.FirstSeen,
			LastSeen: c.LastSeen, GoneAt: c.GoneAt, Distribution: c.Distribution(),
			Watched: c.Serial == watch.Serial, Pinned: c.Serial == watch.Pinned,
		}
	}
}

func newestNotices(ns []integration.Notice, now time.Time) []Notice {
	slices.SortStableFunc(ns, func(a, b integration.Notice) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.Dedupe, b.Dedupe))
	})
	return each(ns, func(n integration.Notice) Notice { return viewNotice(n, now) })
}

func newestUploads(us []integration.Upload, now time.Time) []Upload {
	slices.SortStableFunc(us, func(a, b integration.Upload) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return each(us, func(u integration.Upload) Upload { return viewUpload(u, now) })
}
