package simulation

import (
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"keyward/pkg/integration"
)

func isProblem(k integration.NoticeKind) bool {
	return k == integration.NoticeActionRequired || k == integration.NoticeAccessLost
}

func isAcceptance(k integration.NoticeKind) bool {
	return k == integration.NoticeAccepted || k == integration.NoticeReplaced
}

// written is told of a new notice.
func (t *truth) written(by *task, c integration.Change, n integration.Notice) {
	t.gone(n)
	k := t.of(n.Integration)
	if _, there := k.notices[n.Dedupe]; there {
		return
	}
	n.Version = 1
	k.notices[n.Dedupe] = n
	t.contentIsRight(n)
	if n.Audience == integration.ToSupport {
		return
	}
	t.remindedOfUser(k, n)
	if n.Kind == integration.NoticeReauthorise {
		k.requested = t.w.now()
	}
	if isProblem(n.Kind) || n.Kind == integration.NoticeProblemReminder || n.Kind == integration.NoticeUserReminder {
		t.must(by == nil || by.view.looked && !by.view.hold, "hold-holds", text("%s: %s was written while the fleet is on hold", n.Integration, n.Dedupe))
	}
	if isProblem(n.Kind) || n.Kind == integration.NoticeKeySafe || n.Kind == integration.NoticeRecovered {
		k.toldAll = append(k.toldAll, n)
	}
	if n.Kind == integration.NoticeRecovered {
		t.must(!slices.ContainsFunc(c.Notices, func(o integration.Notice) bool { return isAcceptance(o.Kind) && o.Audience == n.Audience }), "one-recovery",
			text("%s: two mails say that all is well", n.Integration))
	}
	if isProblem(n.Kind) {
		t.must(slices.ContainsFunc(c.Notices, func(o integration.Notice) bool { return o.Kind == n.Kind && o.Audience == integration.ToSupport }), "problems-are-told",
			text("%s: support does not hear of %s", n.Integration, n.Dedupe))
		cause := string(n.Kind) + " " + string(n.Reason)
		t.must(k.told[cause].IsZero() || t.w.now().Sub(k.told[cause]) >= promisedPause-t.slack(), "a-cause-is-told-once",
			text("%s: %s again, %s after the last time", n.Integration, cause, t.w.now().Sub(k.told[cause])))
		k.told[cause] = t.w.now()
	}
	if n.Kind == integration.NoticeDisconnected {
		names, err := t.w.vault.Names(ctx())
		t.must(err == nil && !slices.ContainsFunc(names, func(s string) bool { return strings.Contains(s, string(n.Integration)) }), "receipts-are-true",
			text("%s: the receipt says that the vault is empty, and it is not", n.Integration))
	}
	t.waits(by, c, n)
}

// waits holds mails of an agreement wave back.
func (t *truth) waits(by *task, c integration.Change, n integration.Notice) {
	if by == nil || !by.view.wave || n.Kind != integration.NoticeActionRequired || n.Reason != integration.Agreement || c.Integration.After == nil {
		return
	}
	t.must(t.w.now().Sub(c.Integration.After.Since) >= 24*time.Hour-t.slack(), "waves-wait", text("%s: told of an agreement in a wave", n.Integration))
}

// progressed is told of a notice's way to its reader.
func (t *truth) progressed(by *task, n integration.Notice) {
	k := t.of(n.Integration)
	prev := k.notices[n.Dedupe]
	n.Version++
	t.must(prev.Version+1 == n.Version, "no-write-is-lost", text("notice %s went from version %d to %d", n.Dedupe, prev.Version, n.Version))
	if n.Status == integration.Sending && by != nil {
		now := t.w.clock.of(by.fn)
		t.must(n.Lease.Until.Sub(now) <= promisedMailLease, "leases-end", text("notice %s is leased for %s", n.Dedupe, n.Lease.Until.Sub(now)))
		if n.Lease.ID != prev.Lease.ID {
			t.must(n.Audience == integration.ToSupport || k.stillSo(n) || t.w.now().Sub(k.turned) < longestFreeze, "mails-make-sense", text("%s %s goes out, and is not so", n.Integration, n.Dedupe))
			t.must(!now.Before(n.NotBefore.Add(-t.slack())), "waves-wait", text("notice %s goes out before its time", n.Dedupe))
			t.must(prev.Status != integration.Sending || !prev.Lease.Held(now), "leases-end", text("notice %s was leased twice", n.Dedupe))
			t.must(prev.Status != integration.Sent && prev.Status != integration.Dropped, "one-mail", text("notice %s was leased after its end", n.Dedupe))
		}
	}
	k.notices[n.Dedupe] = n
}

// stillSo tells whether what the mail says to the customer is so.
func (k *known) stillSo(n integration.Notice) bool {
	switch {
	case k.it.State == integration.Disconnected:
		return n.Kind == integration.NoticeDisconnected
	case isProblem(n.Kind), n.Kind == integration.NoticeProblemReminder:
		return k.it.Told.Problem == n.Reason
	case n.Kind == integration.NoticeRecovered:
		return k.it.Told.Problem == ""
	case isAcceptance(n.Kind), n.Kind == integration.NoticeMayRevoke:
		return keyID(k.it) == n.Facts.KeyID
	}
	return true
}

func aboutOf(m integration.Mail) (integration.ID, string) {
	dedupe, _ := hex.DecodeString(m.Tags["notice"])
	return integration.ID(m.Tags["integration"]), string(dedupe)
}

