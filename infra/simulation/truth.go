package simulation

import (
	"fmt"
	"time"

	"keyward/pkg/integration"
)

// What is promised, in numbers of its own: whoever changes them in the code
// must change them here too.
const (
	promisedRejections = 4
	promisedOver       = 6 * time.Hour
	promisedOverSmall  = 24 * time.Hour // in fleets below five, without a canary
	promisedBlocks     = 3
	promisedBlockOver  = time.Hour
	promisedRecheck    = time.Hour // and no more of the time between two answers counts
	promisedInterval   = 6 * time.Hour
	promisedSlack      = 30 * time.Minute
	promisedLease      = 15 * time.Minute // of a check
	promisedMailLease  = 5 * time.Minute
	promisedPurge      = 24 * time.Hour
	promisedRemoval    = 15 * time.Minute
	promisedPause      = 24 * time.Hour // between two mails about one cause
	smallFleet         = 5
)

// A fleetLook is what a task last saw of the fleet.
type fleetLook struct {
	looked, hold, wave bool
	at                 time.Time
}

// truth knows what really happened, from the side of the ports: what was
// written, whatever its writer learned of it. It holds Keyward to its
// promises.
type truth struct {
	w        *World
	known    map[integration.ID]*known
	order    []*known
	status   integration.FleetStatus
	holds    []span
	verdicts map[string]time.Time // by object and ETag: when it was judged
	posted   map[string]int       // mails taken, by notice and recipient
	postedAt map[string]time.Time
	revoked  []*revocation
	waiters  []waiter
}

// known is what is known of one integration.
type known struct {
	it      integration.Integration
	keys    map[integration.UploadID]*record
	notices map[string]integration.Notice
	trashed map[integration.UploadID]time.Time
	told    map[string]time.Time // by reason and kind: when a problem was written to be told
	toldAll []integration.Notice // of what the customer was told, in order
	state   integration.State    // as history explains it
	due     time.Time            // of the next check, while nobody has it
	asked   time.Time            // when the last check was applied
	clear   bool                 // whether its answer counted
	lost    time.Duration        // time without an answer that counted
	shown   []integration.UploadID
	turned  time.Time // when state, key or what was told last changed

	wanting   time.Time // since when the vendor's user is found missing
	userMails int       // reminders of that
	requested time.Time // when a confirmation was last asked for
}

// A record is how Apple answered a key, as far as the answers were applied.
type record struct {
	rejections []time.Time // in a row
	blocks     []time.Time
	reason     integration.Reason
	last       time.Time     // the last answer that counts
	pausedFrom time.Time     // since when nothing counts
	paused     bool          // nothing counts just now
	active     time.Duration // how much of the streak's time counts
	gaps       int           // in how many pieces it was paused, each measured with another clock
}

type span struct{ from, to time.Time }

// A revocation is one that Keyward has to find.
type revocation struct {
	k    *known
	key  *appleKey
	at   time.Time
	lost time.Duration // k.lost at that time
	few  bool          // whether the fleet was small at some time since
	mute time.Time     // until when the mail about the same trouble before holds this one back
	done bool
}

func newTruth(w *World) *truth {
	return &truth{
		w: w, known: map[integration.ID]*known{}, verdicts: map[string]time.Time{},
		posted: map[string]int{}, postedAt: map[string]time.Time{},
	}
}

// must counts a check of an invariant, and fails the world if it does not hold.
func (t *truth) must(holds bool, invariant string, what func() string) {
	t.w.tally.Checked[invariant]++
	if !holds {
		t.w.fail(invariant, what())
	}
}

func text(format string, args ...any) func() string {
	return func() string { return fmt.Sprintf(format, args...) }
}

func (t *truth) of(id integration.ID) *known {
	k := t.known[id]
	if k == nil {
		k = &known{
			keys: map[integration.UploadID]*record{}, notices: map[string]integration.Notice{},
			trashed: map[integration.UploadID]time.Time{}, told: map[string]time.Time{},
		}
		t.known[id] = k
		t.order = append(t.order, k)
	}
	return k
}

// slack is how far apart two clocks can be that a promise was measured with.
func (t *truth) slack() time.Duration {
	if t.w.climate >= 3 {
		return 12 * time.Minute
	}
	return 3 * time.Minute
}

