package integration

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A witness watches a life from outside and knows the promises.
type witness struct {
	t        *rapid.T
	it       Integration
	now      time.Time
	dedupes  map[string]bool
	open     map[Audience]Reason // problems told and not yet closed
	toldAt   map[string]time.Time
	rejected []time.Time // rejections in a row of the key in force, as a fleet without a hold sees them
	key      UploadID
	missing  time.Time // since when readings have said that the vendor's user needs something
	reminded int       // of that
	n        int
}

func (w *witness) apply(ev Event) {
	before := w.it
	frozen, _ := json.Marshal(before)
	next, notices, err := Apply(w.it, ev, w.now)
	if after, _ := json.Marshal(before); string(after) != string(frozen) {
		w.t.Fatalf("%s changed its input", ev.event())
	}
	if err != nil {
		if len(notices) > 0 {
			w.t.Fatalf("%s: an error and notices", ev.event())
		}
		return
	}
	w.it = next
	w.promises(before, ev)
	w.user(before, ev, notices)
	for _, n := range notices {
		w.heard(n)
	}
}

// user holds reminders of the vendor's user to a reading that says the same, at
// least three days after the first one, and to two.
func (w *witness) user(before Integration, ev Event, notices []Notice) {
	e, checked := ev.(Checked)
	reading := w.it.User
	if !reading.Wanting() && reading.Access != UserUnknown {
		w.missing, w.reminded = time.Time{}, 0
	} else if reading.Wanting() && w.missing.IsZero() {
		w.missing = w.now
	}
	for _, n := range notices {
		if n.Kind != NoticeUserReminder {
			continue
		}
		w.reminded++
		if !checked || !e.Outcome.User.Wanting() || !before.User.Wanting() || e.Fleet.Hold || w.it.State != Active || w.now.Sub(w.missing) < 3*day || w.reminded > 2 {
			w.t.Fatalf("reminder %d of the vendor's user in %s after %s, first found missing %v ago", w.reminded, w.it.State, ev.event(), w.now.Sub(w.missing))
		}
	}
}

func (w *witness) promises(before Integration, ev Event) {
	if before.State == Disconnected && w.it.State != Disconnected {
		w.t.Fatalf("%s led out of disconnected", ev.event())
	}
	if w.it.Key != nil && w.it.Key.Upload != w.key {
		w.key, w.rejected = w.it.Key.Upload, nil
	}
	lost := w.it.State == Deactivated && before.State != Deactivated && w.it.Cause != Reauthorisation
	if lost {
		var active time.Duration
		for i := range w.rejected[1:] {
			active += min(w.rejected[i+1].Sub(w.rejected[i]), time.Hour)
		}
		if n := len(w.rejected); n < 4 || active < 6*time.Hour {
			w.t.Fatalf("deactivated after %d rejections, of which %v count", n, active)
		}
	}
	if (w.it.State == Active || w.it.State == AwaitingKey || w.it.State == Disconnected) != (w.it.Cause == "") {
		w.t.Fatalf("%s with cause %q", w.it.State, w.it.Cause)
	}
	a := w.it.Attention
	if (len(a.Needs) > 0) == a.Since.IsZero() || (!a.NextAt.IsZero() && !a.NextAt.After(w.now)) || (w.it.State == Disconnected && len(a.Needs) > 0) {
		w.t.Fatalf("%s in %s left attention %+v", ev.event(), w.it.State, a)
	}
	if e, ok := ev.(KeyAccepted); ok && len(e.Outcome.TeamIDs) > 0 && !before.Key.is(e.Key.Upload) {
		foreign := before.TeamFrom == TeamProven && before.TeamID != e.Outcome.TeamIDs[0]
		if foreign && !before.TeamMove.Allowed() {
			w.t.Fatalf("a key of %s is in force, and support never allowed it: the team was %s", e.Outcome.TeamIDs[0], before.TeamID)
		}
		if w.it.TeamID != e.Outcome.TeamIDs[0] || w.it.TeamMove.Allowed() {
			w.t.Fatalf("the key is of %s, the team is %s, another move allowed: %v", e.Outcome.TeamIDs[0], w.it.TeamID, w.it.TeamMove.Allowed())
		}
	}
	if w.it.Key != nil && w.it.Check.DueAt.IsZero() {
		w.t.Fatalf("%s left a key that nobody will check", ev.event())
	}
}