// handedOver is told of a mail before it goes out.
func (t *truth) handedOver(by *task, m integration.Mail) {
	id, dedupe := aboutOf(m)
	n, there := t.of(id).notices[dedupe]
	t.must(there && (n.Status == integration.Sending || by.dead || n.Status == integration.Pending && t.w.rough()), "one-mail",
		text("%s: a mail goes out about %s, which is %s", id, dedupe, n.Status))
	c := t.w.byID(id)
	if m.Tags["contact"] == "" || c == nil {
		t.must(m.To == support || id == canaryID, "tenants-stay-apart", text("a mail to support goes elsewhere"))
		return
	}
	own := slices.ContainsFunc(c.people, func(p *person) bool { return p.address == m.To })
	t.must(own, "tenants-stay-apart", text("a mail about %s goes to somebody else's contact", id))
	for _, o := range t.w.customers {
		t.must(o == c || !strings.Contains(string(m.Raw), o.label), "tenants-stay-apart", text("a mail about %s names %s", id, o.label))
	}
}

// longestFreeze is how long a function can stand still and go on: its mail may
// come that much later than it began.
const longestFreeze = 30 * time.Minute

// mailed is told of a mail that was taken.
func (t *truth) mailed(l letter) {
	name := string(l.id) + " " + l.dedupe + " " + string(l.to)
	t.posted[name]++
	first := t.postedAt[name]
	t.must(t.posted[name] <= 2 && (first.IsZero() || t.w.strikes(first.Add(-longestFreeze)) > 0), "one-mail",
		text("%s was mailed %d times", name, t.posted[name]))
	if first.IsZero() {
		t.postedAt[name] = t.w.now()
	}
	if n, there := t.of(l.id).notices[l.dedupe]; there {
		t.must((l.token != "") == n.Link, "a-link-only-where-a-key-is-needed", text("%s: mailed with a link: %v, and it should be %v", name, l.token != "", n.Link))
	}
	if l.token != "" {
		link, err := t.w.store.Link(ctx(), integration.LinkHash(l.token))
		t.must(err == nil && link.Integration == l.id, "a-link-works-once", text("%s was mailed a link that does not work", name))
	}
	for _, r := range t.revoked {
		if !r.done && r.k == t.known[l.id] && l.kind == integration.NoticeAccessLost && (l.to != "" || t.deaf(l.id)) {
			r.inTime(t)
			r.done = true
		}
	}
}

// deaf tells whether mail may not reach the customer.
func (t *truth) deaf(id integration.ID) bool {
	c := t.w.byID(id)
	return c == nil || c.people[0].bounces || t.w.tally.Injected[mailRefused] > 0
}

// keyRevoked is told of a key that Apple will not accept any more.
func (t *truth) keyRevoked(key *appleKey) {
	for _, k := range t.order {
		if k.it.Key == nil || k.it.Key.KeyID != key.id || k.it.State == integration.Deactivated {
			continue
		}
		t.revoked = append(t.revoked, &revocation{k: k, key: key, at: t.w.now(), lost: k.lost, few: t.small(), mute: k.mute()})
	}
}

// mute is until when a mail about a rejection has to wait for the one before.
func (k *known) mute() time.Time {
	var at time.Time
	for cause, told := range k.told {
		if strings.HasSuffix(cause, string(integration.NotAuthorized)) {
			at = later(at, told.Add(promisedPause+promisedSlack))
		}
	}
	return at
}

// swept is told whenever the sweep has run: the time to look at the clock.
func (t *truth) swept() {
	now := t.w.now()
	for _, r := range t.revoked {
		if !r.done {
			r.few = r.few || t.small()
			r.inTime(t)
		}
	}
	for _, k := range t.order {
		t.endsAreTold(k)
		t.confirmationsEnd(k)
		t.deadKeysGo(k)
		for u, at := range k.trashed {
			t.must(now.Sub(at) <= promisedPurge, "superseded-secrets-go", text("%s: secret %s has been superseded since %s", k.it.ID, u, at))
		}
	}
	t.bucket(now)
}

// inTime holds a revocation that nobody has been told of so far to its
// deadline.
func (r *revocation) inTime(t *truth) {
	by := r.deadline(t)
	t.must(!t.w.now().After(by), "revocations-are-told", text("%s: key %s was revoked at %s, and nobody has been told by %s",
		r.k.it.ID, r.key.id, r.at.Format(time.DateTime), by.Format(time.DateTime)))
}

// deadline is by when the customer must have been told.
func (r *revocation) deadline(t *truth) time.Time {
	over := promisedOver
	if r.few {
		over = promisedOverSmall
	}
	lost := r.k.lost - r.lost
	if !r.k.clear && !r.k.asked.IsZero() {
		lost += t.w.now().Sub(r.k.asked)
	}
	at := r.at.Add(over + promisedInterval + promisedSlack + lost + t.held(r.at) + t.delays(r.at))
	return later(at, r.mute)
}

// bucket holds the bucket to be empty soon after the verdict.
func (t *truth) bucket(now time.Time) {
	list, err := t.w.objects.List(ctx(), now, 1000)
	if err != nil {
		t.w.fail("queues-work", err.Error())
	}
	for _, o := range list {
		at, judged := t.verdicts[o.Key+" "+o.ETag]
		t.must(!judged || now.Sub(at) <= promisedRemoval+t.delays(at), "the-bucket-empties", text("%s was judged at %s and is still there", o.Key, at))
	}
}
