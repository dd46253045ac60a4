package asctest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/appstoreconnect/asctest/internal/digest"
)

// The rows of the table of errors that a team's state and a key's role lead to.
func TestBlockedTeams(t *testing.T) {
	for _, tt := range []struct {
		name, code, says string
		change           func(*world) error
	}{
		{"agreement missing or expired", "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED", "agreement",
			func(w *world) error { return w.SetAgreement(w.team.TeamID, asctest.AgreementExpired) }},
		{"new licence not accepted", "FORBIDDEN_ERROR.PLA_NOT_ACCEPTED", "Program License Agreement",
			func(w *world) error { return w.SetAgreement(w.team.TeamID, asctest.AgreementNewLicense) }},
		{"new licence, older form", "FORBIDDEN", "License Agreement",
			func(w *world) error { return w.SetAgreement(w.team.TeamID, asctest.AgreementNewOld) }},
		{"membership lapsed", "FORBIDDEN_ERROR", "not associated with an active membership",
			func(w *world) error { return w.SetMembership(w.team.TeamID, asctest.MembershipLapsed) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			if err := tt.change(w); err != nil {
				t.Fatal(err)
			}
			for _, target := range []string{"/v1/apps", "/v1/certificates", "/v1/users"} {
				r := w.get(target)
				if r.Status != 403 || r.code() != tt.code || !strings.Contains(r.Doc.Errors[0].Detail, tt.says) {
					t.Errorf("%s: %d %s", target, r.Status, r.Body)
				}
				if !strings.Contains(r.Doc.Errors[0].Detail, "Ines Oyelaran") {
					t.Error("the detail does not have the Account Holder's name")
				}
			}
			if err := w.SetAgreement(w.team.TeamID, asctest.AgreementOK); err != nil {
				t.Fatal(err)
			}
			if err := w.SetMembership(w.team.TeamID, asctest.MembershipActive); err != nil {
				t.Fatal(err)
			}
			if r := w.get("/v1/apps"); r.Status != 200 {
				t.Errorf("afterwards: %d", r.Status)
			}
		})
	}
	w := newWorld(t)
	if w.SetAgreement(w.team.TeamID, "odd") == nil || w.SetAgreement("NOSUCHTEAM", asctest.AgreementOK) == nil ||
		w.SetMembership(w.team.TeamID, "odd") == nil {
		t.Error("a state or a team that does not exist is no error")
	}
}

func TestRoles(t *testing.T) {
	for _, tt := range []struct {
		role        asctest.Role
		can, cannot string
	}{
		{asctest.Admin, "apps users certificates bundleIds profiles devices builds userInvitations", ""},
		{asctest.AppManager, "apps builds certificates bundleIds profiles devices", "users userInvitations"},
		{asctest.Developer, "apps builds certificates bundleIds profiles devices", "users"},
		{asctest.Marketing, "apps builds", "certificates bundleIds profiles devices users"},
		{asctest.CustomerSupport, "apps builds", "certificates users"},
		{asctest.Sales, "apps", "builds certificates users"},
		{asctest.Finance, "apps", "builds certificates users"},
	} {
		t.Run(string(tt.role), func(t *testing.T) {
			w := newWorld(t)
			key := must(w.NewKey(w.team.TeamID, tt.role))(t)
			for _, kind := range strings.Fields(tt.can) {
				if r := w.call(key, "GET", "/v1/"+kind, ""); r.Status != 200 {
					t.Errorf("%s: %d", kind, r.Status)
				}
			}
			for _, kind := range strings.Fields(tt.cannot) {
				if r := w.call(key, "GET", "/v1/"+kind, ""); r.Status != 403 || r.code() != "FORBIDDEN_ERROR" {
					t.Errorf("%s: %d %s", kind, r.Status, r.code())
				}
			}
		})
	}
	w := newWorld(t)
	if _, err := w.NewKey(w.team.TeamID, asctest.AccountHolder); err == nil {
		t.Error("a key can be Account Holder")
	}
	if err := w.SetRoles(w.key.KeyID, asctest.Sales); err != nil {
		t.Fatal(err)
	}
	if r := w.get("/v1/users"); r.Status != 403 {
		t.Errorf("after the role was lowered: %d", r.Status)
	}
}

