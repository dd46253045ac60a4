package asctest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/appstoreconnect/asctest/internal/digest"
)

// Every operation of the digest is asked for in every way that the digest
// allows, and every answer must have the shape that it promises.

// samples are the IDs of a resource of each type.
func samples(t *testing.T, w *world) map[string]string {
	t.Helper()
	for _, certType := range []string{"DISTRIBUTION", "IOS_DISTRIBUTION", "DEVELOPMENT", "MAC_APP_DISTRIBUTION"} {
		must(w.IssueCertificate(w.team.TeamID, certType, nil, 0))(t)
	}
	app := w.team.Apps[0]
	if err := w.IssueProfile(w.team.TeamID, "Store", "IOS_APP_STORE", app.BundleID); err != nil {
		t.Fatal(err)
	}
	r := w.call(w.key, "POST", "/v1/analyticsReportRequests", `{"data":{"type":"analyticsReportRequests",
		"attributes":{"accessType":"ONGOING"},"relationships":{"app":{"data":{"type":"apps","id":"`+app.ID+`"}}}}}`)
	ids := map[string]string{"apps": app.ID, "analyticsReportRequests": r.one(t).ID}
	for _, kind := range []string{"builds", "bundleIds", "certificates", "devices", "preReleaseVersions", "profiles",
		"users", "userInvitations", "betaGroups"} {
		ids[kind] = w.get("/v1/" + kind).list(t)[0].ID
	}
	for _, kind := range []string{"appInfos", "appStoreVersions", "customerReviews"} {
		ids[kind] = w.get("/v1/apps/" + app.ID + "/" + kind).list(t)[0].ID
	}
	return ids
}

func TestEveryGetHasItsShape(t *testing.T) {
	w := newWorld(t, func(c *asctest.Config) { c.RateLimit, c.RefusedCertificateTypes = -1, []string{} })
	ids := samples(t, w)
	d := digest.Load()
	asked := 0
	for name, op := range d.Operations {
		path, isGet := strings.CutPrefix(name, "GET ")
		if !isGet || strings.HasSuffix(path, "Reports") {
			continue
		}
		kind, _, _ := strings.Cut(strings.TrimPrefix(path, "/v1/"), "/")
		target := strings.Replace(path, "{id}", ids[kind], 1)
		for _, query := range queries(op) {
			asked++
			r := w.get(target + query)
			if r.Status == 404 && strings.HasSuffix(path, "passTypeId") {
				checkError(t, d, name, r)
				continue
			}
			if r.Status != 200 {
				t.Errorf("GET %s%s: %d %s", path, query, r.Status, r.Body)
				continue
			}
			check(t, d, name+query, op.Responses["200"], r.Body)
		}
	}
	if asked < 500 {
		t.Errorf("only %d requests were made: the digest is not what it was", asked)
	}
}

// queries tries an operation plain, and with every parameter that the document
// has, each value by itself.
func queries(op digest.Operation) []string {
	out := []string{""}
	all := ""
	for name, p := range op.Params {
		switch {
		case p.Type == "integer":
			out = append(out, "?"+name+"=1", "?"+name+"="+strconv.Itoa(p.Max))
		case len(p.Enum) > 0:
			for _, v := range tried(name, p.Enum) {
				out = append(out, "?"+name+"="+v)
			}
			out = append(out, "?"+name+"="+strings.Join(p.Enum, ","))
		default:
			out = append(out, "?"+name+"=x")
		}
		if name == "include" {
			all = "?include=" + strings.Join(p.Enum, ",")
		}
	}
	return append(out, all)
}

// tried are the values to try by themselves: of fields a few will do.
func tried(name string, values []string) []string {
	if strings.HasPrefix(name, "fields[") {
		return values[:min(2, len(values))]
	}
	return values
}

func check(t *testing.T, d *digest.Digest, name, schema string, body []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	dropNulls(v)
	if err := d.Check(&digest.Shape{Ref: schema}, v); err != nil {
		t.Errorf("%s: %v\n%s", name, err, body)
	}
}

// dropNulls takes attributes away that are null. Apple sends them for what is
// not set, and csrContent with every certificate, where the document has them
// left out: codemagic's cli-tools fail without them [FIELD].
func dropNulls(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			dropNulls(e)
		}
	case map[string]any:
		for name, e := range v {
			if name == "attributes" {
				maps.DeleteFunc(e.(map[string]any), func(_ string, a any) bool { return a == nil })
			}
			dropNulls(e)
		}
	}
}

// checkError holds an error to the document, and its status to itself.
func checkError(t *testing.T, d *digest.Digest, name string, r reply) {
	t.Helper()
	check(t, d, name, "ErrorResponse", r.Body)
	for _, e := range r.Doc.Errors {
		if e.Status != fmt.Sprint(r.Status) || e.Detail == "" || e.ID == "" {
			t.Errorf("%s: %+v under status %d", name, e, r.Status)
		}
	}
	if len(r.Doc.Errors) == 0 {
		t.Errorf("%s: no errors in %s", name, r.Body)
	}
}

