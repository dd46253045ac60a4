package asctest_test

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"keyward/pkg/appstoreconnect/asctest"
)

// site is the simulator with its page, as a host mounts it.
func site(t *testing.T) (*world, *httptest.Server) {
	t.Helper()
	w := newWorld(t)
	if err := asctest.SampleTeams(w.Server); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(w.Site())
	t.Cleanup(srv.Close)
	return w, srv
}

type page struct {
	status int
	header http.Header
	body   string
	at     string
}

func visit(t *testing.T, req *http.Request) page {
	t.Helper()
	resp := must(http.DefaultClient.Do(req))(t)
	defer resp.Body.Close()
	return page{resp.StatusCode, resp.Header, string(mustRead(t, resp.Body)), resp.Request.URL.Path}
}

func open(t *testing.T, address string) page {
	t.Helper()
	return visit(t, must(http.NewRequest("GET", address, nil))(t))
}

func submit(t *testing.T, address string, form url.Values, header ...string) page {
	t.Helper()
	req := must(http.NewRequest("POST", address, strings.NewReader(form.Encode())))(t)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return visit(t, req)
}

var linkShape = regexp.MustCompile(`(?:href|action)="([^"]+)"`)

// Every page and every link on it works under the mount path, and no page has
// a script or a style of its own.
func TestPagesAndTheirLinks(t *testing.T) {
	w, srv := site(t)
	must(w.Fail(asctest.Fault{Effect: asctest.Outage, Path: "/v1/users"}))(t)
	w.get("/v1/apps")
	seen := map[string]bool{}
	queue := []string{"/"}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		p := open(t, srv.URL+path)
		if p.status != 200 {
			t.Errorf("%s: %d", path, p.status)
		}
		if !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
			continue
		}
		if csp := p.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: CSP %q", path, csp)
		}
		for _, bad := range []string{"<script", "style=", "<style", "onclick", "-----BEGIN"} {
			if strings.Contains(p.body, bad) {
				t.Errorf("%s has %q", path, bad)
			}
		}
		if !strings.Contains(p.body, `name="viewport"`) || !strings.HasSuffix(strings.TrimSpace(p.body), "</html>") {
			t.Errorf("%s is not a whole page", path)
		}
		for _, m := range linkShape.FindAllStringSubmatch(p.body, -1) {
			link := html.UnescapeString(m[1])
			if !strings.HasPrefix(link, "/simulator/") {
				t.Errorf("%s links to %q", path, link)
			}
			if strings.HasPrefix(m[0], "href") && !seen[link] {
				seen[link] = true
				queue = append(queue, link)
			}
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d links", len(seen))
	}
	if p := open(t, srv.URL+"/simulator/teams/NOSUCHTEAM"); p.status != 404 {
		t.Errorf("an unknown team: %d", p.status)
	}
}

