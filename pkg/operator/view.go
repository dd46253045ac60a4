package operator

import (
	"slices"
	"time"

	"keyward/pkg/integration"
)

func viewIntegration(it integration.Integration, now time.Time) Integration {
	warnings, allowed := it.TokensAllowed()
	return Integration{
		ID: string(it.ID), Version: it.Version, Reference: it.Reference, Label: it.Label, Customer: it.Customer,
		CreatedAt: it.CreatedAt, AccessLevel: viewLevel(it.Access),
		State: string(it.State), Since: it.Since, Cause: string(it.Cause), Words: words(it, now),
		Attention: each(it.Attention.Needs, viewNeed),
		TeamID:    it.TeamID, TeamName: it.TeamName, TeamSource: string(teamSource(it)), TeamWords: teamWords(it),
		TeamMove: viewTeamMove(it.TeamMove), BundleIDs: it.BundleIDs, Apps: each(it.Apps, viewApp),
		Key: viewKey(it.Key), OtherKey: viewKey(it.Other), Capabilities: viewCapabilities(it), ProbedAt: it.ProbedAt,
		Role:       viewRole(it),
		VendorUser: viewUserFinding(it), SharesKeys: it.SharesKeys, Check: viewCheck(it.Check), Certificate: viewWatch(it.Certificates),
		Invitation: Invitation{At: it.Invitation.At, ExpiresAt: it.Invitation.ExpiresAt, Reminded: it.Invitation.Reminded, Count: it.Invitation.Count},
		Told:       Told{Problem: string(it.Told.Problem), At: it.Told.At, Reminded: it.Told.Reminded},
		Tokens:     Tokens{Allowed: allowed, Warnings: each(warnings, viewWarning)}, WrongFiles: it.WrongFiles,
		DisconnectedAt: it.DisconnectedAt, KeysToDelete: keysToDelete(it),
	}
}

// each maps a slice; nil stays nil.
func each[A, B any](in []A, f func(A) B) []B {
	if in == nil {
		return nil
	}
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = f(a)
	}
	return out
}

func text[S ~string](s S) string { return string(s) }

func viewLevel(l integration.AccessLevel) AccessLevel {
	return AccessLevel{Name: l.Name, Title: l.Title, Role: l.Role, RoleWhy: l.RoleWhy, Required: each(l.Required, text), Useful: each(l.Useful, text), User: viewUser(l.User)}
}

func viewWarning(r integration.Reason) Warning { return Warning{Code: string(r), Text: because(r)} }

func viewApp(a integration.App) App { return App{ID: a.ID, BundleID: a.BundleID, Name: a.Name} }

func viewKey(k *integration.Key) *Key {
	if k == nil {
		return nil
	}
	return &Key{
		KeyID: k.KeyID, IssuerID: k.IssuerID, Kind: string(k.Kind), Program: string(k.Program), Fingerprint: k.Fingerprint,
		Upload: string(k.Upload), TeamID: k.Team.ID, TeamSource: string(k.Team.From), AcceptedAt: k.AcceptedAt, FirstOKAt: k.FirstOKAt,
	}
}

// viewCapabilities lists what the level wants and what was found, in the order
// in which people read them.
func viewCapabilities(it integration.Integration) []Capability {
	var out []Capability
	for _, c := range integration.Capabilities() {
		i := slices.IndexFunc(it.Findings, func(f integration.Finding) bool { return f.Capability == c })
		if i < 0 && !it.Access.Wants(c) {
			continue
		}
		v := Capability{Name: string(c), Need: need(it.Access, c), Can: "unknown"}
		if i >= 0 {
			v.Can, v.Reason = can(it.Findings[i]), string(it.Findings[i].Reason)
		}
		out = append(out, v)
	}
	return out
}

func viewRole(it integration.Integration) *RoleFinding {
	found, role := it.RoleFound(), it.Access.Role
	v := &RoleFinding{Found: string(found)}
	switch {
	case found == integration.RoleNotAsked:
		return nil
	case found == integration.RoleSeen:
		v.Words = "What the key can read fits the role " + role + "."
	case found == integration.RoleTooLow:
		v.Words = "Apple refuses the key something that the access level requires: it needs at least the role " + role + "."
	case !it.RequiredRead():
		v.Words = "We couldn't look yet whether the key has the role " + role + "."
	default:
		v.Words = "We couldn't verify that this key has the role " + role + ": Apple doesn't tell a key's role, " +
			"and reading doesn't show it. The customer can look it up in App Store Connect."
	}
	return v
}

func need(l integration.AccessLevel, c integration.Capability) string {
	switch {
	case l.Requires(c):
		return "required"
	case l.Wants(c):
		return "useful"
	}
	return "none"
}

func can(f integration.Finding) string {
	switch {
	case !f.Known():
		return "unknown"
	case f.Verdict == integration.OK:
		return "yes"
	}
	return "no"
}

func viewCheck(c integration.CheckState) Check {
	return Check{ID: string(c.LastID), LastAt: c.LastAt, Verdict: string(c.Verdict), Reason: string(c.Reason), OKAt: c.OKAt, DueAt: c.DueAt}
}

func viewWatch(c integration.CertificateState) Watch {
	return Watch{
		Serial: c.Serial, Type: c.Type, NotAfter: c.NotAfter, Pinned: c.Pinned, Warned: c.Warned,
		CheckedAt: c.CheckedAt, DueAt: c.DueAt,
	}
}

// viewContact shows names and addresses to support alone.
func viewContact(c integration.Contact, role Role) Contact {
	out := Contact{
		ID: string(c.ID), Duties: each(c.Duties, text), CreatedAt: c.CreatedAt,
		Undeliverable: c.Undeliverable, Erased: c.Address == "",
	}
	if role == Support {
		out.Name, out.Address = c.Name, c.Address
	}
	return out
}
