package simulation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
)

// Apple is App Store Connect as the use cases see it, with the truth about
// every key behind it.
type Apple struct {
	rig    *Rig
	keys   map[string]*appleKey // by key ID
	order  []*appleKey          // as they were made
	storms []*storm
}

// A team is one customer's at Apple.
type team struct {
	n         int
	id, name  string
	issuer    string
	agreement bool // all agreements are in force
	member    bool // the membership is paid
	changed   time.Time
	certs     []appstoreconnect.Certificate
	emptyAt   time.Time // when Apple last left all of them out of the list
	listedAt  time.Time // when it last listed them
	unread    span      // while no list of them is complete
	hidden    span      // while Apple lists none of them
	shows     time.Time // from when on anything at Apple shows the team's ID

	user   integration.UserAccess // how far the vendor's user has come
	userAt time.Time              // since when
}

// An appleKey is a key as Apple knows it.
type appleKey struct {
	id          string
	team        *team
	fingerprint string
	works       time.Time // from when on Apple knows it: new keys take a while
	revoked     time.Time // zero: in force
	weak        bool      // its role is too low
	otherApps   bool      // it sees other apps than the team's keys before
	pem         []byte
}

// hasWorked tells whether nothing but Apple's moods has kept the key from
// working since the time.
func (k *appleKey) hasWorked(since time.Time) bool {
	return k != nil && k.revoked.IsZero() && !k.weak && k.works.Before(since) && k.team.agreement && k.team.member && k.team.changed.Before(since)
}

// A mood is how Apple misbehaves.
type mood string

const (
	moodUnauthorized mood = "401 storm"
	moodAgreement    mood = "agreement wave"
	moodOutage       mood = "5xx"
	moodTimeout      mood = "no answer in time"
	moodHTML         mood = "HTML in place of JSON"
	moodLimited      mood = "429"
	moodForeign      mood = "a 403 that is not Apple's"
	moodNotTheRole   mood = "a 403 on single things that the role may do"
	moodClock        mood = "a 401 under a clock that is off"
)

// A storm is a mood for a while, towards some teams.
type storm struct {
	mood     mood
	from, to time.Time
	teams    map[int]bool
	share    float64 // of the answers
	judged   bool    // whether it was decided that it may last longer
}

// hit is how many integrations the storm hits whose keys Apple had accepted.
func (w *World) hit(s *storm) int {
	n := 0
	for _, c := range w.customers {
		k := w.truth.known[c.id]
		if k == nil || k.it.Key == nil || k.it.State == integration.Deactivated {
			continue
		}
		if key := w.apple.keys[k.it.Key.KeyID]; s.teams[key.team.n] && key.revoked.IsZero() {
			n++
		}
	}
	return n
}

// narrow is how long a storm lasts at most that hits too few to be told from
// revocations.
const narrow = 5 * time.Hour

func (s *storm) hits(w *World, t *team, at time.Time) bool {
	if !at.Before(s.from.Add(narrow)) && !s.judged {
		s.judged = true
		if s.mood == moodUnauthorized && w.hit(s) < 3 {
			s.to = s.from.Add(narrow)
		}
	}
	return s.teams[t.n] && !at.Before(s.from) && at.Before(s.to)
}

// applePort is Apple as the functions see it.
type applePort struct{ rig *Rig }

// Check answers a check as the client does: whatever happens is an outcome.
func (p applePort) Check(ctx context.Context, creds appstoreconnect.Credentials, plan appstoreconnect.Plan) integration.Outcome {
	w := p.rig.world
	o, err := look(ctx, w, "apple.Check", creds.KeyID, func() (integration.Outcome, error) {
		w.wait(taskOf(ctx))
		return w.apple.answer(w, creds, plan), nil
	})
	if err != nil {
		return silence(integration.Outage)
	}
	t := taskOf(ctx)
	t.answers[creds.KeyID], t.used[creds.KeyID] = o, creds.Key.Fingerprint()
	w.note(t.name, "apple answers", creds.KeyID+" "+string(o.Verdict)+" "+string(o.Reason))
	return o
}

// wait is the time that Apple takes.
func (w *World) wait(t *task) {
	d := w.between(50*time.Millisecond, 900*time.Millisecond)
	if !w.still() && w.chance(w.weather.slow) {
		w.tally.Injected["slow answer of Apple's"]++
		d = w.between(5*time.Second, 70*time.Second)
	}
	w.sleep(t, d)
	w.expire(t)
}

// Identify finds out what else a key might be: nothing, here.
func (p applePort) Identify(ctx context.Context, creds appstoreconnect.Credentials) (appstoreconnect.Credentials, integration.Outcome) {
	w := p.rig.world
	o, err := look(ctx, w, "apple.Identify", creds.KeyID, func() (integration.Outcome, error) {
		w.wait(taskOf(ctx))
		return integration.Outcome{Verdict: integration.Rejected, Reason: integration.NotAuthorized}, nil
	})
	if err != nil {
		o = silence(integration.Outage)
	}
	return creds, o
}

