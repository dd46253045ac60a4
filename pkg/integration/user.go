package integration

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A VendorUser is the vendor's own Apple Account, which the customer adds to
// the team as a user: some vendors sign apps as a person and not with a key.
// The zero value asks for no user, which is right for most integrations.
type VendorUser struct {
	Address string      // the account's e-mail address; empty: no user is asked for
	Role    string      // the role to choose when the user is added, such as "App Manager"
	Needs   []UserRight // what else must be ticked
}

// Asked tells whether the customer is asked for a user at all.
func (u VendorUser) Asked() bool { return u.Address != "" }

// NewVendorUser is a user with the role App Manager and every UserRight. The
// error wraps ErrInvalid and does not repeat the address.
func NewVendorUser(address string) (VendorUser, error) {
	a, err := mail.ParseAddress(address)
	_, domain, _ := strings.Cut(address, "@")
	ascii := len(address) == utf8.RuneCountInString(address)
	if err != nil || a.Address != address || !ascii || !strings.Contains(domain, ".") {
		return VendorUser{}, fmt.Errorf("%w: the vendor's user must be an e-mail address, such as builds@vendor.example", ErrInvalid)
	}
	return VendorUser{Address: address, Role: "App Manager", Needs: UserRights()}, nil
}

// AskForUser gives the levels with the user asked for in those that sign apps,
// which are the ones that watch certificates. The levels given stay as they are.
func AskForUser(levels []AccessLevel, u VendorUser) []AccessLevel {
	out := slices.Clone(levels)
	for i := range out {
		if out[i].WatchesCerts {
			out[i].User = u
		}
	}
	return out
}

// A UserRight is access that a user of a team can be given beside the role.
type UserRight string

const (
	Provisioning UserRight = "provisioning"  // users' provisioningAllowed [SPEC]
	CloudSigning UserRight = "cloud_signing" // users' role CLOUD_MANAGED_APP_DISTRIBUTION [SPEC]
)

// UserRights lists every right, in the order in which Apple's form has them.
func UserRights() []UserRight { return []UserRight{Provisioning, CloudSigning} }

// Title is the right as App Store Connect names it [FIELD].
func (r UserRight) Title() string {
	switch r {
	case Provisioning:
		return "Access to Certificates, Identifiers & Profiles"
	case CloudSigning:
		return "Access to Cloud Managed Distribution Certificate"
	}
	return string(r)
}

// A UserAccess says how far the vendor's user has come in the customer's team.
type UserAccess string

const (
	UserNotAsked   UserAccess = ""           // no level asks for a user, or nobody has got an answer yet
	UserActive     UserAccess = "active"     // a user of the team, with every right
	UserInvited    UserAccess = "invited"    // the vendor has not accepted the invitation yet
	UserMissing    UserAccess = "missing"    // neither a user nor invited
	UserIncomplete UserAccess = "incomplete" // a user of the team who lacks a right
	UserUnknown    UserAccess = "unknown"    // the key may not read the team's users
)

// A UserFinding is what a check found out about the vendor's user. It never
// has a part in a verdict: the key works without.
type UserFinding struct {
	Access  UserAccess
	Missing []UserRight // of a user, or of an invitation
}

// A UserTask says how long the customer has had something to do about the
// vendor's user, as far as Apple shows it.
type UserTask struct {
	Since    time.Time // of the first reading that says so; zero: nothing is to be done
	Reminded int       // reminders sent
}

// userReminders are when the contacts are reminded of the vendor's user,
// counted from the first reading, or from the acceptance of a later key.
var userReminders = [...]time.Duration{3 * day, 10 * day}

// userReminderAt is when the contacts are reminded of the user next; zero:
// never. While the key has a problem, they hear of that.
func (it Integration) userReminderAt() time.Time {
	task := it.UserTask
	if it.State != Active || !it.Access.User.Asked() || task.Since.IsZero() || task.Reminded >= len(userReminders) {
		return time.Time{}
	}
	from := task.Since
	if it.Key.AcceptedAt.After(from) {
		from = it.Key.AcceptedAt
	}
	return from.Add(userReminders[task.Reminded])
}

// remindOfUser sends the latest reminder that is due, and only that. It goes
// out with a reading that says, as the one before did, that the user is missing
// or lacks access, and never on old news.
func (c *change) remindOfUser(before, found UserFinding, fleet FleetView) {
	task := &c.it.UserTask
	if !before.Wanting() || !found.Wanting() || fleet.Hold {
		return
	}
	reminded := task.Reminded
	for at := c.it.userReminderAt(); !at.IsZero() && !at.After(c.now); at = c.it.userReminderAt() {
		task.Reminded++
	}
	if task.Reminded > reminded {
		occasion := task.Since.UTC().Format(time.RFC3339) + "-" + itoa(task.Reminded)
		c.notice(NoticeUserReminder, ToAdmin, occasion, Notice{Facts: Facts{Since: task.Since}})
	}
}

// Wanting tells whether the customer must do something about the user.
func (f UserFinding) Wanting() bool {
	return f.Access == UserMissing || f.Access == UserIncomplete || f.Access == UserInvited && len(f.Missing) > 0
}