// One request that succeeds for each operation that writes, in an order in
// which each finds what it needs.
func TestEveryWriteHasItsShape(t *testing.T) {
	w := newWorld(t)
	ids := samples(t, w)
	d := digest.Load()
	done := map[string]bool{}
	do := func(method, template, data string, want int) object {
		t.Helper()
		kind, _, _ := strings.Cut(strings.TrimPrefix(template, "/v1/"), "/")
		name := method + " " + template
		op, ok := d.Operations[name]
		if !ok {
			t.Fatalf("%s is not in the digest", name)
		}
		if op.Request != "" && data != "" {
			check(t, d, name+" request", op.Request, []byte(`{"data":`+data+`}`))
		}
		r := w.call(w.key, method, strings.Replace(template, "{id}", ids[kind], 1), `{"data":`+data+`}`)
		done[name] = true
		if r.Status != want {
			t.Fatalf("%s: %d %s", name, r.Status, r.Body)
		}
		schema, documented := op.Responses[strconv.Itoa(want)]
		if !documented {
			t.Errorf("%s: the document has no %d", name, want)
		}
		if schema == "" {
			if len(r.Body) > 0 {
				t.Errorf("%s: a body where there is none", name)
			}
			return object{}
		}
		check(t, d, name, schema, r.Body)
		return r.one(t)
	}
	patch := func(kind, attributes string) {
		t.Helper()
		do("PATCH", "/v1/"+kind+"/{id}", `{"type":"`+kind+`","id":"`+ids[kind]+`","attributes":`+attributes+`}`, 200)
	}
	patch("apps", `{"primaryLocale":"de-DE"}`)
	patch("builds", `{"expired":true}`)
	patch("certificates", `{"activated":false}`)
	patch("devices", `{"status":"DISABLED"}`)
	patch("users", `{"roles":["ADMIN"],"provisioningAllowed":true}`)

	ids["bundleIds"] = do("POST", "/v1/bundleIds", `{"type":"bundleIds","attributes":{"identifier":"org.example.two","name":"Two","platform":"IOS"}}`, 201).ID
	bundle := `{"data":{"type":"bundleIds","id":"` + ids["bundleIds"] + `"}}`
	patch("bundleIds", `{"name":"Two again"}`)
	ids["bundleIdCapabilities"] = do("POST", "/v1/bundleIdCapabilities", `{"type":"bundleIdCapabilities",
		"attributes":{"capabilityType":"PUSH_NOTIFICATIONS","settings":[]},"relationships":{"bundleId":`+bundle+`}}`, 201).ID
	patch("bundleIdCapabilities", `{"settings":[]}`)
	ids["profiles"] = do("POST", "/v1/profiles", `{"type":"profiles","attributes":{"name":"Two","profileType":"IOS_APP_STORE"},
		"relationships":{"bundleId":`+bundle+`,"certificates":{"data":[{"type":"certificates","id":"`+ids["certificates"]+`"}]}}}`, 201).ID
	do("POST", "/v1/certificates", mustJSON(t, map[string]any{"type": "certificates", "attributes": map[string]string{
		"csrContent": mustCSR(t, 2048), "certificateType": "IOS_DISTRIBUTION"}}), 201)
	do("POST", "/v1/devices", `{"type":"devices","attributes":{"name":"Pad","udid":"0000-1","platform":"IOS"}}`, 201)
	ids["userInvitations"] = do("POST", "/v1/userInvitations", `{"type":"userInvitations","attributes":{
		"email":"a@b.example","firstName":"A","lastName":"B","roles":["DEVELOPER"]}}`, 201).ID
	ids["analyticsReportRequests"] = do("POST", "/v1/analyticsReportRequests", `{"type":"analyticsReportRequests",
		"attributes":{"accessType":"ONE_TIME_SNAPSHOT"},"relationships":{"app":{"data":{"type":"apps","id":"`+ids["apps"]+`"}}}}`, 201).ID

	apps := `[{"type":"apps","id":"` + ids["apps"] + `"}]`
	for _, method := range []string{"POST", "PATCH", "DELETE"} {
		do(method, "/v1/users/{id}/relationships/visibleApps", apps, 204)
	}
	for _, kind := range []string{"certificates", "profiles", "bundleIdCapabilities", "bundleIds", "userInvitations",
		"analyticsReportRequests"} {
		do("DELETE", "/v1/"+kind+"/{id}", "", 204)
	}
	ids["users"] = w.team.Users[1].ID
	do("DELETE", "/v1/users/{id}", "", 204)

	for name := range d.Operations {
		if !strings.HasPrefix(name, "GET ") && !done[name] {
			t.Errorf("%s is served and was not tried", name)
		}
	}
}

func TestReports(t *testing.T) {
	w := newWorld(t)
	good := "/v1/salesReports?filter[vendorNumber]=" + w.team.VendorNumber +
		"&filter[reportType]=SALES&filter[reportSubType]=SUMMARY&filter[frequency]=DAILY"
	r := w.get(good)
	if r.Status != 200 || r.Header.Get("Content-Type") != "application/a-gzip" || len(r.Body) == 0 || r.Body[0] != 0x1f {
		t.Errorf("got %d, %q", r.Status, r.Header.Get("Content-Type"))
	}
	for target, code := range map[string]string{
		"/v1/salesReports": "PARAMETER_ERROR.REQUIRED",
		strings.Replace(good, w.team.VendorNumber, "123", 1): "PARAMETER_ERROR.INVALID",
		strings.Replace(good, "DAILY", "HOURLY", 1):          "PARAMETER_ERROR.INVALID",
	} {
		if r := w.get(target); r.Status != 400 || r.code() != code {
			t.Errorf("%s: %d %s, want %s", target, r.Status, r.code(), code)
		}
	}
}
