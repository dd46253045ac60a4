package simulation

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
)

// rest is how long a world goes on without faults, so that everything comes
// to its end.
const rest = 36 * time.Hour

// plan rolls the dice for the whole world: its weather, its customers, what
// truly happens at Apple, and when Apple misbehaves.
func (w *World) plan() {
	w.chooseTempo()
	w.climate = w.dice.IntN(len(climates))
	if w.tempo == ageing {
		w.climate %= 2 // faults of ours for a hundred days would take too long
	}
	w.weather = climates[w.climate]
	active := w.length()
	w.calm = w.from.Add(active)
	w.end = w.calm.Add(rest)
	w.setClocks()
	if w.chance(.25) {
		w.addCanary()
	}
	for n := range w.howMany() {
		c := w.newCustomer(n)
		w.particular(c)
		if n > 0 && w.customers[n-1].name == c.name {
			c.lends = w.customers[n-1].lent
		}
		w.customers = append(w.customers, c)
		w.after(w.between(0, 5*time.Hour), func() { w.invite(c) })
		if w.tempo == ageing {
			w.grow(c)
			continue
		}
		w.planTrueEvents(c, active)
		w.planSupport(c, active)
		w.planMore(c, active)
	}
	if w.tempo != ageing {
		w.planStorms(active)
		w.planSilence(active)
	}
	if w.rough() {
		for range w.dice.IntN(4) {
			w.after(w.between(0, active), w.deploy)
		}
		w.sleepy = w.chance(.7)
	}
	w.after(active, w.clearSkies)
}

// howMany customers there are.
func (w *World) howMany() int {
	n := 1 + min(w.dice.IntN(8), w.dice.IntN(8))
	switch w.tempo {
	case patient:
		return min(n, 3)
	case ageing:
		return 1
	}
	return n
}

// length is how long faults last: mostly a day, sometimes more than a week.
func (w *World) length() time.Duration {
	const day = 24 * time.Hour
	switch w.tempo {
	case patient:
		return w.within(20*day, 23*day)
	case ageing:
		return 101 * day
	}
	switch p := w.dice.Float64(); {
	case p < .88:
		return w.between(20*time.Hour, 36*time.Hour)
	case p < .985:
		return w.between(36*time.Hour, 4*day)
	}
	return w.between(4*day, 10*day)
}

// setClocks sets the functions' clocks, each up to five minutes off where the
// weather is rough.
func (w *World) setClocks() {
	for _, fn := range []string{"intake", "validate", "certificates", "sweep", "notify", "feedback", "portal", "operator"} {
		if w.climate >= 3 && !w.still() {
			w.strike(skewed)
			w.clock.setSkew(fn, w.between(-5*time.Minute, 5*time.Minute))
		} else {
			w.clock.setSkew(fn, 0)
		}
	}
}

// clearSkies ends all that goes wrong.
func (w *World) clearSkies() {
	w.note("world", "faults stop", "")
	w.setClocks()
}

// deploy replaces all functions: what they were doing is left undone.
func (w *World) deploy() {
	w.strike(deployment)
	for _, t := range w.under() {
		if t.fn != "" && w.chance(.5) {
			w.crash(t, "", deployment)
		}
	}
	w.setClocks()
	w.version = rowVersion(w.dice.IntN(3))
}

// planTrueEvents is what truly happens to a team at Apple.
func (w *World) planTrueEvents(c *customer, active time.Duration) {
	at := func(do func()) { w.after(w.between(6*time.Hour, active), do) }
	if w.chance(.5) {
		at(func() { w.revokeInForce(c) })
	}
	if w.chance(.3) {
		at(func() { w.trouble(c, "true event: agreement expired", func() { c.team.agreement = false }) })
	}
	if w.chance(.15) {
		at(func() { w.trouble(c, "true event: membership lapsed", func() { c.team.member = false }) })
	}
	if w.chance(.4) {
		at(func() { w.upload(c) }) // replaces its key of its own accord
	}
	c.team.certs = []appstoreconnect.Certificate{certificate(c.team.n, 0, w.from.Add(w.between(2*24*time.Hour, 60*24*time.Hour)))}
	if w.chance(.3) {
		from := w.from.Add(w.between(6*time.Hour, active))
		c.team.unread = span{from, from.Add(w.between(time.Hour, 60*time.Hour))}
	}
	if w.chance(.3) {
		at(func() {
			w.tally.Injected["true event: certificate replaced"]++
			c.team.certs = []appstoreconnect.Certificate{certificate(c.team.n, 1, w.from.Add(300*24*time.Hour))}
		})
	}
}

