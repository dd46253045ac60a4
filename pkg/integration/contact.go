package integration

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// A Duty is what a contact is asked for.
type Duty string

const (
	Admin         Duty = "admin"          // makes and uploads keys
	AccountHolder Duty = "account_holder" // accepts agreements, renews the membership
	Business      Duty = "business"       // signs for the customer; gets the receipt when the integration ends
)

// Valid tells whether d is a duty that Keyward knows.
func (d Duty) Valid() bool { return d == Admin || d == AccountHolder || d == Business }

// A Contact is a person at the customer. Only the contact's item and the mail
// itself hold the address; everything else names the contact by ID, so that
// the address can be erased.
type Contact struct {
	Integration   ID
	ID            ContactID
	Version       int64
	Name          string
	Address       string // e-mail; empty once erased
	Duties        []Duty
	CreatedAt     time.Time
	Undeliverable time.Time // when mail bounced or was complained about; zero: mail arrives
}

// Reachable tells whether mail may be sent to the contact.
func (c Contact) Reachable() bool { return c.Address != "" && c.Undeliverable.IsZero() }

// Recipients orders the contacts whom a notice for the duty may go to: those
// who have the duty, then the admins, then the others; each group in the
// order in which they were added. Unreachable ones are left out.
func Recipients(contacts []Contact, duty Duty) []Contact {
	out := slices.DeleteFunc(slices.Clone(contacts), func(c Contact) bool { return !c.Reachable() })
	rank := func(c Contact) int {
		switch {
		case slices.Contains(c.Duties, duty):
			return 0
		case slices.Contains(c.Duties, Admin):
			return 1
		default:
			return 2
		}
	}
	slices.SortStableFunc(out, func(a, b Contact) int {
		if r := rank(a) - rank(b); r != 0 {
			return r
		}
		if t := a.CreatedAt.Compare(b.CreatedAt); t != 0 {
			return t
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return out
}

// Lookups are the keys under which the contact's integration can be found.
func (c Contact) Lookups() []string {
	if c.Address == "" {
		return nil
	}
	return []string{ByAddress(c.Address)}
}

// ByAddress is the look-up key of an e-mail address: its hash, because
// look-ups outlive the contact in backups.
func ByAddress(address string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(address))))
	return "ADR#" + hex.EncodeToString(sum[:])
}

// ByReference is the look-up key of the vendor's reference. It is unique.
func ByReference(reference string) string { return "REF#" + reference }

// ByTeam is the look-up key of a team ID.
func ByTeam(teamID string) string { return "TEAM#" + teamID }

// ByKeyID is the look-up key of a key ID.
func ByKeyID(keyID string) string { return "KID#" + keyID }

// ByBundleID is the look-up key of an app's bundle ID.
func ByBundleID(bundleID string) string { return "BID#" + strings.ToLower(bundleID) }

// Lookups are the keys under which the integration can be found. The one of
// its reference is unique, the others are not.
func (it Integration) Lookups() []string {
	keys := []string{ByReference(it.Reference)}
	if it.TeamID != "" {
		keys = append(keys, ByTeam(it.TeamID))
	}
	for _, k := range []*Key{it.Key, it.Other} {
		if k != nil {
			keys = append(keys, ByKeyID(k.KeyID))
		}
	}
	for _, a := range it.Apps {
		keys = append(keys, ByBundleID(a.BundleID))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
