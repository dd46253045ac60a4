package simulation

import (
	"slices"
	"time"

	"keyward/pkg/integration"
)

// committed is told of a change that was written, even if its writer never
// learns of it.
func (t *truth) committed(by *task, c integration.Change) {
	if c.Integration.After != nil {
		t.changed(by, c)
	}
	t.oneTenant(c)
	t.reached(c.Notices, c.History)
	for _, n := range c.Notices {
		t.written(by, c, n)
	}
	for _, e := range c.Sent {
		if e.After != nil {
			t.progressed(by, *e.After)
		}
	}
	for _, e := range c.Uploads {
		if e.After != nil {
			t.judged(c, *e.After)
		}
	}
	for _, e := range c.Owners {
		if e.After != nil {
			t.owned(*e.After)
		}
	}
	t.explained(c)
}

// reached counts what came about: a world without it proves nothing about it.
func (t *truth) reached(ns []integration.Notice, history []integration.Entry) {
	for _, n := range ns {
		t.w.tally.Reached["notice "+string(n.Kind)]++
	}
	for _, e := range history {
		t.w.tally.Reached["event "+e.What]++
		if e.To != "" {
			t.w.tally.Reached["state "+string(e.To)]++
		}
	}
}

func (t *truth) changed(by *task, c integration.Change) {
	next := *c.Integration.After
	next.Version++
	k := t.of(next.ID)
	prev := k.it
	t.must(prev.Version+1 == next.Version, "no-write-is-lost", text("%s went from version %d to %d", next.ID, prev.Version, next.Version))
	t.leased(by, k, prev, next)
	if prev.Check.LastID != next.Check.LastID && next.Check.LastID != "" && by != nil {
		t.answered(by, k, prev, next)
	}
	if prev.State != next.State {
		t.moved(by, k, next)
		t.w.fallAsleep(next)
	}
	t.ofOneTeam(prev, next)
	t.discarded(k, prev, next)
	t.countersBeginAnew(prev, next)
	t.givenUp(prev, next)
	k.userSeen(next, t.w.now())
	if prev.Told.Problem != next.Told.Problem || prev.State != next.State || keyID(prev) != keyID(next) {
		k.turned = t.w.now()
	}
	k.it = next
	for _, r := range t.revoked {
		if r.k == k && (next.Key == nil || next.Key.KeyID != r.key.id || next.Cause == integration.Reauthorisation) {
			r.done = true
		}
	}
}

// leased holds the sweep to one check at a time, and none before it is due.
func (t *truth) leased(by *task, k *known, prev, next integration.Integration) {
	now := t.w.now()
	if by != nil {
		now = t.w.clock.latest(by.fn)
	}
	if lease := next.Check.Lease; lease.ID != "" && lease.ID != prev.Check.Lease.ID {
		t.w.tally.Reached["event check_leased"]++
		t.must(!prev.Check.DueAt.IsZero() && !prev.Check.DueAt.After(now) && !prev.Check.Lease.Held(now), "a-due-check-once",
			text("%s: a check was leased that is due at %s, under a lease until %s", next.ID, prev.Check.DueAt, prev.Check.Lease.Until))
		t.must(lease.Until.Sub(now) <= promisedLease, "leases-end", text("%s: a check is leased for %s", next.ID, lease.Until.Sub(now)))
		if !t.w.rough() && !k.due.IsZero() {
			t.must(t.w.now().Sub(k.due) <= 3*time.Minute, "a-due-check-once", text("%s: a check due at %s was leased late", next.ID, k.due))
		}
		k.due = time.Time{}
	} else if next.Check.Lease.ID == "" {
		k.due = next.Check.DueAt
	}
	if lease := next.Certificates.Lease; lease.ID != "" && lease.ID != prev.Certificates.Lease.ID {
		t.w.tally.Reached["event certificates_leased"]++
		t.must(lease.Until.Sub(now) <= promisedLease && !prev.Certificates.Lease.Held(now), "leases-end",
			text("%s: a look at certificates is leased until %s", next.ID, lease.Until))
	}
}

