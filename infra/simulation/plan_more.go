package simulation

import (
	"fmt"
	"net/http"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
)

// A tempo is how long a world goes on, and how much happens in it.
type tempo string

const (
	busy    tempo = ""        // a day and a half, mostly; people do what e-mails ask
	patient tempo = "patient" // almost three weeks: people mostly do nothing, so that every reminder comes
	ageing  tempo = "ageing"  // a hundred days with a revoked key that nobody replaces
)

const simDay = 24 * time.Hour

// chooseTempo makes each hundredth seed a world of its kind, and not a random
// one: a thousand seeds in a row always have ten of each.
func (w *World) chooseTempo() {
	switch w.seed % 100 {
	case 7, 57:
		w.tempo = patient
	case 43:
		w.tempo = ageing
	}
}

// often reports whether something of that probability happens, by the dice that
// leave the stories of most seeds as they were.
func (w *World) often(p float64) bool { return w.extra.Float64() < p }

// within is a random duration from a to b, by the same dice.
func (w *World) within(a, b time.Duration) time.Duration {
	return a + time.Duration(w.extra.Int64N(int64(max(1, b-a))))
}

// What the vendor's own user is called, and how soon a confirmation is due.
const (
	vendorUser   = "builds@vendor.example"
	confirmEvery = 36 * time.Hour
)

// levels are the usual ones, and such as ask for the vendor's user or for a
// confirmation, which is enforced or not.
func levels() []integration.AccessLevel {
	all := integration.Levels()
	user, asked, enforced := all[0], all[0], all[1]
	user.Name, user.User = "publish-user", integration.VendorUser{Address: vendorUser, Role: "App Manager", Needs: integration.UserRights()}
	asked.Name, asked.Reauthorise = "publish-confirm", integration.Reauthorise{Every: confirmEvery}
	enforced.Name, enforced.Reauthorise = "insights-confirm", integration.Reauthorise{Every: confirmEvery, Enforce: true}
	return append(all, user, asked, enforced)
}

// particular gives a customer what only some have.
func (w *World) particular(c *customer) {
	switch {
	case w.tempo == ageing:
		c.level, c.diligent = "insights", 1
		c.people[0].bounces = false
	case c.level == "publish" && w.often(.3):
		c.level = "publish-user"
	case c.level == "publish" && w.often(.1):
		c.level = "publish-confirm"
	case c.level == "insights" && w.often(.12):
		c.level = "insights-confirm"
	}
	if w.tempo == patient {
		c.diligent = .5
		w.later(12*time.Hour, func() { c.diligent = .15 })
	}
	t := c.team
	t.user = integration.UserMissing
	if w.often(.3) {
		t.user = []integration.UserAccess{integration.UserInvited, integration.UserActive, integration.UserIncomplete}[w.extra.IntN(3)]
	}
	t.shows = w.from
	if w.often(.15) {
		t.shows = w.from.Add(w.within(6*time.Hour, 30*time.Hour))
		c.mistypes = w.often(.3)
	}
}

// planMore is what else happens to a customer.
func (w *World) planMore(c *customer, active time.Duration) {
	at := func(p float64, do func()) {
		if w.often(p) {
			w.later(w.within(6*time.Hour, active), do)
		}
	}
	at(.3, func() { c.addsUser(w) })
	at(.15, func() { c.team.setUser(w, integration.UserMissing) })
	at(.08, func() { w.moveTeam(c) })
	at(.12, func() { w.pin(c) })
	if w.often(.15) {
		from := w.from.Add(w.within(12*time.Hour, active))
		c.team.hidden = span{from, from.Add(w.within(2*time.Hour, 30*time.Hour))}
	}
	if w.often(.1) {
		for n := range 2 {
			c.team.certs = append(c.team.certs, certificate(c.team.n, 5+n, w.from.Add(w.within(2*simDay, 60*simDay))))
		}
	}
}

// grow is the whole life of a customer in an ageing world: its key is revoked,
// and nobody does anything for three months.
func (w *World) grow(c *customer) {
	w.later(w.within(40*time.Hour, 50*time.Hour), func() {
		c.diligent = 0
		w.revokeInForce(c)
	})
	w.later(99*simDay, func() { c.diligent = .5 })
}

// silence is Apple answering one team, or nobody, for more than a day.
func (w *World) planSilence(active time.Duration) {
	if w.tempo != patient {
		return
	}
	for n := range 2 {
		s := &storm{mood: []mood{moodOutage, moodTimeout, moodNotTheRole}[w.extra.IntN(3)], from: w.from.Add(w.within(0, active-3*simDay)), teams: map[int]bool{}, share: 1}
		if n == 0 && w.often(.5) {
			s.from = w.from // when keys are uploaded
		}
		s.to = s.from.Add(w.within(28*time.Hour, 44*time.Hour))
		all := w.often(.5)
		for n := range w.customers {
			s.teams[n] = all || w.often(.6)
		}
		w.apple.storms = append(w.apple.storms, s)
	}
}

