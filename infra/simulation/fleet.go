package simulation

import (
	"container/heap"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/sweep"
	"keyward/pkg/validate"
)

// A Fleet is one size of fleets for the statistical run: the domain's Apply,
// the sweep's Evaluate and validate's Turns alone, on storms at Apple. Ports,
// crashes and mails are left out; Seed has those.
type Fleet struct {
	Size   int
	Days   int
	Runs   int
	Canary bool
}

// Fleets add up to more than a million integration-days.
func Fleets() []Fleet {
	return []Fleet{
		{1, 365, 200, false}, {1, 365, 50, true}, {3, 365, 60, false}, {4, 365, 40, true}, {5, 365, 50, false}, {10, 365, 25, false},
		{20, 365, 12, false}, {50, 365, 6, false}, {100, 365, 3, false}, {300, 365, 1, false}, {1000, 120, 1, false}, {10_000, 20, 1, false}, {100_000, 3, 1, false},
	}
}

// A FleetReport is what came of the fleets of one size.
type FleetReport struct {
	Fleet
	Lived       float64 // integration-days
	Checks      int
	Storms      int // of 401s, towards more than one
	Holds       int
	LongestHold time.Duration
	False       int // deactivations of keys that worked
	FalseNarrow int // of them, in storms that hit fewer than three
	FalseMails  int // to customers of whom nothing was asked in truth
	Revoked     int // in truth, long enough before the end
	Found       int // and told
	Late        int // after the promised time
	Slowest     time.Duration
	OnHold      int // problems told while on hold
	PeakMails   int // to customers in one hour
	Waves       int
	Decided     int // holds that support had to end
	falseAt     []string
}

// RunFleet runs all fleets of one size.
func RunFleet(f Fleet, seed uint64) FleetReport {
	r := FleetReport{Fleet: f}
	for run := range f.Runs {
		newFleetRun(f, rand.New(rand.NewPCG(seed, uint64(run))), &r).run()
	}
	return r
}

// A member is one integration, and the truth about it.
type member struct {
	it       integration.Integration
	at       time.Time // its place in the queue
	place    int
	revoked  time.Time
	pending  bool          // the revocation was not told so far
	expired  time.Time     // an agreement, in truth; zero: all are in force
	lost     time.Duration // time without an answer that counted
	n        int           // its number
	seen     time.Time
	expected bool          // the revocation is counted
	alone    bool          // the canary failed meanwhile
	lostThen time.Duration // lost, when the key was revoked
	heldThen time.Duration
	asked    time.Time
	counted  bool
	keys     int
	narrowly bool // a rejection of the present row came from a storm that hits too few
}

type fleetRun struct {
	f       Fleet
	all     int // with the canary
	dice    *rand.Rand
	r       *FleetReport
	now     time.Time
	end     time.Time
	members []*member
	queue   memberQueue
	marks   map[integration.MarkSet]*markList
	status  integration.FleetStatus
	swept   time.Time
	dirty   bool
	storms  []*fleetStorm
	raging  []*fleetStorm
	fresh   time.Time     // until when raging is right
	held    time.Duration // in all
	since   time.Time     // the present hold's beginning
	hour    int64
	mails   int
}

func newFleetRun(f Fleet, dice *rand.Rand, r *FleetReport) *fleetRun {
	u := &fleetRun{f: f, dice: dice, r: r, now: epoch, end: epoch.AddDate(0, 0, f.Days), marks: map[integration.MarkSet]*markList{}, swept: epoch}
	for _, set := range []integration.MarkSet{integration.MarkedRejected, integration.MarkedRecovered, integration.MarkedAgreement, integration.MarkedUnanswered} {
		u.marks[set] = &markList{places: map[integration.ID]int{}}
	}
	u.all = f.Size
	if f.Canary {
		u.all++ // the last is the canary
	}
	u.status = integration.FleetStatus{Size: u.all, SizedAt: epoch}
	for n := range u.all {
		m := &member{it: connectedIntegration(n, dice), place: n, n: n, seen: epoch}
		m.at = epoch.Add(time.Duration(dice.Int64N(int64(6 * time.Hour))))
		m.it.Check.DueAt = m.at
		u.members = append(u.members, m)
	}
	u.queue = append(u.queue, u.members...)
	heap.Init(&u.queue)
	u.brew()
	return u
}