func TestFormsChangeTheSimulator(t *testing.T) {
	w, srv := site(t)
	base, team := srv.URL+"/simulator/", w.team.TeamID
	post := func(path string, pairs ...string) page {
		t.Helper()
		form := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			form.Add(pairs[i], pairs[i+1])
		}
		p := submit(t, base+path, form)
		if p.status != 200 {
			t.Fatalf("%s: %d %s", path, p.status, p.body)
		}
		return p
	}
	if p := post("teams/"+team+"/agreement", "state", "expired"); p.at != "/simulator/teams/"+team || w.get("/v1/apps").Status != 403 {
		t.Errorf("agreement: at %s", p.at)
	}
	post("teams/"+team+"/agreement", "state", "ok")
	post("teams/"+team+"/membership", "state", "lapsed")
	if w.get("/v1/apps").Status != 403 {
		t.Error("the membership did not lapse")
	}
	post("teams/"+team+"/membership", "state", "active")
	post("teams/"+team+"/certificates", "type", "DISTRIBUTION", "days", "9")
	certs := w.Certificates(team)
	if len(certs) != 1 {
		t.Fatal("no certificate was issued")
	}
	post("teams/" + team + "/certificates/" + certs[0].ID + "/revoke")
	if len(w.Certificates(team)) != 0 {
		t.Error("the certificate was not revoked")
	}
	post("teams/"+team+"/keys", "kind", "team", "role", "SALES", "name", "Shop")
	made := w.Keys(team)[0]
	if made.KeyID == w.key.KeyID {
		made = w.Keys(team)[1]
	}
	if !made.Has(asctest.Sales) || made.Name != "Shop" {
		t.Errorf("the key is %v %q", made.Roles, made.Name)
	}
	if p := open(t, base+"keys/"+made.KeyID+"/"+made.FileName); p.body != string(made.PEM) ||
		!strings.Contains(p.header.Get("Content-Disposition"), made.FileName) {
		t.Errorf("the download: %d %s", p.status, p.header.Get("Content-Disposition"))
	}
	post("keys/"+made.KeyID+"/roles", "role", "ADMIN")
	if w.call(made, "GET", "/v1/users", "").Status != 200 {
		t.Error("the role was not changed")
	}
	post("keys/" + made.KeyID + "/revoke")
	if w.call(made, "GET", "/v1/apps", "").Status != 401 {
		t.Error("the key was not revoked")
	}
	post("faults", "effect", "html", "count", "1", "team", team)
	if r := w.get("/v1/apps"); r.Status != 503 {
		t.Errorf("with a fault: %d", r.Status)
	}
	post("faults", "effect", "outage")
	post("faults/clear")
	post("clock", "minutes", "30")
	if got := w.Now().Sub(w.now).Minutes(); got != 30 {
		t.Errorf("the clock moved by %v minutes", got)
	}
	if p := post("teams", "name", "New & Co", "team_id", "NEWTEAM123"); !strings.Contains(p.body, "New &amp; Co") {
		t.Errorf("the new team's page is %s", p.body)
	}
}

// A team whose keys see no app is made on the page, and gets its app there.
func TestATeamWithoutAppsIsMadeOnThePage(t *testing.T) {
	w, srv := site(t)
	base := srv.URL + "/simulator/"
	post := func(path string, form url.Values) page {
		t.Helper()
		p := submit(t, base+path, form)
		if p.status != 200 {
			t.Fatalf("%s: %d %s", path, p.status, p.body)
		}
		return p
	}
	if p := post("teams", url.Values{"name": {"Empty"}, "team_id": {"EMPTYTEAM1"}, "apps": {"none"}}); !strings.Contains(p.body, "see no app") {
		t.Error("the page does not say that there is no app")
	}
	post("teams/EMPTYTEAM1/keys", url.Values{"role": {"CUSTOMER_SUPPORT", "SALES"}})
	key := w.Keys("EMPTYTEAM1")[0]
	if !key.Has(asctest.CustomerSupport) || !key.Has(asctest.Sales) || key.Has(asctest.Admin) {
		t.Errorf("the key's roles are %v", key.Roles)
	}
	apps := func() int { return len(w.call(key, "GET", "/v1/apps", "").list(t)) }
	if apps() != 0 {
		t.Error("the key sees an app")
	}
	post("teams/EMPTYTEAM1/apps", url.Values{"name": {"First & only"}, "bundle_id": {"com.example.first"}})
	if apps() != 1 {
		t.Error("the app that was added is not seen")
	}
	team, _ := w.Team("EMPTYTEAM1")
	post("teams/EMPTYTEAM1/apps/"+team.Apps[0].ID+"/remove", nil)
	if apps() != 0 || len(w.call(key, "GET", "/v1/builds", "").Doc.Data) != len("[]") && w.call(key, "GET", "/v1/builds", "").Status == 200 {
		t.Error("the app, or its build, is still seen")
	}
	post("teams/EMPTYTEAM1/apps", url.Values{"name": {"Again"}, "bundle_id": {"com.example.first"}})
	admin := must(w.NewKey("EMPTYTEAM1", asctest.Admin))(t)
	if ids := w.call(admin, "GET", "/v1/bundleIds", "").list(t); apps() != 1 || len(ids) != 1 {
		t.Errorf("%d apps, %d bundle IDs", apps(), len(ids))
	}
}