// apart is the same for a streak, of which every piece was measured by itself.
func (t *truth) apart(r *record) time.Duration {
	if r == nil {
		return t.slack()
	}
	return t.slack() * time.Duration(1+r.gaps)
}

// delays is what the faults since the time may have cost: at most a lease, or
// a message's visibility, and a sweep each; and the time without any sweep.
func (t *truth) delays(since time.Time) time.Duration {
	d := time.Duration(t.w.strikes(since)) * 20 * time.Minute
	if off := t.w.asleep; off.to.After(since) && t.w.now().After(off.from) {
		d += off.to.Sub(off.from) + promisedInterval // and its checks come at once, out of step
	}
	return d
}

// fleet is told of a new status of all integrations together.
func (t *truth) fleet(before, after integration.FleetStatus, ns []integration.Notice) {
	now := t.w.now()
	told := map[integration.NoticeKind]int{}
	t.reached(ns, nil)
	for _, n := range ns {
		told[n.Kind]++
		n.Version = 1
		t.of(integration.Fleet).notices[n.Dedupe] = n
	}
	began, ended := before.HoldSince.IsZero() && !after.HoldSince.IsZero(), !before.HoldSince.IsZero() && after.HoldSince.IsZero()
	t.must(told[integration.NoticeHoldBegan] == number(began) && told[integration.NoticeHoldEnded] == number(ended), "hold-told-once",
		text("hold began %v, ended %v, told %v", began, ended, told))
	rises, ebbs := before.WaveSince.IsZero() && !after.WaveSince.IsZero(), !before.WaveSince.IsZero() && after.WaveSince.IsZero()
	t.must(told[integration.NoticeWaveBegan] == number(rises) && told[integration.NoticeWaveEnded] == number(ebbs), "wave-told-once",
		text("wave began %v, ended %v, told %v", rises, ebbs, told))
	if began {
		t.w.note("fleet", "hold begins", "")
		t.w.tally.Injected["(fleet holds that came of it)"]++
		t.holds = append(t.holds, span{from: now})
	}
	if ended {
		t.w.note("fleet", "hold ends", "")
		t.holds[len(t.holds)-1].to = now
	}
	t.status = after
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// held is how long the fleet has been on hold since the time.
func (t *truth) held(since time.Time) time.Duration {
	var sum time.Duration
	for _, h := range t.holds {
		to := h.to
		if to.IsZero() {
			to = t.w.now()
		}
		if h.from.Before(since) {
			h.from = since
		}
		sum += max(0, to.Sub(h.from))
	}
	return sum
}

// heldSince is when the last hold began.
func (t *truth) heldSince() time.Time {
	if len(t.holds) == 0 {
		return time.Time{}
	}
	return t.holds[len(t.holds)-1].from
}

// connected is the number of integrations with a key in force.
func (t *truth) connected() int {
	n := 0
	for _, k := range t.order {
		n += number(k.it.Key != nil)
	}
	return n
}

// small tells whether the fleet is, or was when it was last counted, one in
// which rejections take a day to confirm.
func (t *truth) small() bool {
	return (t.w.canary == "" || t.status.CanaryBad) && min(t.connected(), t.status.Size) < smallFleet
}

// deleted is told of a secret that left the vault.
func (t *truth) deleted(id integration.ID, u integration.UploadID) {
	it := t.of(id).it
	needed := it.Key != nil && it.Key.Upload == u || it.Other != nil && it.Other.Upload == u
	t.must(!needed, "no-key-is-lost", text("the secret of %s was deleted while %s needs it", u, id))
	delete(t.of(id).trashed, u)
}

// shown is told of what a person saw: that the key was accepted.
func (t *truth) shown(c *customer, u string) {
	k := t.of(c.id)
	k.shown = append(k.shown, integration.UploadID(u))
	it := k.it
	upload := integration.UploadID(u)
	there := it.Key != nil && it.Key.Upload == upload || it.Other != nil && it.Other.Upload == upload
	if !there {
		return // replaced or disconnected since
	}
	_, err := t.w.vault.Get(ctx(), c.id, upload)
	t.must(err == nil, "no-key-is-lost", text("%s was shown as accepted, and the vault has no %s", c.id, u))
}