func connectedIntegration(n int, dice *rand.Rand) integration.Integration {
	return integration.Integration{
		ID: integration.ID(fmt.Sprintf("int_%026x", dice.Uint64())), State: integration.Active, Since: epoch, Access: integration.AccessLevel{Name: "insights"},
		Key:   &integration.Key{Upload: "upl_0", KeyID: fmt.Sprintf("K%09d", n), AcceptedAt: epoch, FirstOKAt: epoch},
		Check: integration.CheckState{Verdict: integration.OK, OKAt: epoch},
	}
}

func (u *fleetRun) run() {
	for !u.queue[0].at.After(u.end) {
		m := u.queue[0]
		if next := u.swept.Add(u.pace()); next.Before(m.at) {
			if next.After(u.now) {
				u.now = next
			}
			u.sweep()
			continue
		}
		u.now = m.at
		u.visit(m)
		heap.Fix(&u.queue, m.place)
	}
	u.finish()
}

// pace is how often the fleet is evaluated: as often as the sweep runs while
// anything is going on, else with the hourly count.
func (u *fleetRun) pace() time.Duration {
	if u.dirty {
		return time.Minute
	}
	if !u.status.HoldSince.IsZero() || !u.status.WaveSince.IsZero() {
		return 5 * time.Minute
	}
	return time.Hour
}

// visit does what is due for one integration.
func (u *fleetRun) visit(m *member) {
	u.truth(m)
	if due := m.it.Check.DueAt; !due.IsZero() && !due.After(u.now) {
		u.check(m)
	}
	if at := m.it.TickAt(); !at.IsZero() && !at.After(u.now) {
		u.apply(m, integration.Tick{Fleet: u.view()})
	}
	if len(m.it.Trash) > 0 {
		var gone []integration.UploadID
		for _, d := range m.it.Trash {
			gone = append(gone, d.Upload)
		}
		u.apply(m, integration.Emptied{Uploads: gone})
	}
	m.at = m.it.DueAt()
	if m.at.IsZero() || !m.at.After(u.now) {
		m.at = u.now.Add(time.Minute)
	}
}

func (u *fleetRun) view() integration.FleetView {
	v := u.status.View("")
	v.Canary = u.f.Canary && !u.status.CanaryBad
	return v
}

// check is what sweep and validate do together.
func (u *fleetRun) check(m *member) {
	u.r.Checks++
	id := integration.CheckID(fmt.Sprint("chk_", u.r.Checks))
	u.apply(m, integration.CheckLeased{Check: id, Until: u.now.Add(15 * time.Minute)})
	o := u.ask(m)
	for _, t := range validate.Turns(m.it, o, u.now) {
		u.dirty = true
		u.marks[t.Set].set(m.it.ID, t.On, t.At)
	}
	view := u.view()
	m.alone = m.alone || u.status.CanaryBad
	u.count(m, o, view.Hold)
	u.apply(m, integration.Checked{Check: id, Used: m.it.Key.Upload, Outcome: o, Fleet: view})
}

// count notes the time without an answer that counts.
func (u *fleetRun) count(m *member, o integration.Outcome, hold bool) {
	counts := o.Verdict == integration.OK || o.Verdict == integration.Rejected && !hold
	if !m.asked.IsZero() && !(counts && m.counted) {
		m.lost += u.now.Sub(m.asked)
	}
	m.asked, m.counted = u.now, counts
}

func (u *fleetRun) apply(m *member, ev integration.Event) {
	before := m.it.State
	next, notices, err := integration.Apply(m.it, ev, u.now)
	if err != nil {
		panic("simulation: " + err.Error()) // the run asks for what the table forbids
	}
	m.it = next
	if before != integration.Deactivated && next.State == integration.Deactivated {
		u.deactivated(m)
	}
	for _, n := range notices {
		u.notice(m, n)
	}
}