// The cells of the table of roles that rest on more than a guess, as answers.
func TestRolesThatAreKnown(t *testing.T) {
	w := newWorld(t)
	app := `"relationships":{"app":{"data":{"type":"apps","id":"` + w.team.Apps[0].ID + `"}}}`
	reviews, requests := "/v1/apps/"+w.team.Apps[0].ID+"/customerReviews", "/v1/apps/"+w.team.Apps[0].ID+"/analyticsReportRequests"
	request := func(kind string) string {
		return `{"data":{"type":"analyticsReportRequests","attributes":{"accessType":"` + kind + `"},` + app + `}}`
	}
	certificate := mustJSON(t, map[string]any{"data": map[string]any{"type": "certificates", "attributes": map[string]string{
		"csrContent": mustCSR(t, 2048), "certificateType": "DISTRIBUTION"}}})
	for _, tt := range []struct {
		role         asctest.Role
		method, path string
		body         string
		status       int
	}{
		{asctest.Admin, "POST", "/v1/analyticsReportRequests", request("ONGOING"), 201},
		{asctest.Sales, "POST", "/v1/analyticsReportRequests", request("ONE_TIME_SNAPSHOT"), 403},
		{asctest.Finance, "POST", "/v1/analyticsReportRequests", request("ONE_TIME_SNAPSHOT"), 403},
		{asctest.Sales, "GET", requests, "", 200},
		{asctest.Finance, "GET", requests, "", 200},
		{asctest.AppManager, "GET", requests, "", 403},
		{asctest.Developer, "GET", requests, "", 403},
		{asctest.CustomerSupport, "GET", reviews, "", 200},
		{asctest.Sales, "GET", reviews, "", 403},
		{asctest.Admin, "POST", "/v1/certificates", certificate, 201},
		{asctest.AppManager, "POST", "/v1/certificates", certificate, 403},
		{asctest.AppManager, "GET", "/v1/certificates", "", 200},
		{asctest.Developer, "POST", "/v1/certificates", certificate, 403},
	} {
		key := must(w.NewKey(w.team.TeamID, tt.role))(t)
		if r := w.call(key, tt.method, tt.path, tt.body); r.Status != tt.status {
			t.Errorf("%s: %s %s: %d %s, want %d", tt.role, tt.method, tt.path, r.Status, r.code(), tt.status)
		}
	}
}

func TestReadingIsNotWriting(t *testing.T) {
	w := newWorld(t)
	key := must(w.NewKey(w.team.TeamID, asctest.Developer))(t)
	r := w.call(key, "POST", "/v1/bundleIds", `{"data":{"type":"bundleIds","attributes":{"identifier":"a.b","name":"B","platform":"IOS"}}}`)
	if r.Status != 403 || r.code() != "FORBIDDEN_ERROR" {
		t.Errorf("got %d %s", r.Status, r.code())
	}
}

func TestIndividualKeysHaveNoProvisioning(t *testing.T) {
	w := newWorld(t)
	key := must(w.NewIndividualKey(w.team.TeamID, w.team.Users[0].Username))(t)
	sales := "/v1/salesReports?filter[vendorNumber]=1&filter[reportType]=SALES&filter[reportSubType]=SUMMARY&filter[frequency]=DAILY"
	for _, target := range []string{"/v1/certificates", "/v1/profiles", "/v1/bundleIds", "/v1/devices", sales} {
		if r := w.call(key, "GET", target, ""); r.Status != 403 || r.code() != "FORBIDDEN_ERROR" {
			t.Errorf("%s: %d %s", target, r.Status, r.code())
		}
	}
	for _, target := range []string{"/v1/apps", "/v1/users", "/v1/builds"} {
		if r := w.call(key, "GET", target, ""); r.Status != 200 {
			t.Errorf("%s: %d", target, r.Status)
		}
	}
}

