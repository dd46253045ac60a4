package simulation

import (
	"fmt"
	"time"

	"keyward/pkg/integration"
)

// A fleetStorm is Apple misbehaving towards a share of the fleet.
type fleetStorm struct {
	mood     mood
	from, to time.Time
	first, n int     // the members it hits: n from first on, around the end
	share    float64 // of the answers
}

func (s *fleetStorm) hits(u *fleetRun, m *member) bool {
	return !u.now.Before(s.from) && u.now.Before(s.to) && (m.n-s.first+len(u.members))%len(u.members) < s.n
}

// many is how many teams a storm hits at least that lasts for longer than
// narrow. Such a storm rejects all their checks, too: of one that picks and
// chooses, or hits three or four, fewer than three may be seen within six
// hours, and no rule could tell it from revocations.
const many = 5

// strikes rolls the dice for one check. After a 401 the client asks once more,
// with another token.
func (s *fleetStorm) strikes(u *fleetRun) bool {
	return u.dice.Float64() < s.share && (s.mood != moodUnauthorized || u.dice.Float64() < s.share)
}

// narrow tells whether the storm hits too few to be told from revocations:
// fewer than three integrations that Apple accepted until then.
func (s *fleetStorm) narrow(u *fleetRun) bool {
	good := 0
	for i := 0; i < s.n && good < 3; i++ {
		if m := u.members[(s.first+i)%len(u.members)]; m.revoked.IsZero() && m.it.State != integration.Deactivated {
			good++
		}
	}
	return good < 3
}

// How often things happen. Users have reported each kind, and nobody knows their
// numbers: these are meant to be worse than life.
const (
	single401Every  = 500                  // checks of one key
	ownStormEvery   = 120 * 24 * time.Hour // of one team, minutes to hours long
	wideStormEvery  = 12 * 24 * time.Hour  // of many at once
	outageEvery     = 7 * 24 * time.Hour
	waveEvery       = 60 * 24 * time.Hour
	revocationEvery = 150 * 24 * time.Hour // of one key, in truth
	agreementEvery  = 300 * 24 * time.Hour // of one team, in truth
)

// brew decides when the storms of the whole run are.
func (u *fleetRun) brew() {
	all := len(u.members)
	var over time.Time // the last wide storm: two are not one long one
	u.each(wideStormEvery, func(at time.Time) {
		if at.Before(over.Add(8 * time.Hour)) {
			return
		}
		n := min(all, max(many, int(float64(all)*(.05+.95*u.dice.Float64()))))
		u.r.Storms++
		length := u.span(10*time.Minute, 14*time.Hour)
		if n < many {
			length = min(length, narrow)
		}
		share := .5 + .5*u.dice.Float64()
		if length > narrow {
			share = 1
		}
		over = at.Add(length)
		u.storm(moodUnauthorized, at, length, n, share)
	})
	u.each(outageEvery, func(at time.Time) { u.storm(moodOutage, at, u.span(10*time.Minute, 8*time.Hour), all, 1) })
	u.each(waveEvery, func(at time.Time) {
		u.storm(moodAgreement, at, u.span(time.Hour, 30*time.Hour), max(1, all*(40+u.dice.IntN(61))/100), 1)
	})
	u.each(ownStormEvery/time.Duration(all), func(at time.Time) {
		u.storm(moodUnauthorized, at, u.span(5*time.Minute, 5*time.Hour), 1, .3+.7*u.dice.Float64())
	})
}

// each calls do for random times, so often on the average.
func (u *fleetRun) each(every time.Duration, do func(time.Time)) {
	for at := epoch.Add(u.wait(every)); at.Before(u.end); at = at.Add(u.wait(every)) {
		do(at)
	}
}

func (u *fleetRun) wait(mean time.Duration) time.Duration {
	return time.Duration(u.dice.ExpFloat64() * float64(mean))
}

func (u *fleetRun) span(a, b time.Duration) time.Duration {
	return a + time.Duration(u.dice.Int64N(int64(b-a)))
}

func (u *fleetRun) storm(m mood, at time.Time, length time.Duration, n int, share float64) {
	u.storms = append(u.storms, &fleetStorm{mood: m, from: at, to: at.Add(length), first: u.dice.IntN(len(u.members)), n: n, share: share})
}

// ask is Apple's answer.
func (u *fleetRun) ask(m *member) integration.Outcome {
	for _, s := range u.weatherNow() {
		if !s.hits(u, m) || !s.strikes(u) || s.mood == moodAgreement && !m.revoked.IsZero() {
			continue
		}
		m.narrowly = m.narrowly || s.mood == moodUnauthorized && s.narrow(u)
		return s.mood.outcome()
	}
	switch {
	case !m.revoked.IsZero(), u.dice.IntN(single401Every) == 0:
		return moodUnauthorized.outcome()
	case !m.expired.IsZero():
		return moodAgreement.outcome()
	}
	m.narrowly = false
	return integration.Outcome{Verdict: integration.OK, Kind: integration.TeamKey}
}

