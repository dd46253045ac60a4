package asctest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"keyward/pkg/appstoreconnect/asctest"
)

// manyApps is a world whose team has n apps.
func manyApps(t *testing.T, n int) *world {
	w := newWorld(t)
	var apps []asctest.App
	for i := range n {
		apps = append(apps, asctest.App{ID: fmt.Sprint(1000 + i), BundleID: fmt.Sprintf("org.example.app%03d", i), Name: fmt.Sprintf("App %d", i)})
	}
	w.team = w.AddTeam(asctest.Team{TeamID: w.team.TeamID, IssuerID: w.team.IssuerID, Apps: apps})
	return w
}

func TestPages(t *testing.T) {
	w := manyApps(t, 45)
	srv := httptest.NewServer(http.StripPrefix("/apple", w.Server))
	defer srv.Close()
	next := srv.URL + "/apple/v1/apps?limit=20&fields%5Bapps%5D=bundleId&sort=-name"
	var ids []string
	var sizes []int
	for next != "" {
		if !strings.HasPrefix(next, srv.URL+"/apple/v1/apps?") {
			t.Fatalf("links.next leads to %q", next)
		}
		r := w.fetch(next)
		list := r.list(t)
		for _, a := range list {
			ids = append(ids, a.ID)
		}
		sizes = append(sizes, len(list))
		if r.Doc.Links["self"] != next || r.Doc.Meta.Paging.Total != 45 || r.Doc.Meta.Paging.Limit != 20 {
			t.Errorf("self %q of %q, paging %+v", r.Doc.Links["self"], next, r.Doc.Meta.Paging)
		}
		next = r.Doc.Links["next"]
		if (next == "") != (r.Doc.Meta.Paging.NextCursor == "") {
			t.Errorf("next %q and nextCursor %q", next, r.Doc.Meta.Paging.NextCursor)
		}
		if c := r.Doc.Meta.Paging.NextCursor; next != "" && mustQuery(t, next).Get("cursor") != c {
			t.Errorf("next %q has another cursor than %q", next, c)
		}
	}
	slices.Sort(ids)
	if !slices.Equal(sizes, []int{20, 20, 5}) || len(slices.Compact(ids)) != 45 {
		t.Errorf("pages of %v, %d apps", sizes, len(ids))
	}
}

func mustQuery(t *testing.T, address string) url.Values {
	t.Helper()
	return must(url.Parse(address))(t).Query()
}

// fetch asks over a real connection with the Admin key.
func (w *world) fetch(address string) reply {
	w.t.Helper()
	req := must(http.NewRequest(http.MethodGet, address, nil))(w.t)
	req.Header.Set("Authorization", "Bearer "+w.sign(w.key, w.claimsOf(w.key)))
	resp := must(http.DefaultClient.Do(req))(w.t)
	defer resp.Body.Close()
	return w.read(resp.StatusCode, resp.Header, mustRead(w.t, resp.Body))
}

func TestMountedAnywhere(t *testing.T) {
	w := newWorld(t)
	for name, h := range map[string]http.Handler{
		"at the root":     w.Server,
		"prefix stripped": http.StripPrefix("/some/where", w.Server),
		"prefix kept":     w.Server,
	} {
		t.Run(name, func(t *testing.T) {
			prefix := "/some/where"
			if name == "at the root" {
				prefix = ""
			}
			r := w.send(h, w.sign(w.key, w.claimsOf(w.key)), "GET", prefix+"/v1/apps", "")
			want := "http://example.com" + prefix + "/v1/apps"
			if r.Status != 200 || r.Doc.Links["self"] != want || r.list(t)[0].Links["self"] != want+"/"+w.team.Apps[0].ID {
				t.Errorf("got %d, links %v", r.Status, r.Doc.Links)
			}
		})
	}
}