func TestRefusedRequests(t *testing.T) {
	w := newWorld(t, func(c *asctest.Config) { c.RefusedCertificateTypes = []string{"IDENTITY_ACCESS"} })
	app := "/v1/apps/" + w.team.Apps[0].ID
	post := func(kind, attributes string) string {
		return `{"data":{"type":"` + kind + `","attributes":` + attributes + `}}`
	}
	for _, tt := range []struct {
		name, method, target, body string
		status                     int
		code                       string
	}{
		{"no such type", "GET", "/v1/widgets", "", 404, "NOT_FOUND"},
		{"no such version", "GET", "/v9/apps", "", 404, "NOT_FOUND"},
		{"no such relationship", "GET", app + "/widgets", "", 404, "NOT_FOUND"},
		{"no such app", "GET", "/v1/apps/1", "", 404, "NOT_FOUND"},
		{"another team's app", "GET", "/v1/apps/" + strangerApp(w), "", 404, "NOT_FOUND"},
		{"empty ID", "GET", "/v1/apps/", "", 404, "NOT_FOUND"},
		{"apps cannot be made", "POST", "/v1/apps", "{}", 403, "FORBIDDEN_ERROR"},
		{"apps cannot be deleted", "DELETE", app, "", 403, "FORBIDDEN_ERROR"},
		{"odd method", "PUT", app, "{}", 405, "METHOD_NOT_ALLOWED"},
		{"no list of versions", "GET", "/v1/appStoreVersions", "", 403, "FORBIDDEN_ERROR"},
		{"change of a list", "PATCH", "/v1/bundleIdCapabilities", "{}", 405, "METHOD_NOT_ALLOWED"},
		{"deletion of a list", "DELETE", "/v1/profiles", "", 405, "METHOD_NOT_ALLOWED"},
		{"creation below an ID", "POST", "/v1/bundleIds/X", "{}", 405, "METHOD_NOT_ALLOWED"},
		{"creation at a related path", "POST", app + "/builds", "{}", 405, "METHOD_NOT_ALLOWED"},
		{"profiles cannot be changed", "PATCH", "/v1/profiles/X", "{}", 403, "FORBIDDEN_ERROR"},
		{"limit beyond 200", "GET", "/v1/apps?limit=201", "", 400, "PARAMETER_ERROR.INVALID"},
		{"limit 0", "GET", "/v1/apps?limit=0", "", 400, "PARAMETER_ERROR.INVALID"},
		{"limit in words", "GET", "/v1/apps?limit=ten", "", 400, "PARAMETER_ERROR.INVALID"},
		{"cursor made up", "GET", "/v1/apps?cursor=xyz", "", 400, "PARAMETER_ERROR.INVALID"},
		{"unknown parameter", "GET", "/v1/apps?page=2", "", 400, "PARAMETER_ERROR.ILLEGAL"},
		{"unknown filter", "GET", "/v1/apps?filter[colour]=red", "", 400, "PARAMETER_ERROR.ILLEGAL"},
		{"unknown field", "GET", "/v1/apps?fields[apps]=colour", "", 400, "PARAMETER_ERROR.INVALID"},
		{"unknown sort", "GET", "/v1/apps?sort=colour", "", 400, "PARAMETER_ERROR.INVALID"},
		{"unknown include", "GET", "/v1/profiles?include=apps", "", 400, "PARAMETER_ERROR.INVALID"},
		{"unknown certificate type", "GET", "/v1/certificates?filter[certificateType]=PAPER", "", 400, "PARAMETER_ERROR.INVALID"},
		{"refused certificate type", "GET", "/v1/certificates?filter[certificateType]=IDENTITY_ACCESS", "", 400, "PARAMETER_ERROR.INVALID"},
		{"not JSON", "POST", "/v1/bundleIds", "{", 400, "ENTITY_INVALID"},
		{"no data", "POST", "/v1/bundleIds", "{}", 422, "ENTITY_UNPROCESSABLE"},
		{"data is a list", "POST", "/v1/bundleIds", `{"data":[]}`, 422, "ENTITY_UNPROCESSABLE"},
		{"wrong type", "POST", "/v1/bundleIds", post("apps", "{}"), 409, "ENTITY_ERROR.TYPE"},
		{"missing attribute", "POST", "/v1/bundleIds", post("bundleIds", `{"name":"B","platform":"IOS"}`), 409, "ENTITY_ERROR.ATTRIBUTE.REQUIRED"},
		{"unknown attribute", "POST", "/v1/bundleIds", post("bundleIds", `{"name":"B","platform":"IOS","identifier":"b","x":1}`), 409, "ENTITY_ERROR.ATTRIBUTE.UNKNOWN"},
		{"attribute of another type", "POST", "/v1/bundleIds", post("bundleIds", `{"name":7,"platform":"IOS","identifier":"b"}`), 409, "ENTITY_ERROR.ATTRIBUTE.INVALID"},
		{"value outside the enumeration", "POST", "/v1/bundleIds", post("bundleIds", `{"name":"B","platform":"WII","identifier":"b"}`), 409, "ENTITY_ERROR.ATTRIBUTE.INVALID"},
		{"taken identifier", "POST", "/v1/bundleIds", post("bundleIds", `{"name":"B","platform":"IOS","identifier":"`+w.team.Apps[0].BundleID+`"}`), 409, "ENTITY_ERROR.ATTRIBUTE.INVALID"},
		{"missing relationship", "POST", "/v1/profiles", post("profiles", `{"name":"P","profileType":"IOS_APP_STORE"}`), 409, "ENTITY_ERROR.RELATIONSHIP.REQUIRED"},
		{"relationship to nothing", "POST", "/v1/analyticsReportRequests", `{"data":{"type":"analyticsReportRequests","attributes":{"accessType":"ONGOING"},"relationships":{"app":{"data":{"type":"apps","id":"1"}}}}}`, 409, "ENTITY_ERROR.RELATIONSHIP.INVALID"},
		{"name with dots", "POST", "/v1/bundleIds", post("bundleIds", `{"name":"Capgo app.capgo.plugin","platform":"IOS","identifier":"b"}`), 409, "ENTITY_ERROR.ATTRIBUTE.INVALID"},
		{"renamed with an ampersand", "PATCH", "/v1/bundleIds/" + w.get("/v1/bundleIds").list(t)[0].ID, `{"data":{"type":"bundleIds","id":"` + w.get("/v1/bundleIds").list(t)[0].ID + `","attributes":{"name":"A & B"}}}`, 409, "ENTITY_ERROR.ATTRIBUTE.INVALID"},
		{"device that is there", "POST", "/v1/devices", post("devices", `{"name":"P","platform":"IOS","udid":"00008140-0011223344556677"}`), 409, "ENTITY_ERROR"},
		{"the same device without its hyphen", "POST", "/v1/devices", post("devices", `{"name":"P","platform":"IOS","udid":"000081400011223344556677"}`), 409, "ENTITY_ERROR"},
		{"unknown relationship", "POST", "/v1/profiles", `{"data":{"type":"profiles","attributes":{"name":"P","profileType":"IOS_APP_STORE"},"relationships":{"x":{"data":[]}}}}`, 409, "ENTITY_ERROR.RELATIONSHIP.UNKNOWN"},
		{"ID of another resource", "PATCH", app, `{"data":{"type":"apps","id":"1"}}`, 409, "ENTITY_ERROR.ID"},
		{"patch of nothing", "PATCH", "/v1/devices/X", `{"data":{"type":"devices","id":"X"}}`, 404, "NOT_FOUND"},
		{"deletion of nothing", "DELETE", "/v1/certificates/X", "", 404, "NOT_FOUND"},
		{"deletion of the Account Holder", "DELETE", "/v1/users/" + w.team.Users[0].ID, "", 409, "ENTITY_ERROR"},
		{"deletion of an app's bundle ID", "DELETE", "/v1/bundleIds/" + w.get("/v1/bundleIds").list(t)[0].ID, "", 409, "ENTITY_ERROR"},
		{"huge body", "POST", "/v1/bundleIds", `"` + strings.Repeat("x", 1<<20) + `"`, 413, "ENTITY_TOO_LARGE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := w.call(w.key, tt.method, tt.target, tt.body)
			if r.Status != tt.status || r.code() != tt.code {
				t.Errorf("got %d %s, want %d %s: %s", r.Status, r.code(), tt.status, tt.code, r.Body)
			}
			checkError(t, digest.Load(), tt.name, r)
		})
	}
}