// weatherNow are the storms that rage, kept short by forgetting past ones.
func (u *fleetRun) weatherNow() []*fleetStorm {
	if u.now.Before(u.fresh) {
		return u.raging
	}
	u.raging, u.fresh = u.raging[:0], u.end.Add(time.Hour)
	rest := u.storms[:0:0]
	for _, s := range u.storms {
		switch {
		case !s.to.After(u.now):
			continue
		case !s.from.After(u.now):
			u.raging = append(u.raging, s)
			u.fresh = earlier(u.fresh, s.to)
		default:
			u.fresh = earlier(u.fresh, s.from)
		}
		rest = append(rest, s)
	}
	u.storms = rest
	return u.raging
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// truth lets happen what truly happens to a team, since it was looked at last.
func (u *fleetRun) truth(m *member) {
	past := u.now.Sub(m.seen)
	m.seen = u.now
	if m.revoked.IsZero() && u.dice.ExpFloat64()*float64(revocationEvery) < float64(past) {
		m.revoked, m.pending, m.expected, m.alone, m.lostThen, m.heldThen = u.now, true, false, false, m.lost, u.heldSoFar()
		if u.end.Sub(u.now) > 5*24*time.Hour || u.f.Days < 10 && u.end.Sub(u.now) > 36*time.Hour {
			m.expected = true
			u.r.Revoked++
		}
	}
	if m.expired.IsZero() && u.dice.ExpFloat64()*float64(agreementEvery) < float64(past) {
		m.expired = u.now
	}
	if !m.expired.IsZero() && u.now.Sub(m.expired) > 3*24*time.Hour {
		m.expired = time.Time{}
	}
	if told := m.it.Told; m.it.State == integration.Deactivated && !m.revoked.IsZero() && !m.pending && u.now.Sub(told.At) > 2*24*time.Hour {
		u.replace(m)
	}
}

// replace is the customer handing over a new key.
func (u *fleetRun) replace(m *member) {
	m.keys++
	m.revoked = time.Time{}
	u.marks[integration.MarkedRejected].set(m.it.ID, false, u.now)
	key := *m.it.Key
	key.Upload = integration.UploadID(fmt.Sprint("upl_", m.keys))
	u.apply(m, integration.KeyAccepted{Key: key, Outcome: integration.Outcome{Verdict: integration.OK, Kind: integration.TeamKey}, Epoch: m.it.LinkEpoch})
}

// raged tells whether a storm of 401s that hits many rages just now.
func (u *fleetRun) raged() bool {
	for _, s := range u.weatherNow() {
		if s.mood == moodUnauthorized && s.n > 1 && !u.now.Before(s.from) {
			return true
		}
	}
	return false
}

// recovered are those of late; the older ones go, as the sweep lets them.
func (u *fleetRun) recovered() []integration.Mark {
	list := u.marks[integration.MarkedRecovered]
	for i := len(list.all) - 1; i >= 0; i-- {
		if m := list.all[i]; u.now.Sub(m.At) > integration.HoldWindow {
			list.set(m.Integration, false, u.now)
		}
	}
	return list.all
}

func (u *fleetRun) heldSoFar() time.Duration {
	if u.since.IsZero() {
		return u.held
	}
	return u.held + u.now.Sub(u.since)
}

// found notes that the customer was told of a revocation.
func (u *fleetRun) found(m *member) {
	m.pending = false
	over := promisedOver
	if u.f.Size < smallFleet && (!u.f.Canary || m.alone) {
		over = promisedOverSmall
	}
	took := u.now.Sub(m.revoked) - (m.lost - m.lostThen) - (u.heldSoFar() - m.heldThen)
	u.r.Slowest = max(u.r.Slowest, took)
	if m.expected {
		u.r.Found++
	}
	if took > over+promisedInterval+promisedSlack {
		u.r.Late++
	}
}

func (u *fleetRun) finish() {
	u.r.Lived += float64(u.f.Size) * u.end.Sub(epoch).Hours() / 24
}

// A memberQueue has the next to be due first.
type memberQueue []*member

func (q memberQueue) Len() int           { return len(q) }
func (q memberQueue) Less(i, j int) bool { return q[i].at.Before(q[j].at) }
func (q memberQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}
func (q *memberQueue) Push(x any) { *q = append(*q, x.(*member)) }
func (q *memberQueue) Pop() any   { panic("simulation: nobody leaves the fleet") }

// A markList is one set of marks.
type markList struct {
	all    []integration.Mark
	places map[integration.ID]int
}

func (l *markList) set(id integration.ID, on bool, at time.Time) {
	i, there := l.places[id]
	switch {
	case on && there:
		l.all[i].At = at
	case on:
		l.places[id] = len(l.all)
		l.all = append(l.all, integration.Mark{Integration: id, At: at})
	case !on && there:
		last := len(l.all) - 1
		l.all[i] = l.all[last]
		l.places[l.all[i].Integration] = i
		l.all = l.all[:last]
		delete(l.places, id)
	}
}
