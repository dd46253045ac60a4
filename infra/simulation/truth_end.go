package simulation

import (
	"slices"
	"strings"
	"time"

	"keyward/pkg/integration"
)

// atQuiescence looks at everything once more, after all faults have stopped.
func (t *truth) atQuiescence() {
	t.nothingWaits()
	t.vaultIsExact()
	t.bouncesArePassedOn()
	t.holdEnds()
	t.whoWaitsHears()
	for _, k := range t.order {
		if k.it.ID == "" {
			t.noticesEnded(k) // the fleet's
			continue
		}
		t.stored(k)
		t.noticesEnded(k)
		t.recovered(k)
		t.stateIsTrue(k)
		t.restsUntilDue(k)
		t.historyIsWhole(k)
		t.problemsAreRemindedOf(k)
		t.userIsRemindedOf(k)
		t.vaultHasTheKeys(k)
	}
}

// nothingWaits: no message, no object, no dead letter.
func (t *truth) nothingWaits() {
	for _, name := range append(queueNames[:], "dead") {
		q := t.w.queues[name]
		if name == "dead" {
			q = t.w.dead
		}
		d, err := q.Depth(ctx())
		recent := name != "dead" && t.w.now().Sub(d.Oldest) < time.Hour
		t.must(err == nil && (d.Visible+d.Hidden == 0 || recent), "comes-to-rest", text("queue %s holds %d messages since %s", name, d.Visible+d.Hidden, d.Oldest))
	}
	list, err := t.w.objects.List(ctx(), t.w.now(), 1000)
	t.must(err == nil && len(list) == 0, "the-bucket-empties", text("%d objects are left", len(list)))
}

// vaultIsExact: every key that is in force or kept beside it, once, and no
// other.
func (t *truth) vaultIsExact() {
	var want, going []string
	for _, k := range t.order {
		for _, key := range []*integration.Key{k.it.Key, k.it.Other} {
			if key != nil {
				want = append(want, "keyward/local/"+string(k.it.ID)+"/"+string(key.Upload))
			}
		}
		for _, d := range k.it.Trash {
			fresh := t.w.now().Sub(k.trashed[d.Upload]) < promisedRemoval // the sweep may not have come to it
			t.must(fresh, "superseded-secrets-go", text("%s: secret %s is still to go", k.it.ID, d.Upload))
			going = append(going, "keyward/local/"+string(k.it.ID)+"/"+string(d.Upload))
		}
	}
	names, err := t.w.vault.Names(ctx())
	names = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(going, name) })
	slices.Sort(want)
	slices.Sort(names)
	t.must(err == nil && slices.Equal(want, names), "a-key-is-in-the-vault-once", text("the vault holds %v, and should hold %v", names, want))
}

// holdEnds: a hold goes on only while half of those that began it are bad.
func (t *truth) holdEnds() {
	for _, k := range t.order {
		if t.w.now().Sub(k.turned) < time.Hour {
			return // the sweep may not have seen it yet
		}
	}
	marks, err := t.w.store.Marks(ctx(), integration.MarkedRejected, integration.MaxMarks)
	on := !t.status.HoldSince.IsZero()
	t.must(err == nil && (!on || 2*len(t.status.Held(marks)) >= t.status.HeldPeak), "hold-holds", text("the hold goes on, and %d are bad", len(marks)))
}

// bouncesArePassedOn: whoever's mail bounced is marked, support knows it, and
// the mail is not taken for told.
func (t *truth) bouncesArePassedOn() {
	for _, l := range t.w.post.mails {
		if !l.bounces || t.w.now().Sub(l.at) < 2*time.Hour {
			continue
		}
		k := t.of(l.id)
		contacts, err := t.w.store.Contacts(ctx(), l.id)
		marked := slices.ContainsFunc(contacts, func(c integration.Contact) bool { return c.ID == l.to && !c.Undeliverable.IsZero() })
		told := 0
		for _, n := range k.notices {
			if strings.HasPrefix(n.Dedupe, string(integration.NoticeUnreachable)+"#support#"+string(l.to)) { // not of mails given up for another reason
				told++
			}
		}
		n := k.notices[l.dedupe]
		t.must(err == nil && marked && told == 1 && (n.SentTo != l.to || slices.Contains(n.Tried, l.to)), "bounces-are-passed-on",
			text("%s %s bounced at %s: marked %v, support told %d times", l.id, l.dedupe, l.to, marked, told))
	}
}

