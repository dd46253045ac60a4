package integration

import "slices"

// A RoleFinding says whether a key was seen to have the role that its access
// level asks for. No answer of Apple's names a key's role, and Apple publishes
// no matrix of endpoints and roles: only what a key may read can be tried
// without changing anything at Apple.
type RoleFinding string

const (
	RoleNotAsked   RoleFinding = ""             // there is no key, or the level names no role
	RoleSeen       RoleFinding = "yes"          // what was read shows the role, or all that the level needs
	RoleTooLow     RoleFinding = "no"           // Apple refuses something that the level requires
	RoleUnverified RoleFinding = "not_verified" // it reads what is required; whether it may also write cannot be seen
)

// RoleFound reports what the last full check showed of the key's role.
//
// Reading the team's users shows App Manager at least: clients take it for a
// sign of Admin [FIELD], and Apple's help lets nobody below App Manager manage
// users [APPLE]. That a key reads apps, certificates, profiles and builds tells
// App Manager from Developer in no way that Apple promises.
func (it Integration) RoleFound() RoleFinding {
	if it.Key == nil || it.Access.Role == "" {
		return RoleNotAsked
	}
	blocked := func(c Capability) bool {
		f := it.finding(c)
		return f.Verdict == Blocked && f.Reason == Role
	}
	switch {
	case slices.ContainsFunc(it.Access.Required, blocked):
		return RoleTooLow
	case it.RequiredRead() && (it.Access.ReadOnly || it.finding(Users).Verdict == OK):
		return RoleSeen
	}
	return RoleUnverified
}

// RequiredRead reports whether the last full check read everything that the
// access level requires. An agreement that is missing can be why it did not.
func (it Integration) RequiredRead() bool {
	return !slices.ContainsFunc(it.Access.Required, func(c Capability) bool { return it.finding(c).Verdict != OK })
}

// finding is what the last full check found of a capability; the zero Finding
// where it did not ask.
func (it Integration) finding(c Capability) Finding {
	if i := slices.IndexFunc(it.Findings, func(f Finding) bool { return f.Capability == c }); i >= 0 {
		return it.Findings[i]
	}
	return Finding{}
}