// later is after, and its place among what comes at the same time does not
// shift the dice.
func (w *World) later(d time.Duration, do func()) { w.put(d, w.extra.Uint64(), do) }

// addsUser is the customer adding the vendor's user to the team, or giving it
// what it lacks.
func (c *customer) addsUser(w *World) {
	c.team.setUser(w, []integration.UserAccess{integration.UserInvited, integration.UserActive, integration.UserIncomplete}[w.extra.IntN(3)])
}

func (t *team) setUser(w *World, a integration.UserAccess) {
	if t.user != a {
		t.user, t.userAt = a, w.now()
		w.tally.Injected[fault("true event: vendor's user "+string(a))]++
	}
}

// finding is what Apple shows of the vendor's user: now and then nothing, and
// now and then one user fewer than there are.
func (t *team) finding(w *World) integration.UserFinding {
	shown := t.user
	switch {
	case w.still():
	case w.often(.1):
		return integration.UserFinding{}
	case w.often(.05):
		w.tally.Injected["Apple: a user left out of a list"]++
		shown = integration.UserMissing
	}
	f := integration.UserFinding{Access: shown}
	if shown == integration.UserIncomplete {
		f.Missing = []integration.UserRight{integration.CloudSigning}
	}
	return f
}

// moveTeam is support letting a customer go on with another company's team, or
// with a key for other apps; sometimes it takes that back, and sometimes the
// customer does not ask before.
func (w *World) moveTeam(c *customer) {
	if c.id == "" || c.ended {
		return
	}
	path := "/v1/integrations/" + string(c.id)
	nobody := func(int, string) {}
	if w.often(.75) {
		w.tally.Injected["support allows another team"]++
		w.ask(http.MethodPost, path+"/team-move", "", nobody)
		if w.often(.35) {
			w.later(w.within(0, 8*time.Hour), func() { w.ask(http.MethodDelete, path+"/team-move", "", nobody) })
		}
	}
	w.ask(http.MethodPost, path+"/links", "", nobody)
	c.moves = &team{
		n: 100 + c.n, id: fmt.Sprintf("TEAM%06d", 100+c.n), name: "Another company", agreement: true, member: true, user: c.team.user, shows: w.from,
		issuer: fmt.Sprintf("57246542-96fe-1a63-e053-0824d02%05d", c.n),
	}
	c.moves.certs = []appstoreconnect.Certificate{certificate(c.moves.n, 0, w.from.Add(w.within(5*simDay, 60*simDay)))}
	if w.often(.3) {
		c.moves = c.team // and its next key is for other apps
	}
	w.later(w.within(5*time.Hour, 9*time.Hour), func() { w.upload(c) })
}

// movingKey is the key of a customer who is about to move, and the team that
// is typed beside it.
func (c *customer) movingKey(w *World) *appleKey {
	k := w.apple.newKey(w, c.moves)
	k.otherApps = c.moves == c.team
	return k
}

// moved notes that the customer's key of another team was accepted.
func (c *customer) moved(w *World, k *appleKey) {
	if c.moves != nil && k.team == c.moves && keyID(w.truth.of(c.id).it) == k.id {
		w.tally.Injected["true event: moved to another team"]++
		c.team, c.moves = c.moves, nil
	}
}

// pin is support choosing the certificate to watch, which the team then
// replaces.
func (w *World) pin(c *customer) {
	if c.id == "" || c.ended {
		return
	}
	serial := w.truth.of(c.id).it.Certificates.Serial
	if serial == "" || len(c.team.certs) == 0 {
		return
	}
	w.ask(http.MethodPut, "/v1/integrations/"+string(c.id)+"/certificates/pin", fmt.Sprintf(`{"serial":%q}`, serial), func(int, string) {})
	w.later(w.within(time.Hour, 6*time.Hour), func() {
		c.team.certs = []appstoreconnect.Certificate{certificate(c.team.n, 3, w.from.Add(200*simDay))}
	})
}

// confirms is a contact who says, on the page of the e-mail's link, that the
// vendor may go on.
func (w *World) confirms(c *customer, token string) {
	if c.busy {
		return
	}
	c.busy = true
	t := &task{name: c.label, done: func(*task) { c.busy = false }}
	w.browse(t, func(b *browser) {
		if !b.open(token) {
			return
		}
		setup := b.again(func() answer { return b.get("/setup") })
		form := fields(setup.body)
		form.Set("agree", "yes")
		b.again(func() answer { return b.post("/reauthorise", form) })
	})
}