func certificate(team, n int, end time.Time) appstoreconnect.Certificate {
	return appstoreconnect.Certificate{
		ID: fmt.Sprintf("C%d-%d", team, n), Type: "DISTRIBUTION", Serial: fmt.Sprintf("AB%03d%d", team, n), Name: "Apple Distribution", NotAfter: end,
		TeamID: fmt.Sprintf("TEAM%06d", team),
	}
}

// revokeInForce revokes the key that Keyward uses.
func (w *World) revokeInForce(c *customer) {
	it, err := w.store.Integration(ctx(), c.id)
	if err != nil || it.Key == nil {
		return
	}
	if k := w.apple.keys[it.Key.KeyID]; k != nil && k.revoked.IsZero() {
		w.apple.revoke(w, k)
	}
}

// revokeNewest is somebody revoking the new key by mistake, before Keyward has
// seen that it goes on working, and while it still keeps the one before.
func (w *World) revokeNewest(c *customer) {
	if it, err := w.store.Integration(ctx(), c.id); err == nil && it.Key != nil && it.Other != nil {
		w.tally.Injected["new key revoked, old one kept"]++
		w.revokeInForce(c)
	}
}

func (w *World) trouble(c *customer, what string, make func()) {
	w.tally.Injected[fault(what)]++
	w.note("Apple", what, c.label)
	make()
	c.team.changed = w.now()
	if w.chance(.5) {
		w.after(w.between(time.Hour, 48*time.Hour), func() { c.mends(w) })
		return
	}
	if from := w.now().Add(70 * time.Hour); w.chance(.5) && from.Before(w.calm) {
		c.diligent = 0
		w.everywhere(from, 9*time.Hour) // when the reminder is due
	}
}

// everywhere is a storm of 401s that hits everybody.
func (w *World) everywhere(from time.Time, length time.Duration) {
	for _, o := range w.apple.storms {
		if o.mood == moodUnauthorized && o.to.Add(10*time.Hour).After(from) && from.Add(length+10*time.Hour).After(o.from) {
			return // two storms are not one long one
		}
	}
	s := &storm{mood: moodUnauthorized, from: from, to: from.Add(length), teams: map[int]bool{}, share: 1}
	for n := range w.customers {
		s.teams[n] = true
	}
	w.apple.storms = append(w.apple.storms, s)
}

// planSupport is what the vendor's people do.
func (w *World) planSupport(c *customer, active time.Duration) {
	at := func(p float64, do func()) {
		if w.chance(p) {
			w.after(w.between(6*time.Hour, active), do)
		}
	}
	one := func(method, part string) func() {
		return func() {
			if c.id != "" && !c.ended {
				w.ask(method, "/v1/integrations/"+string(c.id)+part, "", func(int, string) {})
			}
		}
	}
	for range 3 {
		at(.4, one(http.MethodPost, "/checks"))
	}
	for range 3 {
		at(.5, func() { w.askForToken(c) })
	}
	at(.2, one(http.MethodPost, "/links"))
	at(.1, one(http.MethodDelete, "/links"))
	at(.12, func() { w.disconnect(c) })
}

func (w *World) disconnect(c *customer) {
	if c.id != "" && !c.ended {
		w.ask(http.MethodPost, "/v1/integrations/"+string(c.id)+"/disconnect", "", func(int, string) {})
		c.ended = true
	}
}