// answered notes the answers that a check brought, by key.
func (t *truth) answered(by *task, k *known, prev, next integration.Integration) {
	t.must(prev.Check.Lease.ID == next.Check.LastID && prev.Key != nil, "a-check-counts-once",
		text("%s: check %s was applied, and %s was leased", next.ID, next.Check.LastID, prev.Check.Lease.ID))
	now := t.w.now()
	counted := false
	for _, both := range []*integration.Key{prev.Key, prev.Other} {
		if both == nil {
			continue
		}
		o, ok := by.answers[both.KeyID]
		if !ok {
			continue
		}
		t.must(by.used[both.KeyID] == both.Fingerprint, "a-key-is-its-owners", text("%s was asked about with another key", both.KeyID))
		r := k.keys[both.Upload]
		if r == nil {
			r = &record{}
			k.keys[both.Upload] = r
		}
		r.add(o, now, by.view.hold, t.heldSince())
		counted = counted || both == prev.Key && o.Verdict == integration.Rejected && !by.view.hold
	}
	switch gap := now.Sub(k.asked); {
	case k.asked.IsZero():
	case !(counted && k.clear):
		k.lost += gap
	default:
		k.lost += max(0, gap-promisedRecheck)
	}
	k.asked, k.clear = now, counted || next.Check.Verdict == integration.OK
	if due := next.Check.DueAt; next.Key != nil {
		most := promisedInterval
		if next.State == integration.Deactivated {
			most = 24 * time.Hour
		}
		late := due.Sub(next.Check.LastAt)
		if prev.Key != nil && sameUpload(prev.Key, next.Key) {
			t.nextCheckKeepsTo(next, by.answers[next.Key.KeyID], late)
		}
		t.must(late > 0 && late <= most, "a-due-check-once", text("%s: the next check is due in %s", next.ID, late))
	}
}

// add counts one answer of Apple's about the key. None counts during a hold,
// which began at the time given.
func (r *record) add(o integration.Outcome, now time.Time, hold bool, since time.Time) {
	if counts := o.Verdict != integration.Inconclusive && !hold; counts {
		r.resume(now)
	} else if !r.paused {
		r.pausedFrom, r.paused = r.last, true
		if hold {
			r.pausedFrom = later(r.last, since)
		}
	}
	switch o.Verdict {
	case integration.OK:
		r.rejections, r.blocks, r.active, r.gaps = nil, nil, 0, 0
	case integration.Rejected:
		if r.blocks = nil; len(r.rejections) == 0 {
			r.active, r.gaps = 0, 0
		}
		if !hold {
			r.rejections = append(r.rejections, now)
		}
	case integration.Blocked:
		r.rejections = nil
		if r.reason != o.Reason {
			r.blocks = nil
		}
		if len(r.blocks) == 0 {
			r.active, r.gaps = 0, 0
		}
		if r.reason = o.Reason; !hold {
			r.blocks = append(r.blocks, now)
		}
	}
}

// resume counts the time before an answer that counts: an hour at most.
func (r *record) resume(now time.Time) {
	if !r.last.IsZero() {
		to := now
		if r.paused {
			to = r.pausedFrom
			r.gaps++
		}
		r.active += min(to.Sub(r.last), promisedRecheck)
	}
	r.last, r.paused = now, false
}

// moved holds the transitions that hurt to what confirms them.
func (t *truth) moved(by *task, k *known, next integration.Integration) {
	t.w.tally.Checked["(transitions to "+string(next.State)+")"]++
	rejection := next.Cause == integration.NotAuthorized || next.Cause == integration.ForbiddenAtAll
	if next.State == integration.Deactivated && rejection {
		t.deactivated(by, k, next)
	}
	if next.Cause == integration.Reauthorisation {
		t.unconfirmed(k, next)
	}
	if next.Cause == integration.WrongTeam {
		key := t.w.apple.keys[keyID(next)]
		t.must(key != nil && key.team.id != next.TeamID, "no-other-teams-key", text("%s: told that its key is of another team, and it is of %s", next.ID, next.TeamID))
		return
	}
	if next.State == integration.ActionRequired && by != nil && by.fn == "validate" {
		r := k.keys[next.Key.Upload]
		t.must(r != nil && len(r.blocks) >= promisedBlocks && r.active >= promisedBlockOver-t.apart(r), "blocks-are-confirmed",
			text("%s: action required after %v", next.ID, r))
	}
}

func keyID(it integration.Integration) string {
	if it.Key == nil {
		return ""
	}
	return it.Key.KeyID
}

func (t *truth) deactivated(by *task, k *known, next integration.Integration) {
	over := promisedOver
	if t.connected() < smallFleet && t.status.Size < smallFleet && t.w.canary == "" {
		over = promisedOverSmall
	}
	r := k.keys[next.Key.Upload]
	t.must(r != nil && len(r.rejections) >= promisedRejections && r.active >= over-t.apart(r), "rejections-are-confirmed",
		text("%s: deactivated after rejections of the key in force at %v, where %s are promised", next.ID, r, over))
	t.must(by != nil && by.view.looked && !by.view.hold, "hold-holds", text("%s: deactivated while the fleet is on hold", next.ID))
	held := t.holds != nil && t.holds[len(t.holds)-1].to.IsZero() && t.holds[len(t.holds)-1].from.Before(by.began)
	t.must(!held, "hold-holds", text("%s: deactivated while the fleet is on hold", next.ID))
	key := t.w.apple.keys[next.Key.KeyID]
	t.must(key != nil && !key.revoked.IsZero(), "no-false-deactivation", text("%s: deactivated, and its key works", next.ID))
	if o := next.Other; o != nil && o.RejectedAt.IsZero() && by.answers[o.KeyID].Verdict != integration.Inconclusive { // else nobody could know
		t.must(!t.w.apple.keys[o.KeyID].hasWorked(t.w.now().Add(-time.Hour)), "no-false-deactivation", text("%s: deactivated, and the key before works", next.ID))
	}
}

