package integration

import (
	"fmt"
	"slices"
	"time"
)

// An AccessLevel is what an integration must be able to do: a named set of
// capabilities, required or useful. Each integration carries a copy, so that
// a change of the vendor's levels never changes what was agreed.
type AccessLevel struct {
	Name     string
	Title    string // for pages and mails, such as "Publish your app"
	Role     string // the role to choose when the customer makes the key, such as "App Manager"
	Required []Capability
	Useful   []Capability

	NeedsApp        bool // an integration without a visible app is blocked
	WatchesCerts    bool // the distribution certificate is watched
	AllowIndividual bool // an individual key will do

	Reauthorise Reauthorise
	User        VendorUser // the vendor's own user, where the customer is to add one
}

// Reauthorise asks the contact to confirm the integration, or to replace its
// key, every so often. The zero value asks for nothing.
type Reauthorise struct {
	Every   time.Duration // 0: never
	Enforce bool          // overdue deactivates; otherwise support is told
}

// Levels are the access levels that a vendor offers when it names none of
// its own.
func Levels() []AccessLevel {
	return []AccessLevel{
		{
			Name: "publish", Title: "Build and publish your app", Role: "App Manager",
			Required: []Capability{Apps, Certificates, Profiles, BundleIDs},
			Useful:   []Capability{Builds, Users}, WatchesCerts: true,
		},
		{
			Name: "insights", Title: "Read reviews and reports", Role: "Admin",
			Required: []Capability{Apps, Reviews, Reports},
			Useful:   []Capability{Builds}, NeedsApp: true, AllowIndividual: true,
		},
		{
			Name: "full", Title: "Full access", Role: "Admin",
			Required: Capabilities(), NeedsApp: true, WatchesCerts: true,
		},
	}
}

// LevelNamed finds an access level. The error names those that exist.
func LevelNamed(levels []AccessLevel, name string) (AccessLevel, error) {
	names := make([]string, 0, len(levels))
	for _, l := range levels {
		if l.Name == name {
			return l, nil
		}
		names = append(names, l.Name)
	}
	return AccessLevel{}, fmt.Errorf("%w: no access level %q; choose one of %q", ErrInvalid, name, names)
}

// Requires tells whether the level needs the capability.
func (l AccessLevel) Requires(c Capability) bool { return slices.Contains(l.Required, c) }

// Wants tells whether the level needs the capability or has a use for it.
func (l AccessLevel) Wants(c Capability) bool {
	return l.Requires(c) || slices.Contains(l.Useful, c)
}
