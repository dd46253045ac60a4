package simulation

import (
	"time"

	"keyward/pkg/integration"
)

// What each mail to a customer must be, written down once more: who can act on
// it, and whether the reader needs an upload link for that. Kinds that are not
// here are not looked at.
var (
	byAdmin     = content{integration.ToAdmin, false}
	byAdminKey  = content{integration.ToAdmin, true}
	byHolder    = content{integration.ToAccountHolder, false}
	mailContent = map[integration.NoticeKind]content{
		integration.NoticeInvitation:         byAdminKey,
		integration.NoticeInvitationReminder: byAdminKey,
		integration.NoticeAccessLost:         byAdminKey,
		integration.NoticeUploadAgain:        byAdminKey,
		integration.NoticeKeyRefused:         byAdminKey,
		integration.NoticeKeyDeleted:         byAdminKey,
		integration.NoticeReauthorise:        byAdminKey,
		integration.NoticeAccepted:           byAdmin,
		integration.NoticeReplaced:           byAdmin,
		integration.NoticeMayRevoke:          byAdmin,
		integration.NoticeCertExpiring:       byAdmin,
		integration.NoticeCertExpired:        byAdmin,
		integration.NoticeCertVanished:       byAdmin,
		integration.NoticeCertRenewed:        byAdmin,
		integration.NoticeCertBack:           byAdmin,
		integration.NoticeNoSlot:             byAdmin,
		integration.NoticeUserReminder:       byAdmin,
		integration.NoticeDisconnected:       {integration.ToBusiness, false},
	}
)

type content struct {
	to   integration.Audience
	link bool
}

// expected is what the mail to the customer must be. About an agreement or the
// membership only the Account Holder can do something, and a new key helps
// against neither, nor against a missing app.
func expected(n integration.Notice) (content, bool) {
	switch n.Kind {
	case integration.NoticeActionRequired, integration.NoticeProblemReminder, integration.NoticeKeySafe, integration.NoticeRecovered:
	default:
		c, known := mailContent[n.Kind]
		return c, known
	}
	asks := n.Kind == integration.NoticeActionRequired || n.Kind == integration.NoticeProblemReminder
	switch n.Reason {
	case integration.Agreement, integration.Membership:
		return byHolder, true
	case integration.NoApps:
		return byAdmin, true
	}
	return content{integration.ToAdmin, asks}, true
}

// contentIsRight holds a new notice to its reader and its link.
func (t *truth) contentIsRight(n integration.Notice) {
	if n.Audience == integration.ToSupport {
		t.must(!n.Link, "a-link-only-where-a-key-is-needed", text("%s: support's mail %s has an upload link", n.Integration, n.Dedupe))
		return
	}
	c, known := expected(n)
	if !known {
		return
	}
	t.must(n.Audience == c.to, "mail-goes-to-who-can-act", text("%s: %s about %q goes to %s, and should go to %s", n.Integration, n.Kind, n.Reason, n.Audience, c.to))
	t.must(n.Link == c.link, "a-link-only-where-a-key-is-needed", text("%s: %s about %q: link %v, and should be %v", n.Integration, n.Kind, n.Reason, n.Link, c.link))
}

// countersBeginAnew: what is counted about one key, invitation or problem is
// not carried over to the next.
func (t *truth) countersBeginAnew(prev, next integration.Integration) {
	must := func(zero bool, what string) {
		t.must(zero, "counters-begin-anew", text("%s: %s", next.ID, what))
	}
	if accepted := next.Key != nil && next.LinkEpoch > prev.LinkEpoch && !sameUpload(prev.Key, next.Key); accepted {
		must(next.Streak.Count == 0 && next.OtherStreak.Count == 0, "bad answers about the key before count against the new one")
		must(next.Unanswered.Count == 0, "silence about the key before counts for the new one")
		must(next.WrongFiles == 0, "files refused before the new key still count")
		must(next.ReauthTold == 0, "reminders of the last reauthorisation count for the next one")
	}
	if checked := prev.Check.LastID != next.Check.LastID && next.Check.LastID != ""; checked {
		must(next.Check.Verdict != integration.OK || next.Streak.Count == 0, "a good answer leaves bad ones counted")
		must(next.Check.Verdict == integration.Inconclusive || next.Unanswered.Count == 0, "an answer leaves silence counted")
		must(sameUpload(prev.Key, next.Key) || next.Streak.Count <= 1, "bad answers about one key count against another")
	}
	if next.Told.Problem == "" || next.Told.Episode != prev.Told.Episode {
		must(next.Told.Reminded == 0, "reminders of one problem count for the next one")
	}
	if !next.Invitation.At.Equal(prev.Invitation.At) {
		must(next.Invitation.Reminded == 0, "reminders of one invitation count for the next one")
	}
}

func sameUpload(a, b *integration.Key) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Upload == b.Upload
}

// nextCheckKeepsTo holds the next check to what Apple has asked for: not
// before, and no later than a regular check whatever Apple asks for.
func (t *truth) nextCheckKeepsTo(next integration.Integration, o integration.Outcome, in time.Duration) {
	if o.Verdict == integration.Inconclusive && next.Check.Verdict == integration.Inconclusive {
		t.must(in >= min(o.RetryIn, promisedInterval), "apples-wait-is-kept", text("%s: asked again in %s, and Apple asked for %s", next.ID, in, o.RetryIn))
	}
}

// problemsAreRemindedOf: one that has been open for three days.
func (t *truth) problemsAreRemindedOf(k *known) {
	if len(k.toldAll) == 0 || k.it.Told.Problem == "" {
		return
	}
	last := k.toldAll[len(k.toldAll)-1]
	since := last.CreatedAt
	if last.Kind == integration.NoticeRecovered || last.Reason != k.it.Told.Problem || t.w.now().Sub(since) < 3*24*time.Hour+time.Hour+t.held(since) {
		return
	}
	reminded := false
	for _, n := range k.notices {
		reminded = reminded || n.Kind == integration.NoticeProblemReminder && n.CreatedAt.After(since)
	}
	t.must(reminded || t.delays(since) > 0, "problems-are-reminded-of", text("%s: %s has been open since %s, and nobody was reminded", k.it.ID, last.Reason, since))
}

// vaultHasTheKeys: under each name the key that the state says.
func (t *truth) vaultHasTheKeys(k *known) {
	for _, key := range []*integration.Key{k.it.Key, k.it.Other} {
		if key == nil {
			continue
		}
		secret, err := t.w.vault.Get(ctx(), k.it.ID, key.Upload)
		t.must(err == nil && secret.Fingerprint() == key.Fingerprint, "the-vault-has-the-right-key", text("%s: the vault has another key than %s", k.it.ID, key.KeyID))
	}
}
