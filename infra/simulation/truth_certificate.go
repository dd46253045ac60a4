package simulation

import (
	"slices"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
)

// gone holds a certificate that is told as gone to being so: one list of
// Apple's that lacks it proves nothing.
func (t *truth) gone(n integration.Notice) {
	c := t.w.byID(n.Integration)
	if n.Kind != integration.NoticeCertVanished || c == nil {
		return
	}
	team := c.team
	if key := t.w.apple.keys[keyID(t.of(n.Integration).it)]; key != nil {
		team = key.team
	}
	if now := t.w.now(); !now.Before(team.hidden.from) && now.Sub(team.hidden.to) < time.Hour {
		return // Apple lists none
	}
	there := slices.ContainsFunc(team.certs, func(crt appstoreconnect.Certificate) bool { return crt.Serial == n.Facts.Serial })
	t.must(!there, "gone-is-gone", text("%s: certificate %s was told as gone, and Apple has it", n.Integration, n.Facts.Serial))
}

// promisedSteps are the days before its end on which a certificate is warned of.
var promisedSteps = []int{30, 14, 7, 3, 1, 0}

// promisedLadder is how late a warning may be: the list is read first, where
// Apple gives one.
const promisedLadder = 2 * time.Hour

// endsAreTold: whether or not Apple answers, whoever has a certificate that
// ends has been warned at its latest step, or at a later one.
func (t *truth) endsAreTold(k *known) {
	crt := k.it.Certificates
	if crt.Serial == "" || crt.Serial == crt.Vanished || k.it.State == integration.Disconnected {
		return
	}
	for _, days := range promisedSteps {
		at := crt.NotAfter.Add(-time.Duration(days) * 24 * time.Hour)
		if t.w.now().Sub(later(at, crt.CheckedAt)) <= promisedLadder+t.slack()+t.delays(at) || t.w.now().Before(at) {
			continue
		}
		told := false
		for _, n := range k.notices {
			warns := n.Kind == integration.NoticeCertExpiring || n.Kind == integration.NoticeCertExpired
			told = told || warns && n.Audience == integration.ToAdmin && n.Facts.Serial == crt.Serial && n.Facts.Days <= days
		}
		t.must(told, "ends-are-told", text("%s: certificate %s ends at %s, and nobody was warned %d days before", k.it.ID, crt.Serial, crt.NotAfter, days))
	}
}