// planStorms is when Apple misbehaves, as users have reported: towards one team for
// minutes or hours, or towards many at once.
func (w *World) planStorms(active time.Duration) {
	var before time.Time // the end of the 401s so far: two storms are not one long one
	for range w.dice.IntN(5) {
		s := &storm{from: w.from.Add(w.between(6*time.Hour, active)), teams: map[int]bool{}, share: .3 + .7*w.dice.Float64()}
		s.mood = []mood{moodUnauthorized, moodUnauthorized, moodUnauthorized, moodAgreement, moodOutage, moodTimeout, moodHTML, moodLimited, moodForeign, moodClock}[w.dice.IntN(10)]
		if s.mood == moodOutage && w.often(.4) {
			s.mood = moodNotTheRole
		}
		length := w.between(2*time.Minute, 5*time.Hour)
		if w.chance(.5) {
			for n := range w.customers {
				s.teams[n] = true
			}
			if len(w.customers) >= 5 || s.mood != moodUnauthorized {
				length, s.share = w.between(10*time.Minute, 20*time.Hour), 1
			}
		} else {
			s.teams[w.dice.IntN(len(w.customers))] = true
		}
		if s.mood == moodUnauthorized && s.from.Before(before) {
			s.from = before
		}
		s.to = s.from.Add(length)
		if s.mood == moodUnauthorized {
			before = s.to.Add(8 * time.Hour)
		}
		if s.to.After(w.calm) {
			s.to = w.calm
		}
		w.apple.storms = append(w.apple.storms, s)
	}
}

// invite is support making an integration.
func (w *World) invite(c *customer) {
	var people []map[string]any
	for _, p := range c.people {
		duties := []string{"admin"}
		if p.holder {
			duties = []string{"account_holder"}
		}
		people = append(people, map[string]any{"address": p.address, "duties": duties})
	}
	body, err := json.Marshal(map[string]any{
		"reference": fmt.Sprintf("ref-%d", c.n), "label": c.label, "customer": c.name, "access_level": c.level,
		"contacts": people, "shares_keys": c.lends != nil,
	})
	if err != nil {
		w.fail("people-can-work", err.Error())
		return
	}
	w.ask(http.MethodPost, "/v1/integrations", string(body), func(status int, text string) {
		var made struct{ ID integration.ID }
		if status >= 300 || json.Unmarshal([]byte(text), &made) != nil || made.ID == "" {
			w.after(w.between(time.Minute, time.Hour), func() { w.invite(c) })
			return
		}
		c.id = made.ID
	})
}

// ask is one request of support's to the operator.
func (w *World) ask(method, path, body string, then func(status int, text string)) {
	w.askAs(supportARN, method, path, body, then)
}

// callerHeader stands in for what IAM says of a request's caller.
const callerHeader = "Simulated-Caller"

func (w *World) askAs(caller, method, path, body string, then func(status int, text string)) {
	rec := httptest.NewRecorder()
	t := &task{name: "operator " + method, fn: "operator", until: w.now().Add(webLimit)}
	t.done = func(t *task) {
		w.tally.Invocations["operator"]++
		if t.dead {
			then(http.StatusBadGateway, "")
			return
		}
		then(rec.Code, rec.Body.String())
	}
	r := httptest.NewRequest(method, "https://operator.vendor.example"+path, strings.NewReader(body))
	r.Header.Set(callerHeader, caller)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", fmt.Sprintf("%064x", w.seed)+path+firstWords(body))
	}
	w.start(t, func(ctx context.Context) { w.rig.operator.ServeHTTP(rec, r.WithContext(ctx)) })
}

// firstWords make a key of a request that is the same when it is repeated.
func firstWords(body string) string {
	sum := uint64(14695981039346656037)
	for _, b := range []byte(body) {
		sum = (sum ^ uint64(b)) * 1099511628211
	}
	return fmt.Sprintf("%x", sum)
}