func (w *witness) heard(n Notice) {
	if w.dedupes[n.Dedupe] {
		w.t.Fatalf("%q was told twice", n.Dedupe)
	}
	w.dedupes[n.Dedupe] = true
	switch n.Kind {
	case NoticeKeySafe, NoticeActionRequired, NoticeAccessLost:
		id := string(n.Audience) + string(n.Reason)
		if n.Kind == NoticeKeySafe || (n.Audience == ToSupport && w.key == w.it.Key.Upload && w.it.Check.LastID == "") {
			delete(w.toldAt, id) // a new key is news, whatever was told before
		}
		if at, told := w.toldAt[id]; told && w.now.Sub(at) < sameCauseAfter {
			w.t.Fatalf("%s told again after %v", id, w.now.Sub(at))
		}
		w.toldAt[id] = w.now
		w.open[n.Audience] = n.Reason
		if n.Audience != ToSupport { // another audience may have been told of the cause before
			w.open = map[Audience]Reason{ToSupport: n.Reason, n.Audience: n.Reason}
		}
	case NoticeRecovered:
		if w.open[n.Audience] != n.Reason {
			w.t.Fatalf("%s hears that %s is over, and was told %q", n.Audience, n.Reason, w.open[n.Audience])
		}
		delete(w.open, n.Audience)
	case NoticeReplaced, NoticeAccepted:
		delete(w.open, n.Audience)
	}
}

func (w *witness) check(o Outcome, other *Outcome, fleet FleetView) {
	if w.it.Key == nil {
		return
	}
	w.n++
	id := CheckID("chk_" + itoa(w.n))
	w.apply(CheckLeased{Check: id, Until: w.now.Add(15 * time.Minute)})
	used := w.it.Key.Upload
	if o.Verdict == Rejected && !fleet.Hold {
		w.rejected = append(w.rejected, w.now)
	} else if o.Verdict == OK || o.Verdict == Blocked {
		w.rejected = nil
	}
	e := Checked{Check: id, Used: used, Outcome: o, Other: other, Fleet: fleet}
	if w.it.Other != nil {
		e.UsedOther = w.it.Other.Upload
	}
	w.apply(e)
	w.stale(e)
}

// stale delivers an outcome again, and one about a key that is not in force:
// neither may change anything.
func (w *witness) stale(e Checked) {
	before, _ := json.Marshal(w.it)
	w.apply(e)
	e.Check, e.Used = w.it.Check.Lease.ID, "upl_other"
	w.apply(e)
	if after, _ := json.Marshal(w.it); string(after) != string(before) {
		w.t.Fatalf("a stale outcome changed %s to %s", before, after)
	}
}

