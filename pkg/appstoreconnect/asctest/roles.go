package asctest

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
// such matrix: this one is an assumption [GUESS], pieced together from what
// Apple's help says about people with these roles. In particular it is
// contradictory in the field whether App Manager keys read certificates; here
// they do.
func DefaultRoles() RoleTable {
	apps := func(a Access, more map[string]Access) map[string]Access {
		row := map[string]Access{
			"apps": Read, "appInfos": Read, "appStoreVersions": Read, "builds": a,
			"preReleaseVersions": Read, "betaGroups": a,
		}
		for k, v := range more {
			row[k] = v
		}
		return row
	}
	return RoleTable{
		Admin:         {"*": Write},
		AccountHolder: {"*": Write},
		AppManager: apps(Write, map[string]Access{
			"apps": Write, "bundleIds": Write, "bundleIdCapabilities": Write, "certificates": Write,
			"profiles": Write, "devices": Write, "customerReviews": Write, "analyticsReportRequests": Read,
			"analyticsReports": Read,
		}),
		Developer: apps(Read, map[string]Access{
			"bundleIds": Read, "bundleIdCapabilities": Read, "certificates": Read, "profiles": Read, "devices": Read,
		}),
		Finance: {"apps": Read, "salesReports": Read, "financeReports": Read,
			"analyticsReportRequests": Read, "analyticsReports": Read},
		Sales: {"apps": Read, "salesReports": Read, "analyticsReportRequests": Read, "analyticsReports": Read},
		AccessToReports: {"apps": Read, "salesReports": Read,
			"analyticsReportRequests": Read, "analyticsReports": Read},
		CustomerSupport: apps(Read, map[string]Access{"customerReviews": Write}),
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