// discarded notes the secrets that must leave the vault.
func (t *truth) discarded(k *known, prev, next integration.Integration) {
	for _, d := range next.Trash {
		if !slices.ContainsFunc(prev.Trash, func(p integration.Discarded) bool { return p.Upload == d.Upload }) {
			k.trashed[d.Upload] = t.w.now()
		}
	}
	for _, old := range []*integration.Key{prev.Key, prev.Other} {
		if old == nil || next.Key != nil && next.Key.Upload == old.Upload || next.Other != nil && next.Other.Upload == old.Upload {
			continue
		}
		trashed := slices.ContainsFunc(next.Trash, func(d integration.Discarded) bool { return d.Upload == old.Upload })
		t.must(trashed, "no-secret-is-forgotten", text("%s: key %s is neither kept nor to be deleted", next.ID, old.KeyID))
	}
}

// explained holds every change of state to a line of history in the same
// transaction.
func (t *truth) explained(c integration.Change) {
	a := c.Integration.After
	if a == nil {
		return
	}
	k := t.of(a.ID)
	for _, e := range c.History {
		if e.To == "" {
			continue
		}
		t.must(e.From == k.state, "history-explains", text("%s: history goes from %q, and the state was %q", a.ID, e.From, k.state))
		k.state = e.To
	}
	t.must(k.state == a.State, "history-explains", text("%s is %q, and history ends at %q", a.ID, a.State, k.state))
}

// ofOneTeam holds a key that comes in force to the integration's team, unless
// support allowed another one. A key from before may come back.
func (t *truth) ofOneTeam(prev, next integration.Integration) {
	if next.Key == nil || prev.Key != nil && prev.Key.Upload == next.Key.Upload || prev.TeamFrom != integration.TeamProven {
		return
	}
	key := t.w.apple.keys[next.Key.KeyID]
	back := prev.Other != nil && prev.Other.Upload == next.Key.Upload
	t.must(key == nil || key.team.id == prev.TeamID || prev.TeamMove.Allowed() || back, "no-other-teams-key",
		text("%s: a key of another team is in force, and support has not allowed it", next.ID))
}

// oneTenant holds a change to items of one integration.
func (t *truth) oneTenant(c integration.Change) {
	ids := map[integration.ID]bool{}
	if c.Integration.After != nil {
		ids[c.Integration.After.ID] = true
	}
	for _, n := range c.Notices {
		ids[n.Integration] = true
	}
	for _, e := range c.Uploads {
		ids[e.After.Integration] = true
	}
	for _, e := range c.History {
		ids[e.Integration] = true
	}
	for _, l := range c.Links {
		ids[l.Integration] = true
	}
	for _, crt := range c.Certificates {
		ids[crt.Integration] = true
	}
	t.must(len(ids) <= 1, "tenants-stay-apart", text("one change wrote items of %v", sorted(ids)))
}

// owned holds a key to one tenant.
func (t *truth) owned(o integration.Owner) {
	for _, id := range o.Holders {
		it := t.of(id).it
		t.must(it.Customer == "" || it.Customer == o.Customer, "tenants-stay-apart", text("%s holds a key of another tenant", id))
	}
}

// judged is told of uploads.
func (t *truth) judged(c integration.Change, u integration.Upload) {
	for _, a := range u.Attempts {
		name := u.ObjectKey() + " " + a.ETag
		if _, known := t.verdicts[name]; a.State != integration.UploadWaiting && !known {
			t.verdicts[name] = t.w.now()
		}
	}
	it := c.Integration.After
	if u.State != integration.UploadAccepted || it == nil {
		return
	}
	t.must(u.Epoch+1 == it.LinkEpoch, "a-link-works-once", text("%s was accepted by a link of epoch %d, which was followed by %d", u.ID, u.Epoch, it.LinkEpoch))
	t.must(it.Key != nil && it.Key.Upload == u.ID, "no-key-is-lost", text("%s was accepted and is not in force", u.ID))
	secret, err := t.w.vault.Get(ctx(), u.Integration, u.ID)
	t.must(err == nil && secret.Fingerprint() == it.Key.Fingerprint, "no-key-is-lost", text("%s was accepted and is not in the vault", u.ID))
	owner, err := t.w.store.Owner(ctx(), it.Key.Fingerprint)
	t.must(err == nil && slices.Contains(owner.Holders, u.Integration), "tenants-stay-apart", text("%s was accepted and its key has no owner", u.ID))
	for _, other := range t.order {
		same := other.it.Key != nil && other.it.Key.Fingerprint == it.Key.Fingerprint && other.it.ID != it.ID
		t.must(!same || other.it.Customer == it.Customer, "tenants-stay-apart", text("%s and %s have one key", other.it.ID, it.ID))
	}
}