func TestPromisesHoldInEveryLife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		access := Levels()[0]
		if rapid.Bool().Draw(t, "reauthorise") {
			access.Reauthorise = Reauthorise{Every: rapid.SampledFrom([]time.Duration{36 * time.Hour, 30 * day}).Draw(t, "every"), Enforce: rapid.Bool().Draw(t, "enforce")}
		}
		if rapid.Bool().Draw(t, "user") {
			access.User = VendorUser{Address: "builds@vendor.example", Needs: UserRights()}
		}
		ch, err := New("int_p", Draft{Access: access, Reference: "r", Label: "R", Customer: "c"}, start)
		if err != nil {
			t.Fatal(err)
		}
		w := &witness{t: t, it: *ch.Integration.After, now: start, dedupes: map[string]bool{}, open: map[Audience]Reason{}, toldAt: map[string]time.Time{}}
		for _, n := range ch.Notices {
			w.heard(n)
		}
		outcomes := rapid.SampledFrom([]Outcome{
			fine, fine, unauthorized, unauthorized, unauthorized, noAgreement, noMembership, outage, {Verdict: Blocked, Reason: Role},
			userRead(UserMissing), userRead(UserMissing), userRead(UserIncomplete), userRead(UserActive), userRead(UserUnknown),
		})
		t.Repeat(map[string]func(*rapid.T){
			"check when due": func(t *rapid.T) {
				if w.it.Check.DueAt.After(w.now) {
					w.now = w.it.Check.DueAt
				}
				w.anyCheck(t, outcomes)
			},
			"check at once": func(t *rapid.T) { w.anyCheck(t, outcomes) },
			"same answer for a day": func(t *rapid.T) {
				o := outcomes.Draw(t, "outcome")
				for end := w.now.Add(day); w.it.Key != nil && w.it.Check.DueAt.Before(end); {
					w.now = later(w.now, w.it.Check.DueAt)
					w.check(o, nil, big)
				}
			},
			"key": func(t *rapid.T) {
				w.now = w.now.Add(time.Second)
				w.n++
				id := UploadID("upl_" + itoa(w.n))
				o := rapid.SampledFrom([]Outcome{fine, fine, noAgreement}).Draw(t, "outcome")
				if team := rapid.SampledFrom([]string{"", "TEAMAAAAAA", "TEAMAAAAAA", "TEAMBBBBBB"}).Draw(t, "team"); team != "" {
					o.TeamIDs = []string{team}
				}
				w.apply(KeyAccepted{Key: Key{Upload: id, KeyID: "K" + itoa(w.n)}, Outcome: o, Epoch: w.it.LinkEpoch})
			},
			"time passes": func(t *rapid.T) {
				w.now = w.now.Add(time.Duration(rapid.Int64Range(1, int64(12*day)).Draw(t, "for")))
				w.apply(Tick{Fleet: big})
			},
			"tick when due": func(t *rapid.T) {
				if at := w.it.TickAt(); !at.IsZero() {
					w.now = later(w.now, at)
					w.apply(Tick{Fleet: big})
				}
			},
			"allow a move": func(t *rapid.T) {
				w.apply(TeamMoveAllowed{By: "support"})
				if rapid.Bool().Draw(t, "withdraw") {
					w.apply(TeamMoveWithdrawn{By: "support"})
				}
			},
			"confirm": func(*rapid.T) {
				w.now = w.now.Add(time.Second) // no two at once
				w.apply(Reauthorised{Contact: "con_a"})
			},
			"invite":     func(*rapid.T) { w.apply(Invited{}) },
			"wrong file": func(*rapid.T) { w.apply(WrongFile{}) },
			"file waits": func(t *rapid.T) {
				u := UploadID("upl_w" + itoa(rapid.IntRange(0, 2).Draw(t, "upload")))
				w.apply(UploadWaits{Upload: u, Epoch: w.it.LinkEpoch - rapid.IntRange(0, 1).Draw(t, "stale"), Reason: Outage})
				if rapid.Bool().Draw(t, "refused") {
					w.apply(WrongFile{Refusal: Refusal{Upload: u, Diagnosis: "rsa_key"}})
				}
			},
			"emptied": func(*rapid.T) {
				for _, d := range w.it.Trash {
					w.apply(Emptied{Uploads: []UploadID{d.Upload}})
				}
			},
			"disconnect": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "really") == 0 {
					w.apply(DisconnectRequested{})
				}
			},
		})
	})
}

func (w *witness) anyCheck(t *rapid.T, outcomes *rapid.Generator[Outcome]) {
	fleet := FleetView{Size: 100, Hold: rapid.IntRange(0, 4).Draw(t, "hold") == 0}
	var other *Outcome
	if w.it.Other != nil && rapid.Bool().Draw(t, "consult") {
		o := outcomes.Draw(t, "other")
		other = &o
	}
	w.check(outcomes.Draw(t, "outcome"), other, fleet)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