func (u *fleetRun) deactivated(m *member) {
	if !m.revoked.IsZero() {
		return
	}
	u.r.False++
	if m.narrowly {
		u.r.FalseNarrow++
	}
	u.r.falseAt = append(u.r.falseAt, fmt.Sprintf("%s %s row since %s", u.now.Format(time.DateTime), m.it.ID, m.it.Streak.Since.Format(time.DateTime)))
}

func (u *fleetRun) notice(m *member, n integration.Notice) {
	if n.Audience == integration.ToSupport {
		return
	}
	at := u.now
	if n.NotBefore.After(at) {
		at = n.NotBefore
	}
	if hour := at.Unix() / 3600; hour != u.hour {
		u.hour, u.mails = hour, 0
	}
	u.mails++
	u.r.PeakMails = max(u.r.PeakMails, u.mails)
	if !isProblem(n.Kind) {
		return
	}
	if !u.status.HoldSince.IsZero() {
		u.r.OnHold++
	}
	if m.revoked.IsZero() && m.expired.IsZero() {
		u.r.FalseMails++
	}
	if n.Kind == integration.NoticeAccessLost && m.pending {
		u.found(m)
	}
}

// PrintFleets runs all sizes and writes one line for each.
func PrintFleets(seed uint64, most int, out io.Writer) bool {
	fmt.Fprintf(out, "%8s %7s %12s %10s %7s %6s %12s %6s %8s %8s %6s %12s %6s %6s %8s\n", "fleet", "canary", "int.-days", "checks", "storms", "holds",
		"longest", "false", "revoked", "found", "late", "slowest", "mails", "peak/h", "decided")
	good := true
	days := 0.0
	for _, f := range Fleets() {
		if f.Size > most {
			continue
		}
		r := RunFleet(f, seed)
		days += r.Lived
		good = good && r.False == 0 && r.Late == 0 && r.Found == r.Revoked && r.OnHold == 0
		fmt.Fprintf(out, "%8d %7v %12.0f %10d %7d %6d %12s %6s %8d %8d %6d %12s %6d %6d %8d\n", f.Size, f.Canary, r.Lived, r.Checks, r.Storms, r.Holds,
			r.LongestHold.Round(time.Minute), fmt.Sprintf("%d/%d", r.False, r.FalseNarrow), r.Revoked, r.Found, r.Late, r.Slowest.Round(time.Minute), r.FalseMails, r.PeakMails, r.Decided)
		for i, s := range r.falseAt {
			if i < 2 {
				fmt.Fprintln(out, "         false:", s)
			}
		}
	}
	fmt.Fprintf(out, "%.0f integration-days\n", days)
	return good
}

// sweep evaluates the fleet.
func (u *fleetRun) sweep() {
	u.swept, u.dirty = u.now, false
	facts := sweep.Facts{
		Now: u.now, Size: u.status.Size, Rejected: u.marks[integration.MarkedRejected].all, Recovered: u.recovered(),
		Agreement: u.marks[integration.MarkedAgreement].all, Unanswered: u.marks[integration.MarkedUnanswered].all,
	}
	if u.now.Sub(u.status.SizedAt) >= time.Hour {
		facts.Counted, facts.Size = true, u.all
	}
	if u.f.Canary {
		it := u.members[u.all-1].it
		facts.CanaryBad = it.Streak.Count >= 2 || it.State == integration.ActionRequired || it.State == integration.Deactivated
	}
	before := u.status
	u.status, _ = sweep.Evaluate(u.status, facts)
	if before.WaveSince.IsZero() && !u.status.WaveSince.IsZero() {
		u.r.Waves++
	}
	if since := u.status.HoldSince; !since.IsZero() && u.now.Sub(since) > 26*time.Hour && !u.raged() {
		u.r.Decided++
		u.status.HoldSince, u.status.HeldPeak, u.status.OverdueTold = time.Time{}, 0, false // as support would
	}
	switch {
	case before.HoldSince.IsZero() && !u.status.HoldSince.IsZero():
		u.r.Holds++
		u.since = u.now
	case !before.HoldSince.IsZero() && u.status.HoldSince.IsZero():
		u.held += u.now.Sub(u.since)
		u.r.LongestHold = max(u.r.LongestHold, u.now.Sub(u.since))
		u.since = time.Time{}
	}
}
