package operator

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"keyward/pkg/integration"
	"keyward/pkg/mailaddress"
)

// A VendorUser is the vendor's own Apple Account, which the customer is asked
// to add as a user of the team.
type VendorUser struct {
	Address string   `json:"address"` // the vendor's, no contact's
	Role    string   `json:"role"`    // for the customer to choose at Apple
	Needs   []string `json:"needs"`   // see integration.UserRight
}

// A UserFinding is what the last full check found out about the vendor's user.
type UserFinding struct {
	Access  string   `json:"access"`            // active, invited, missing, incomplete or unknown
	Missing []string `json:"missing,omitempty"` // see integration.UserRight
	Words   string   `json:"words"`             // all of it, to a person
}

func viewUser(u integration.VendorUser) *VendorUser {
	if !u.Asked() {
		return nil
	}
	return &VendorUser{Address: u.Address, Role: u.Role, Needs: each(u.Needs, text)}
}

func viewUserFinding(it integration.Integration) *UserFinding {
	if !it.Access.User.Asked() {
		return nil
	}
	f := &UserFinding{Access: string(it.User.Access), Missing: each(it.User.Missing, text), Words: userWords(it)}
	if it.User.Access == integration.UserNotAsked {
		f.Access = string(integration.UserUnknown)
	}
	return f
}

// userWords say how it is with the vendor's user, and who acts.
func userWords(it integration.Integration) string {
	lacks := ""
	if titles := each(it.User.Missing, integration.UserRight.Title); len(titles) > 0 {
		lacks = ` but lacks "` + strings.Join(titles, `" and "`) + `". The customer has to tick that under Users and Access.`
	}
	switch it.User.Access {
	case integration.UserActive:
		return "It is a user of the team, with the access that it needs."
	case integration.UserIncomplete:
		return "It is a user of the team," + lacks
	case integration.UserInvited:
		if lacks != "" {
			return "It is invited to the team," + lacks
		}
		return "It is invited to the team. Accept the invitation in the mail that Apple sent to it."
	case integration.UserMissing:
		return "It is neither a user of the team nor invited. The customer has to add it under Users and Access."
	case integration.UserUnknown:
		return "The key may not read the team's users, so nobody can tell from here. Ask the customer, or look for Apple's invitation."
	}
	return "No check has been able to look for it yet."
}

// checkLevels wants levels that can be shown and verified.
func checkLevels(levels []integration.AccessLevel) error {
	var errs []error
	for _, l := range levels {
		if !l.User.Asked() {
			continue
		}
		if _, err := mailaddress.Parse(l.User.Address); err != nil {
			errs = append(errs, fmt.Errorf("access level %q: User.Address is no e-mail address", l.Name))
		}
		for _, r := range l.User.Needs {
			if !slices.Contains(integration.UserRights(), r) {
				errs = append(errs, fmt.Errorf("access level %q: User.Needs has %q; choose from %q", l.Name, r, integration.UserRights()))
			}
		}
	}
	return errors.Join(errs...)
}
