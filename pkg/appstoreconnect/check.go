package appstoreconnect

import (
	"context"
	"slices"

	"keyward/pkg/integration"
)

// A Depth says how much a check asks for.
type Depth string

const (
	// Quick makes one call where all is well.
	Quick Depth = "quick"
	// Full probes every capability that the access level wants.
	Full Depth = "full"
)

// A Plan says what a check is to find out.
type Plan struct {
	Level integration.AccessLevel
	// Known is what the last full check found. A required capability that it
	// found blocked makes a quick check a full one: one good call would say
	// nothing about it.
	Known []integration.Finding
	// Apps are bundle IDs to look for: their apps come first in Outcome.Apps,
	// which has room for a few only.
	Apps  []string
	Depth Depth // empty means Quick
	// FreshToken mints new tokens for this check, instead of using one that
	// is at hand: for suspects, whose rejections must count.
	FreshToken bool
}

// Check looks at Apple with a key. Whatever happens is an outcome. The
// context's deadline is the time-out; without one it is DefaultTimeout.
//
// A quick check that finds all well makes one call. One that is answered 403
// goes on to a full check before it says anything. A 401 is asked again, once,
// with a new token, and then means Rejected. Outcome.Findings, Apps,
// MoreApps, TeamIDs, SeedIDs, BundleIDs and User are filled by full checks only; a full check that is rejected at
// once, or gets no answer to its first call, has none.
func (c *Client) Check(ctx context.Context, creds Credentials, plan Plan) integration.Outcome {
	ctx, cancel := bound(ctx)
	defer cancel()
	s := c.session(creds, plan.FreshToken)
	if plan.Depth != Full && !slices.ContainsFunc(plan.Known, plan.doubts) {
		if o, done := quickCheck(ctx, s, plan.Level); done {
			return o
		}
	}
	return fullCheck(ctx, s, plan)
}

// doubts tells whether a finding is about something that a quick check would
// miss.
func (p Plan) doubts(f integration.Finding) bool {
	return f.Verdict == integration.Blocked && p.Level.Requires(f.Capability)
}

// quickCheck makes one call, and is done unless a full check must say more.
func quickCheck(ctx context.Context, s *session, level integration.AccessLevel) (integration.Outcome, bool) {
	p := gate(s.creds, level).quick()
	page, err := p.run(ctx, s, "")
	f := p.finding(s, err)
	switch {
	case f.Verdict == integration.Blocked, f.Reason == integration.NoApps:
		return integration.Outcome{}, false
	case f.Verdict != integration.OK:
		return integration.Outcome{Verdict: f.Verdict, Reason: f.Reason, RetryIn: answerIn(err).RetryAfter}, true
	}
	o := judge(s.creds, level, survey{findings: []integration.Finding{f}, apps: appsIn(page.Data, nil)})
	o.Findings, o.Apps = nil, nil
	return o, true
}

// gate is the capability that is asked for first, and alone in a quick check:
// the cheapest one that the level requires. Apps comes first, because every
// role of Apple's can list apps, as far as anybody knows [FIELD].
func gate(creds Credentials, level integration.AccessLevel) probe {
	order := []integration.Capability{integration.Apps, integration.BundleIDs, integration.Profiles,
		integration.Builds, integration.Certificates, integration.Users}
	if creds.program() == integration.Enterprise && !level.NeedsApp {
		order = []integration.Capability{integration.BundleIDs, integration.Profiles, integration.Certificates, integration.Users}
	}
	order = slices.DeleteFunc(order, func(c integration.Capability) bool { return shutOut(creds, c) })
	i := slices.IndexFunc(order, func(c integration.Capability) bool { return matters(level, c) })
	p, _ := probeOf(order[max(i, 0)])
	return p
}

// shutOut tells whether the key's kind rules the capability out.
func shutOut(creds Credentials, c integration.Capability) bool {
	return creds.kind() == integration.IndividualKey && provisioning(c)
}