// strangerApp is an app of another team.
func strangerApp(w *world) string { return w.AddTeam(asctest.Team{}).Apps[0].ID }

func TestAppsCannotBeMade(t *testing.T) {
	r := newWorld(t).callPost("/v1/apps")
	if d := r.Doc.Errors[0].Detail; !strings.HasPrefix(d, "The resource 'apps' does not allow 'CREATE'") {
		t.Errorf("the detail is %q", d)
	}
}

// Details that clients show or look for, word for word.
func TestDetailsOfRefusals(t *testing.T) {
	w := newWorld(t)
	post := func(kind, attributes string) reply {
		return w.call(w.key, "POST", "/v1/"+kind, `{"data":{"type":"`+kind+`","attributes":`+attributes+`}}`)
	}
	for name, tt := range map[string]struct {
		got  reply
		want string
	}{
		"app ID's name": {post("bundleIds", `{"name":"Capgo app.capgo.plugin","platform":"IOS","identifier":"b"}`),
			"'Capgo app.capgo.plugin' is not a valid name for an app id. Please choose a name containing only alphanumeric characters and spaces."},
		"device": {post("devices", `{"name":"P","platform":"IOS","udid":"00008140-0011223344556677"}`),
			"A device with number '00008140-0011223344556677' already exists on this team."},
		"filter": {w.get("/v1/certificates?filter[certificateType]=DEVELOPER_ID_APPLICATION_G2"),
			"'DEVELOPER_ID_APPLICATION_G2' is not a valid filter value. Expected one of: APPLE_PAY, APPLE_PAY_MERCHANT_IDENTITY, " +
				"APPLE_PAY_PSP_IDENTITY, APPLE_PAY_RSA, DEVELOPER_ID_KEXT, DEVELOPER_ID_APPLICATION, DEVELOPMENT, DISTRIBUTION, " +
				"IDENTITY_ACCESS, IOS_DEVELOPMENT, IOS_DISTRIBUTION, MAC_APP_DISTRIBUTION, MAC_INSTALLER_DISTRIBUTION, " +
				"MAC_APP_DEVELOPMENT, PASS_TYPE_ID, PASS_TYPE_ID_WITH_NFC"},
		"method": {w.call(w.key, "PATCH", "/v1/bundleIdCapabilities", "{}"),
			"The request method used for this request is not valid for the resource path. Please consult the documentation."},
		"operation": {w.callPost("/v1/apps"),
			"The resource 'apps' does not allow 'CREATE'. Allowed operations are: GET_COLLECTION, GET_INSTANCE, UPDATE"},
	} {
		if len(tt.got.Doc.Errors) != 1 || tt.got.Doc.Errors[0].Detail != tt.want {
			t.Errorf("%s: got %s\nwant %s", name, tt.got.Body, tt.want)
		}
	}
}

// No error may offer the operation that it refuses, and what an error offers
// must be there.
func TestRefusedOperationsAreNotOffered(t *testing.T) {
	w := newWorld(t)
	kinds := map[string]bool{}
	for name := range digest.Load().Operations {
		kind, _, _ := strings.Cut(name[strings.Index(name, "/v1/")+4:], "/")
		kinds[kind] = true
	}
	for kind := range kinds {
		for _, target := range []string{"/v1/" + kind, "/v1/" + kind + "/X"} {
			for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
				r := w.call(w.key, method, target, "{}")
				if r.Status != 403 {
					continue
				}
				refused, allowed, ok := strings.Cut(r.Doc.Errors[0].Detail, ". Allowed operations are: ")
				_, refused, _ = strings.Cut(refused, "does not allow ")
				if !ok || slices.Contains(strings.Split(allowed, ", "), strings.Trim(refused, "'")) {
					t.Errorf("%s %s: %s", method, target, r.Doc.Errors[0].Detail)
				}
			}
		}
	}
}

func (w *world) callPost(target string) reply { return w.call(w.key, http.MethodPost, target, "{}") }