// Certificates lists the team's.
func (p applePort) Certificates(ctx context.Context, creds appstoreconnect.Credentials) ([]appstoreconnect.Certificate, error) {
	w := p.rig.world
	return look(ctx, w, "apple.Certificates", creds.KeyID, func() ([]appstoreconnect.Certificate, error) {
		w.wait(taskOf(ctx))
		o := w.apple.answer(w, creds, appstoreconnect.Plan{})
		if o.Verdict != integration.OK {
			return nil, fmt.Errorf("listing certificates: %w", errSilent)
		}
		return w.apple.keys[creds.KeyID].team.list(w)
	})
}

// list is the list of certificates: now and then an empty one between good
// ones, and for hours or days none that is complete.
func (t *team) list(w *World) ([]appstoreconnect.Certificate, error) {
	now := w.now()
	switch {
	case !now.Before(t.unread.from) && now.Before(t.unread.to):
		w.tally.Injected["Apple: incomplete list of certificates"]++
		return nil, fmt.Errorf("listing certificates: %w", errSilent)
	case !w.still() && t.listedAt.After(t.emptyAt) && now.Sub(t.emptyAt) > 24*time.Hour && w.chance(.2):
		t.emptyAt = now
		w.tally.Injected["Apple: empty list of certificates"]++
		return nil, nil
	case !now.Before(t.hidden.from) && now.Before(t.hidden.to):
		t.emptyAt = now
		w.tally.Injected["Apple: no certificate listed for hours"]++
		return nil, nil
	}
	t.listedAt = now
	if now.Before(t.shows) {
		certs := slices.Clone(t.certs)
		for i := range certs {
			certs[i].TeamID = ""
		}
		return certs, nil
	}
	return t.certs, nil
}

func silence(r integration.Reason) integration.Outcome {
	return integration.Outcome{Verdict: integration.Inconclusive, Reason: r}
}

// answer is the storm's, where there is one, else the truth.
func (a *Apple) answer(w *World, creds appstoreconnect.Credentials, plan appstoreconnect.Plan) integration.Outcome {
	k := a.keys[creds.KeyID]
	if k == nil || k.fingerprint != creds.Key.Fingerprint() || k.team.issuer != creds.IssuerID {
		return integration.Outcome{Verdict: integration.Rejected, Reason: integration.NotAuthorized}
	}
	if o, stormy := a.stormy(w, k); stormy {
		return o
	}
	return a.truly(w, k, plan)
}

func (a *Apple) stormy(w *World, k *appleKey) (integration.Outcome, bool) {
	for _, s := range a.storms {
		genuine := k.revoked.IsZero() // only such a key gets as far as the agreements
		if !s.hits(w, k.team, w.now()) || !w.chance(s.share) || s.mood == moodAgreement && !genuine {
			continue
		}
		w.tally.Injected[fault("Apple: "+s.mood)]++
		o := s.mood.outcome()
		if s.mood == moodLimited && w.more.Float64() < .3 {
			o.RetryIn = 400 * time.Hour // which nobody should believe
		}
		return o, true
	}
	if !w.still() && w.chance(w.weather.spurious) {
		w.tally.Injected["Apple: single 401"]++
		return moodUnauthorized.outcome(), true
	}
	return integration.Outcome{}, false
}

func (m mood) outcome() integration.Outcome {
	switch m {
	case moodUnauthorized:
		return integration.Outcome{Verdict: integration.Rejected, Reason: integration.NotAuthorized}
	case moodAgreement:
		return integration.Outcome{Verdict: integration.Blocked, Reason: integration.Agreement, Kind: integration.TeamKey}
	case moodTimeout:
		return silence(integration.Timeout)
	case moodNotTheRole:
		return silence(integration.NotTheRole)
	case moodClock:
		return silence(integration.OurClock)
	case moodHTML:
		return silence(integration.Nonsense)
	case moodLimited:
		o := silence(integration.RateLimited)
		o.RetryIn = 20 * time.Minute
		return o
	}
	return silence(integration.Outage)
}

// truly is what a sane Apple answers.
func (a *Apple) truly(w *World, k *appleKey, plan appstoreconnect.Plan) integration.Outcome {
	now := w.now()
	o := integration.Outcome{Verdict: integration.OK, Kind: integration.TeamKey, TeamIDs: k.team.shown(now)}
	switch {
	case !k.revoked.IsZero() || now.Before(k.works):
		return integration.Outcome{Verdict: integration.Rejected, Reason: integration.NotAuthorized}
	case !k.team.member:
		o.Verdict, o.Reason = integration.Blocked, integration.Membership
	case !k.team.agreement:
		o.Verdict, o.Reason = integration.Blocked, integration.Agreement
	case k.weak:
		o.Verdict, o.Reason, o.Missing = integration.Blocked, integration.Role, []integration.Capability{integration.Profiles}
	case plan.Depth == appstoreconnect.Full:
		o.SeedIDs = k.team.shown(now)
		if plan.Level.User.Asked() {
			o.User = k.team.finding(w)
		}
		for _, c := range plan.Level.Required {
			o.Findings = append(o.Findings, integration.Finding{Capability: c, Verdict: integration.OK})
		}
		app := k.team.n
		if k.otherApps {
			app += 5000
		}
		o.Apps = []integration.App{{ID: fmt.Sprint(1000 + app), BundleID: fmt.Sprintf("com.example.app%d", app), Name: k.team.name}}
	}
	return o
}

// shown is the team's ID, where anything shows it.
func (t *team) shown(now time.Time) []string {
	if now.Before(t.shows) {
		return nil
	}
	return []string{t.id}
}
