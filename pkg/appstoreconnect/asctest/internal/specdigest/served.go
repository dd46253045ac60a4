package main

// served names the operations that the simulator answers.
func served() []string {
	ops := []string{"GET /v1/salesReports", "GET /v1/financeReports"}
	for name, r := range resources() {
		for _, m := range r.collection {
			ops = append(ops, m+" /v1/"+name)
		}
		for _, m := range r.instance {
			ops = append(ops, m+" /v1/"+name+"/{id}")
		}
		for _, rel := range r.related {
			ops = append(ops, "GET /v1/"+name+"/{id}/"+rel, "GET /v1/"+name+"/{id}/relationships/"+rel)
		}
	}
	return append(ops,
		"PATCH /v1/users/{id}/relationships/visibleApps",
		"POST /v1/users/{id}/relationships/visibleApps",
		"DELETE /v1/users/{id}/relationships/visibleApps",
	)
}

// servedTypes names the resource types that can occur in an answer.
func servedTypes() map[string]bool {
	types := map[string]bool{"analyticsReports": true}
	for name := range resources() {
		types[name] = true
	}
	return types
}

// a resource type with the methods of its paths and the related paths.
type resource struct {
	collection, instance, related []string
}

func resources() map[string]resource {
	get := []string{"GET"}
	return map[string]resource{
		"apps": {get, []string{"GET", "PATCH"}, []string{
			"analyticsReportRequests", "appInfos", "appStoreVersions", "betaGroups", "builds",
			"customerReviews", "preReleaseVersions"}},
		"appInfos":         {nil, get, nil},
		"appStoreVersions": {nil, get, []string{"build"}},
		"betaGroups":       {get, get, []string{"app", "builds"}},
		"builds":           {get, []string{"GET", "PATCH"}, []string{"app", "preReleaseVersion"}},
		"bundleIds": {[]string{"GET", "POST"}, []string{"GET", "PATCH", "DELETE"},
			[]string{"app", "bundleIdCapabilities", "profiles"}},
		"bundleIdCapabilities": {[]string{"POST"}, []string{"PATCH", "DELETE"}, nil},
		"certificates": {[]string{"GET", "POST"}, []string{"GET", "PATCH", "DELETE"},
			[]string{"passTypeId"}},
		"customerReviews":    {nil, get, nil},
		"devices":            {[]string{"GET", "POST"}, []string{"GET", "PATCH"}, nil},
		"preReleaseVersions": {get, get, []string{"app", "builds"}},
		"profiles": {[]string{"GET", "POST"}, []string{"GET", "DELETE"},
			[]string{"bundleId", "certificates", "devices"}},
		"users":           {get, []string{"GET", "PATCH", "DELETE"}, []string{"visibleApps"}},
		"userInvitations": {[]string{"GET", "POST"}, []string{"GET", "DELETE"}, []string{"visibleApps"}},
		"analyticsReportRequests": {[]string{"POST"}, []string{"GET", "DELETE"},
			[]string{"reports"}},
	}
}
