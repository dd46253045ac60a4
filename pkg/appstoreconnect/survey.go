package appstoreconnect

import (
	"context"
	"slices"
	"time"

	"keyward/pkg/integration"
)

// A survey is what the probes of one check found.
type survey struct {
	findings []integration.Finding // in the order of asking
	apps     []integration.App
	wanted   []string // bundle IDs of apps to keep before others
	moreApps bool
	teams    []string
	seeds    []string
	bundles  []string
	retryIn  time.Duration
	limited  bool // a rate limit was met, so that nothing more is asked
}

// fullCheck probes the gate first, and stops where its answer settles all. The
// rest follows one by one.
func fullCheck(ctx context.Context, s *session, plan Plan) integration.Outcome {
	level, v := plan.Level, survey{wanted: plan.Apps}
	first := gate(s.creds, level)
	v.ask(ctx, s, first, level)
	if f := v.findings[0]; f.Verdict == integration.Rejected || f.Verdict == integration.Inconclusive && f.Reason != integration.NoApps {
		return integration.Outcome{Verdict: f.Verdict, Reason: f.Reason, RetryIn: v.retryIn}
	}
	for _, p := range probes {
		if p.capability != first.capability && surveyed(level, p.capability) {
			v.ask(ctx, s, p, level)
		}
	}
	for _, p := range probes {
		// Everything refused: a revoked key, or a role for something else?
		// Ask for what else there is, until something is allowed.
		if v.allForbidden() && !p.ofApp && !v.asked(p.capability) && !shutOut(s.creds, p.capability) {
			v.ask(ctx, s, p, level)
		}
	}
	if users, _ := probeOf(integration.Users); len(v.missing(level)) > 0 && !v.asked(integration.Users) {
		v.ask(ctx, s, users, level) // before the role is blamed
	}
	v.clearRole()
	o := judge(s.creds, level, v)
	o.User = v.vendorUser(ctx, s, level)
	return o
}

// clearRole takes refusals for what they cannot be, about the role, where the
// key reads the team's users: that is a sign of an Admin key [FIELD], and no
// role may more. Apple refuses single endpoints to such keys too, with details
// such as "no team for this content provider" [FIELD]. What is behind it only
// Apple knows; advice to choose a role could lower the one that the key has.
// Where the users were asked for and gave no answer, that is open.
func (v *survey) clearRole() {
	i := slices.IndexFunc(v.findings, func(f integration.Finding) bool { return f.Capability == integration.Users })
	if i < 0 || v.findings[i].Verdict == integration.Blocked {
		return
	}
	why := integration.NotTheRole
	if v.findings[i].Verdict == integration.Inconclusive {
		why = v.findings[i].Reason
	}
	for i, f := range v.findings {
		if f.Verdict == integration.Blocked && f.Reason == integration.Role {
			v.findings[i].Verdict, v.findings[i].Reason = integration.Inconclusive, why
		}
	}
}

// surveyed tells whether a full check probes the capability. Apps is needed
// to ask for reviews and reports, and tells a role from a revoked key.
func surveyed(level integration.AccessLevel, c integration.Capability) bool {
	return level.Wants(c) || c == integration.Apps
}

// ask probes one capability and adds what it found.
func (v *survey) ask(ctx context.Context, s *session, p probe, level integration.AccessLevel) {
	if f, known := v.withoutAsking(s, p, level); known {
		v.findings = append(v.findings, f)
		return
	}
	app := ""
	if p.ofApp {
		app = v.apps[0].ID
	}
	page, err := p.run(ctx, s, app)
	f := p.finding(s, err)
	v.note(f, err)
	switch {
	case err != nil:
	case p.capability == integration.Apps:
		v.apps, v.moreApps = appsIn(page.Data, v.wanted), page.Links.Next != ""
	case p.capability == integration.Certificates:
		v.teams = teamsIn(page.Data)
	case p.capability == integration.BundleIDs:
		v.bundles, v.seeds = bundleIDsIn(page.Data)
	}
}

// note adds the finding of an answer.
func (v *survey) note(f integration.Finding, err error) {
	// A 401 among answers that let the key in contradicts them: it is one of
	// Apple's spurious ones, or the key was revoked this second.
	if f.Verdict == integration.Rejected && len(v.findings) > 0 {
		f.Verdict, f.Reason = integration.Inconclusive, integration.Outage
	}
	v.findings = append(v.findings, f)
	v.retryIn = max(v.retryIn, answerIn(err).RetryAfter)
	v.limited = v.limited || f.Reason == integration.RateLimited
}

// withoutAsking gives the findings that need no request, or are not worth one.
func (v *survey) withoutAsking(s *session, p probe, level integration.AccessLevel) (integration.Finding, bool) {
	f := integration.Finding{Capability: p.capability}
	switch {
	case shutOut(s.creds, p.capability): // [APPLE]
		f.Verdict, f.Reason = integration.Blocked, integration.WrongKeyKind
	case v.limited, s.rate.low() && !level.Requires(p.capability) && len(v.findings) > 0:
		f.Verdict, f.Reason = integration.Inconclusive, integration.RateLimited
	case p.ofApp && len(v.apps) == 0:
		f.Verdict, f.Reason = v.withoutApp()
	default:
		return f, false
	}
	return f, true
}

// withoutApp is the finding of a probe below an app when no app is known: not
// applicable where there is none, and what became of the list of apps where
// that was not given.
func (v *survey) withoutApp() (integration.Verdict, integration.Reason) {
	for _, f := range v.findings {
		if f.Capability == integration.Apps && f.Verdict != integration.OK {
			return f.Verdict, f.Reason
		}
	}
	return integration.Inconclusive, integration.NoApps
}

func (v *survey) asked(c integration.Capability) bool {
	return slices.ContainsFunc(v.findings, func(f integration.Finding) bool { return f.Capability == c })
}

// allForbidden tells whether nothing was found but plain refusals; those that
// come from the key's kind are no answers of Apple's.
func (v *survey) allForbidden() bool {
	refused := 0
	for _, f := range v.findings {
		switch {
		case f.Reason == integration.WrongKeyKind, f.Reason == integration.NoApps:
		case f.Verdict == integration.Blocked && f.Reason == integration.Role:
			refused++
		default:
			return false
		}
	}
	return refused > 0
}