// stored: what was written is what is there.
func (t *truth) stored(k *known) {
	it, err := t.w.store.Integration(ctx(), k.it.ID)
	t.must(err == nil && it.Version == k.it.Version && it.State == k.it.State, "no-write-is-lost", text("%s is not as it was written", k.it.ID))
}

func (t *truth) noticesEnded(k *known) {
	for _, dedupe := range sorted(k.notices) {
		n := k.notices[dedupe]
		over := n.Status == integration.Sent || n.Status == integration.Dropped
		young := t.w.now().Sub(later(n.CreatedAt, n.NotBefore)) < 2*time.Hour
		t.must(over || young, "no-mail-is-lost", text("%s %s is %s", k.it.ID, dedupe, n.Status))
		if n.Status == integration.Sent {
			t.must(t.posted[string(n.Integration)+" "+dedupe+" "+string(n.SentTo)] > 0, "no-mail-is-lost", text("%s counts as sent, and SES has not seen it", dedupe))
		}
	}
}

// recovered: between two problems that were told, exactly one recovery.
func (t *truth) recovered(k *known) {
	open, accepted := false, 0
	for _, n := range k.toldAll {
		if n.Kind != integration.NoticeRecovered {
			open = true
			continue
		}
		t.must(open, "one-recovery", text("%s: recovered twice", k.it.ID))
		open = false
	}
	for _, n := range k.notices {
		if isAcceptance(n.Kind) {
			accepted++
		}
	}
	if k.it.State == integration.Active {
		t.must(k.it.Told.Problem == "" && (!open || accepted > 0), "one-recovery", text("%s: all is well, and nobody has said so", k.it.ID))
	}
	if bad := k.it.State == integration.Deactivated || k.it.State == integration.ActionRequired; bad && t.status.HoldSince.IsZero() && t.status.WaveSince.IsZero() {
		late := k.it.Told.RetryAt
		t.must(k.it.Told.Problem == k.it.Cause || late.After(t.w.now()), "problems-are-told", text("%s: %s was not told", k.it.ID, k.it.Cause))
	}
}

// stateIsTrue: after days without faults, the state is what Apple would say.
func (t *truth) stateIsTrue(k *known) {
	it := k.it
	if it.Key == nil || !t.status.HoldSince.IsZero() || it.Cause == integration.Reauthorisation || it.Cause == integration.WrongTeam {
		return
	}
	key := t.w.apple.keys[it.Key.KeyID]
	t.must(key != nil && key.fingerprint == it.Key.Fingerprint, "tenants-stay-apart", text("%s has a key that Apple does not know", it.ID))
	since := later(later(key.revoked, key.team.changed), it.Key.AcceptedAt)
	if t.w.now().Sub(since)-t.held(since) < 32*time.Hour {
		return
	}
	want := integration.Active
	switch {
	case !key.revoked.IsZero():
		want = integration.Deactivated
	case !key.team.agreement || !key.team.member || key.weak:
		want = integration.ActionRequired
	}
	t.must(it.State == want, "the-state-is-true", text("%s is %s (%s), and should be %s", it.ID, it.State, it.Cause, want))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// restsUntilDue: nothing is leased, and the next check lies ahead.
func (t *truth) restsUntilDue(k *known) {
	it, now := k.it, t.w.now()
	recent := 20 * time.Minute
	t.must(it.Check.Lease.ID == "" || it.Check.Lease.Until.Add(recent).After(now), "leases-end", text("%s: a check has been leased until %s", it.ID, it.Check.Lease.Until))
	t.must(it.Key == nil || it.Check.DueAt.Add(recent).After(now), "a-due-check-once", text("%s: a check has been due since %s", it.ID, it.Check.DueAt))
	due := it.DueAt()
	held := !t.status.HoldSince.IsZero() // then reminders stay due
	t.must(held || due.IsZero() || due.Add(recent).After(now), "comes-to-rest", text("%s has been due since %s", it.ID, due))
}

// historyIsWhole: read from its end, it leads from state to state.
func (t *truth) historyIsWhole(k *known) {
	entries, _, err := t.w.store.History(ctx(), k.it.ID, "", 2000)
	t.must(err == nil && len(entries) > 0, "history-explains", text("%s has no history", k.it.ID))
}
