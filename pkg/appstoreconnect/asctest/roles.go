package asctest

import "maps"

// A Role is a role at App Store Connect, of a user or of a key.
type Role string

// The roles of Apple's document. Team keys can have those from Admin to
// Marketing.
const (
	Admin           Role = "ADMIN"
	AppManager      Role = "APP_MANAGER"
	Developer       Role = "DEVELOPER"
	Finance         Role = "FINANCE"
	Sales           Role = "SALES"
	CustomerSupport Role = "CUSTOMER_SUPPORT"
	Marketing       Role = "MARKETING"
	AccountHolder   Role = "ACCOUNT_HOLDER"
	AccessToReports Role = "ACCESS_TO_REPORTS"
)

// KeyRoles lists the roles that a team key can have.
func KeyRoles() []Role {
	return []Role{Admin, AppManager, Developer, Finance, Sales, CustomerSupport, Marketing}
}

// An Access is what a role may do with a type of resource.
type Access int

const (
	None  Access = iota
	Read         // GET
	Write        // GET, POST, PATCH and DELETE
)

// A RoleTable says for each role what it may do with each resource type, by
// the name in the path, such as "certificates". "*" stands for every type that
// the role's row does not name.
type RoleTable map[Role]map[string]Access

// DefaultRoles is the table used when Config names none. Apple publishes no
// matrix of endpoints and roles, so each line says what it rests on. [APPLE] is
// Apple's word, if about people with the role more often than about keys;
// [FIELD] was seen with keys; the rest is a guess [GUESS].
//
//   - Admin and Account Holder do everything [APPLE].
//   - Users are read by Admin keys [FIELD]. That App Manager keys do not is a
//     guess: Apple's help lets App Managers add users.
//   - Distribution certificates are made by Admins and the Account Holder
//     [APPLE: Account Help, "Certificates overview"]; reports disagree whether a
//     key of an App Manager makes any. Here it reads them alone.
//   - Apps can be listed by every role [FIELD]; bundle IDs, profiles and devices
//     are written by App Managers and read by Developers [GUESS].
//   - A Developer key changes nothing about builds and testers [FIELD:
//     fastlane/docs#1050].
//   - Analytics reports are requested by Admin, and read by Admin, Sales and
//     Finance [APPLE: App Store Connect API, "Analytics"].
//   - A Customer Support key reads reviews and is refused when it answers them
//     [FIELD: Apple's developer forums, thread 770673]; that App Manager and
//     Marketing read them too is a guess.
func DefaultRoles() RoleTable {
	apps := func(a Access, more map[string]Access) map[string]Access {
		row := map[string]Access{
			"apps": Read, "appInfos": Read, "appStoreVersions": Read, "builds": a,
			"preReleaseVersions": Read, "betaGroups": a,
		}
		maps.Copy(row, more)
		return row
	}
	reports := func(more map[string]Access) map[string]Access {
		row := map[string]Access{"apps": Read, "salesReports": Read, "analyticsReportRequests": Read, "analyticsReports": Read}
		maps.Copy(row, more)
		return row
	}
	return RoleTable{
		Admin:         {"*": Write},
		AccountHolder: {"*": Write},
		AppManager: apps(Write, map[string]Access{
			"apps": Write, "bundleIds": Write, "bundleIdCapabilities": Write, "certificates": Read,
			"profiles": Write, "devices": Write, "customerReviews": Read,
		}),
		Developer: apps(Read, map[string]Access{
			"bundleIds": Read, "bundleIdCapabilities": Read, "certificates": Read, "profiles": Read, "devices": Read,
		}),
		Finance:         reports(map[string]Access{"financeReports": Read}),
		Sales:           reports(nil),
		AccessToReports: reports(nil),
		CustomerSupport: apps(Read, map[string]Access{"customerReviews": Read}),
		Marketing:       apps(Read, map[string]Access{"customerReviews": Read}),
	}
}

// allows tells whether any of the roles has the access.
func (t RoleTable) allows(roles []Role, resource string, want Access) bool {
	for _, r := range roles {
		have, named := t[r][resource]
		if !named {
			have = t[r]["*"]
		}
		if have >= want {
			return true
		}
	}
	return false
}

// individualRefuses lists what individual keys cannot use whatever the user's
// role: the provisioning endpoints, sales and finance [APPLE].
func individualRefuses(resource string) bool {
	return oneOf(resource, []string{
		"certificates", "profiles", "bundleIds", "bundleIdCapabilities", "devices", "salesReports", "financeReports",
	})
}
