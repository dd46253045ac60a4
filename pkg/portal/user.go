package portal

import "keyward/pkg/integration"

// A userPart is what pages say of the vendor's user, whom some access levels
// ask the customer to add to the team.
type userPart struct {
	Vendor  Vendor
	Address string
	Role    string
	Rights  []string // all that must be ticked, as Apple names it
	Missing []string // of a user or an invitation that is there
	Access  integration.UserAccess
	Wanting bool // the customer must do something
	Settled bool // nothing is left for the customer to do
}

// userOf is nil where no user is asked for.
func userOf(v Vendor, it integration.Integration) *userPart {
	asked, found := it.Access.User, it.User
	if !asked.Asked() {
		return nil
	}
	return &userPart{
		Vendor: v, Address: asked.Address, Role: asked.Role, Rights: rightTitles(asked.Needs), Missing: rightTitles(found.Missing),
		Access: found.Access, Wanting: found.Wanting(),
		Settled: !found.Wanting() && (found.Access == integration.UserActive || found.Access == integration.UserInvited),
	}
}

func rightTitles(rights []integration.UserRight) []string {
	titles := make([]string, len(rights))
	for i, r := range rights {
		titles[i] = r.Title()
	}
	return titles
}