func TestFilters(t *testing.T) {
	w := manyApps(t, 12)
	for _, certType := range []string{"DISTRIBUTION", "IOS_DISTRIBUTION"} {
		must(w.IssueCertificate(w.team.TeamID, certType, nil, 0))(t)
	}
	serial := w.Certificates(w.team.TeamID)[0].Serial
	build := w.get("/v1/builds?filter[app]=1003&include=app").list(t)[0]
	for target, want := range map[string]int{
		"/v1/apps?filter[bundleId]=org.example.app003":                           1,
		"/v1/apps?filter[bundleId]=org.example.app003,org.example.app004":        2,
		"/v1/apps?filter[bundleId]=org.example.app":                              0,
		"/v1/apps?filter[id]=1003,1004,9":                                        2,
		"/v1/apps?filter[name]=App 3":                                            1,
		"/v1/apps?filter[sku]=ORG-EXAMPLE-APP003":                                1,
		"/v1/bundleIds?filter[identifier]=app00":                                 10, // matches in part
		"/v1/bundleIds?filter[platform]=MAC_OS":                                  0,
		"/v1/bundleIds?filter[seedId]=" + w.team.TeamID:                          12,
		"/v1/certificates?filter[certificateType]=DISTRIBUTION":                  1,
		"/v1/certificates?filter[certificateType]=DISTRIBUTION,IOS_DISTRIBUTION": 2,
		"/v1/certificates?filter[serialNumber]=" + serial:                        1,
		"/v1/certificates?filter[serialNumber]=" + strings.ToLower(serial):       1,
		"/v1/users?filter[roles]=ADMIN":                                          1,
		"/v1/users?filter[roles]=SALES":                                          0,
		"/v1/builds?filter[app]=1003":                                            1,
		"/v1/builds?filter[version]=42":                                          12,
		"/v1/builds?filter[preReleaseVersion.version]=9.9":                       0,
		"/v1/apps/1003/builds":                                                   1,
		"/v1/apps/1003/relationships/builds":                                     1,
	} {
		r := w.get(target)
		if got := len(r.list(t)); got != min(want, r.Doc.Meta.Paging.Limit) || r.Doc.Meta.Paging.Total != want {
			t.Errorf("%s: %d of %d, want %d", target, got, r.Doc.Meta.Paging.Total, want)
		}
	}
	if app := w.get("/v1/builds/" + build.ID + "/app").one(t); app.ID != "1003" {
		t.Errorf("the build's app is %s", app.ID)
	}
}

func TestSort(t *testing.T) {
	w := manyApps(t, 3)
	for target, want := range map[string]string{
		"/v1/apps":                "1000 1001 1002",
		"/v1/apps?sort=-name":     "1002 1001 1000",
		"/v1/apps?sort=bundleId":  "1000 1001 1002",
		"/v1/apps?sort=-bundleId": "1002 1001 1000",
	} {
		var ids []string
		for _, a := range w.get(target).list(t) {
			ids = append(ids, a.ID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
}

func TestInclude(t *testing.T) {
	w := newWorld(t)
	cert := must(w.IssueCertificate(w.team.TeamID, "DISTRIBUTION", nil, 0))(t)
	bundleID := w.team.Apps[0].BundleID
	if err := w.IssueProfile(w.team.TeamID, "Store", "IOS_APP_STORE", bundleID); err != nil {
		t.Fatal(err)
	}
	r := w.get("/v1/profiles?include=bundleId,certificates,devices&fields[bundleIds]=identifier&fields[certificates]=serialNumber")
	profile := r.list(t)[0]
	if len(r.Doc.Included) != 2 {
		t.Fatalf("included %+v", r.Doc.Included)
	}
	if b := r.Doc.Included[0]; b.Attributes["identifier"] != bundleID || len(b.Attributes) != 1 || b.Relationships != nil {
		t.Errorf("the bundle ID is %+v", b)
	}
	if c := r.Doc.Included[1]; c.ID != cert.ID || c.Attributes["serialNumber"] != cert.Serial {
		t.Errorf("the certificate is %+v", c)
	}
	linked := fmt.Sprint(profile.Relationships["certificates"]["data"])
	if !strings.Contains(linked, cert.ID) {
		t.Errorf("the profile's certificates are %s", linked)
	}
	if _, there := w.get("/v1/profiles").list(t)[0].Relationships["certificates"]["data"]; there {
		t.Error("linkage that nobody asked to include")
	}
}

// What is not set is null, not missing: clients by others fail otherwise.
func TestUnsetAttributesAreNull(t *testing.T) {
	w := newWorld(t)
	must(w.IssueCertificate(w.team.TeamID, "DISTRIBUTION", nil, 0))(t)
	for target, names := range map[string][]string{
		"/v1/certificates": {"platform", "csrContent"},
		"/v1/builds":       {"iconAssetToken", "lsMinimumSystemVersion"},
		"/v1/apps":         {"subscriptionStatusUrl"},
		"/v1/betaGroups":   {"publicLink"},
	} {
		attrs := w.get(target).list(t)[0].Attributes
		for _, name := range names {
			if v, there := attrs[name]; v != nil || !there {
				t.Errorf("%s: %s is %v, there: %v", target, name, v, there)
			}
		}
	}
	if attrs := w.get("/v1/certificates?fields[certificates]=name").list(t)[0].Attributes; len(attrs) != 1 {
		t.Errorf("one field was asked for: %v", attrs)
	}
}
