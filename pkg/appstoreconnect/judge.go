package appstoreconnect

import (
	"slices"

	"keyward/pkg/integration"
)

// judge makes the outcome of what the probes found. It is pure. The order of
// its cases is the order in which a person should mend things: no agreement
// helps a key that is gone or of the wrong kind.
func judge(creds Credentials, level integration.AccessLevel, v survey) integration.Outcome {
	o := integration.Outcome{
		Findings: v.findings, Apps: v.apps, MoreApps: v.moreApps, TeamIDs: v.teams, SeedIDs: v.seeds, BundleIDs: v.bundles,
		RetryIn: v.retryIn, Kind: creds.kind(),
	}
	o.Verdict, o.Reason = v.overall(creds, level)
	switch {
	case o.Verdict == integration.Blocked && o.Reason == integration.Role:
		o.Missing = v.missing(level)
	case o.Reason == integration.ForbiddenAtAll, o.Verdict == integration.Inconclusive && !v.letIn():
		o.Kind = ""
	}
	return o
}

func (v *survey) overall(creds Credentials, level integration.AccessLevel) (integration.Verdict, integration.Reason) {
	if v.allForbidden() { // see the package's comment
		return integration.Rejected, integration.ForbiddenAtAll
	}
	if v.letIn() && unfit(creds, level) {
		return integration.Rejected, integration.WrongKeyKind
	}
	for _, r := range []integration.Reason{integration.Agreement, integration.Membership} {
		if v.blockedBy(r, level) {
			return integration.Blocked, r
		}
	}
	doubt, doubtful := v.doubt(level)
	switch {
	case !v.letIn() && doubtful:
		// Only refusals, and something that was not answered: the role may
		// be too low, or the key may be gone.
		return integration.Inconclusive, doubt
	case len(v.missing(level)) > 0:
		return integration.Blocked, integration.Role
	case level.NeedsApp && len(v.apps) == 0 && v.found(integration.Apps):
		return integration.Blocked, integration.NoApps
	case doubtful:
		return integration.Inconclusive, doubt
	case !v.letIn():
		return integration.Inconclusive, integration.Nonsense // nothing applied to the key, so nothing is known
	}
	return integration.OK, ""
}

// unfit tells whether the level cannot use the key's kind, however well the
// key works.
func unfit(creds Credentials, level integration.AccessLevel) bool {
	return creds.kind() == integration.IndividualKey &&
		(!level.AllowIndividual || slices.ContainsFunc(level.Required, provisioning))
}

// letIn tells whether some answer shows that Apple knows the key: something
// was allowed, or refused for an agreement's or the membership's sake.
func (v *survey) letIn() bool {
	return slices.ContainsFunc(v.findings, func(f integration.Finding) bool {
		return f.Verdict == integration.OK || f.Verdict == integration.Blocked &&
			(f.Reason == integration.Agreement || f.Reason == integration.Membership)
	})
}

// blockedBy tells whether a required capability is blocked for the reason, or
// any at all where nothing is allowed.
func (v *survey) blockedBy(r integration.Reason, level integration.AccessLevel) bool {
	allowed := slices.ContainsFunc(v.findings, func(f integration.Finding) bool { return f.Verdict == integration.OK })
	return slices.ContainsFunc(v.findings, func(f integration.Finding) bool {
		return f.Verdict == integration.Blocked && f.Reason == r && (!allowed || matters(level, f.Capability))
	})
}

// missing lists the required capabilities that the key's role refuses, in the
// order in which people read them.
func (v *survey) missing(level integration.AccessLevel) []integration.Capability {
	var missing []integration.Capability
	for _, c := range integration.Capabilities() {
		if slices.Contains(v.findings, integration.Finding{Capability: c, Verdict: integration.Blocked, Reason: integration.Role}) && matters(level, c) {
			missing = append(missing, c)
		}
	}
	return missing
}

// doubt gives the reason of the first finding that leaves open whether a
// required capability is there. That nothing could be asked for want of an
// app is no doubt: NeedsApp decides whether it matters.
func (v *survey) doubt(level integration.AccessLevel) (integration.Reason, bool) {
	for _, f := range v.findings {
		decides := matters(level, f.Capability) || !v.letIn()
		if f.Verdict == integration.Inconclusive && f.Reason != integration.NoApps && decides {
			return f.Reason, true
		}
	}
	return "", false
}

// found tells whether the capability was settled: there, or not applicable.
func (v *survey) found(c integration.Capability) bool {
	return slices.ContainsFunc(v.findings, func(f integration.Finding) bool {
		return f.Capability == c && (f.Verdict == integration.OK || f.Reason == integration.NoApps)
	})
}

// matters tells whether the level cannot do without the capability.
func matters(level integration.AccessLevel, c integration.Capability) bool {
	return level.Requires(c) || c == integration.Apps && level.NeedsApp
}
