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
	Role     string // the least role to choose when the customer makes the key, such as "App Manager"
	RoleWhy  string // why it must be that role, in a sentence or two for the customer; may be empty
	Required []Capability
	Useful   []Capability
	ReadOnly bool // the vendor changes nothing at Apple: what a key may do is all that it may read

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
// its own. Each names the least role that will do, as far as is known:
//
//   - publish: "App Manager" manages "app development and delivery" and App
//     Store information; "Developer" manages delivery only [APPLE: App Store
//     Connect Help, "Role permissions"]. A Developer key uploads builds, and is
//     refused when it sets what testers are told [FIELD: fastlane/docs#1050].
//   - insights: "Customer Support" reads customer reviews [FIELD: Apple's
//     developer forums, thread 770673]. Analytics reports take Admin, Sales and
//     Reports, or Finance [APPLE: App Store Connect API, "Analytics"]. A key can
//     have several roles [APPLE: "Creating API Keys for App Store Connect API"].
//   - full: only Admin requests an app's analytics reports for the first time
//     [APPLE: "Downloading Analytics Reports"], and reading users is taken for a
//     sign of Admin [FIELD].
func Levels() []AccessLevel {
	return []AccessLevel{
		{
			Name: "publish", Title: "Build and publish your app", Role: "App Manager",
			RoleWhy: "App Manager is the lowest role that can prepare and submit versions of your app. " +
				"Developer can only upload builds.",
			Required: []Capability{Apps, Certificates, Profiles, BundleIDs},
			Useful:   []Capability{Builds, Users}, WatchesCerts: true,
		},
		{
			Name: "insights", Title: "Read reviews and reports", Role: "Customer Support + Sales and Reports",
			RoleWhy: "Customer Support can read reviews, and Sales and Reports can read sales and analytics reports. " +
				"One key can have both roles, and needs no higher one.",
			Required: []Capability{Apps, Reviews, Reports}, ReadOnly: true,
			Useful: []Capability{Builds}, NeedsApp: true, AllowIndividual: true,
		},
		{
			Name: "full", Title: "Full access", Role: "Admin",
			RoleWhy: "Full access includes reading the users of your team and requesting analytics reports for the first time. " +
				"Only Admin can do both.",
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