func TestFormsSayWhatIsWrong(t *testing.T) {
	w, srv := site(t)
	for path, form := range map[string]url.Values{
		"teams/" + w.team.TeamID + "/agreement":     {"state": {"maybe"}},
		"teams/NOSUCHTEAM/agreement":                {"state": {"ok"}},
		"teams/" + w.team.TeamID + "/keys/register": {"key_id": {"short"}, "pem": {"x"}},
		"teams/" + w.team.TeamID + "/certificates":  {"type": {"DISTRIBUTION"}, "csr": {"x"}},
		"keys/" + w.key.KeyID + "/roles":            {},
		"keys/NOSUCHKEY1/revoke":                    {},
		"faults":                                    {"effect": {"odd"}},
		"clock":                                     {"minutes": {"soon"}},
		"teams":                                     {"apps": {"many"}},
		"teams/" + w.team.TeamID + "/apps":          {"name": {"Twice"}, "bundle_id": {w.team.Apps[0].BundleID}},
		"teams/NOSUCHTEAM/apps":                     {"name": {"A"}, "bundle_id": {"a.b"}},
		"teams/" + w.team.TeamID + "/apps/1/remove": {},
	} {
		p := submit(t, srv.URL+"/simulator/"+path, form)
		if p.status != 400 || !strings.Contains(p.body, `role="alert"`) || strings.Contains(p.body, "asctest") {
			t.Errorf("%s: %d %s", path, p.status, p.body)
		}
	}
}

func TestOtherOriginsCannotChangeAnything(t *testing.T) {
	w, srv := site(t)
	address := srv.URL + "/simulator/keys/" + w.key.KeyID + "/revoke"
	for _, header := range [][]string{
		{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
	} {
		for _, a := range []string{address, strings.Replace(address, "/simulator/", "/simulator/api/", 1)} {
			if p := submit(t, a, nil, header...); p.status != 403 {
				t.Errorf("%v: %d", header, p.status)
			}
		}
	}
	if k, _ := w.Key(w.key.KeyID); !k.InForce() {
		t.Fatal("the key was revoked")
	}
	if p := submit(t, address, nil, "Sec-Fetch-Site", "same-origin"); p.status != 200 {
		t.Errorf("the same origin: %d", p.status)
	}
}

func TestAdminAPI(t *testing.T) {
	w, srv := site(t)
	call := func(path, body string) map[string]any {
		t.Helper()
		req := must(http.NewRequest("POST", srv.URL+"/simulator/api/"+path, strings.NewReader(body)))(t)
		req.Header.Set("Content-Type", "application/json")
		p := visit(t, req)
		var out map[string]any
		if err := json.Unmarshal([]byte(p.body), &out); err != nil {
			t.Fatalf("%s: %d %s", path, p.status, p.body)
		}
		return out
	}
	made := call("teams/"+w.team.TeamID+"/keys", `{"role":["DEVELOPER","SALES"]}`)
	key := asctest.Key{KeyID: made["KeyID"].(string), IssuerID: made["IssuerID"].(string), PEM: []byte(made["PEM"].(string))}
	if r := w.call(key, "GET", "/v1/apps", ""); r.Status != 200 {
		t.Errorf("the new key: %d", r.Status)
	}
	fault := call("faults", `{"effect":"rate_limit","count":1,"retry_after":9}`)
	if r := w.get("/v1/apps"); r.Header.Get("Retry-After") != "9" || !strings.HasPrefix(fault["id"].(string), "flt-") {
		t.Errorf("the fault %v led to %d", fault, r.Status)
	}
	if out := call("faults", `{"effect":"odd"}`); out["error"] == nil {
		t.Errorf("an unknown effect: %v", out)
	}
	if out := call("clock", `[]`); out["error"] == nil {
		t.Errorf("a list: %v", out)
	}
	state := open(t, srv.URL+"/simulator/api/state")
	if strings.Contains(state.body, "PRIVATE") || !strings.Contains(state.body, asctest.SampleHealthy) {
		t.Error("the state has private keys, or no teams")
	}
}

// No log, page or state says a token or an address.
func TestRequestLogIsSafe(t *testing.T) {
	w, srv := site(t)
	token := w.sign(w.key, w.claimsOf(w.key))
	w.send(w, token, "GET", "/v1/users?filter[username]=someone@private.example&fields[users]=roles", "")
	for _, path := range []string{"/simulator/", "/simulator/requests", "/simulator/api/requests"} {
		p := open(t, srv.URL+path)
		if strings.Contains(p.body, "someone") || strings.Contains(p.body, token) {
			t.Errorf("%s tells too much", path)
		}
		if !bytes.Contains([]byte(p.body), []byte("/v1/users")) {
			t.Errorf("%s does not have the request", path)
		}
	}
}
