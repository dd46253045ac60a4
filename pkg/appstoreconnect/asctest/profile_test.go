package asctest_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
)

// Tools read profiles with openssl or as it does.
func TestProfileIsASignedMessage(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("openssl is not installed")
	}
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	cert := must(w.IssueCertificate(w.team.TeamID, "DISTRIBUTION", nil, 0))(t)
	if err := w.IssueProfile(w.team.TeamID, "Store <&>", "IOS_APP_STORE", w.team.Apps[0].BundleID); err != nil {
		t.Fatal(err)
	}
	content := w.get("/v1/profiles").list(t)[0].Attributes["profileContent"].(string)
	file := filepath.Join(t.TempDir(), "store.mobileprovision")
	if err := os.WriteFile(file, must(base64.StdEncoding.DecodeString(content))(t), 0o600); err != nil {
		t.Fatal(err)
	}
	plist, err := exec.Command(openssl, "smime", "-inform", "der", "-verify", "-noverify", "-in", file).Output()
	if err != nil {
		t.Fatalf("openssl does not read it: %v", err)
	}
	for _, want := range []string{"Store &lt;&amp;&gt;", w.team.TeamID + "." + w.team.Apps[0].BundleID,
		base64.StdEncoding.EncodeToString(cert.DER)} {
		if !bytes.Contains(plist, []byte(want)) {
			t.Errorf("the property list does not have %q", want)
		}
	}
}

// What tools read of a profile, by its type. The content is what a client gets.
func TestProfileContent(t *testing.T) {
	w := newWorld(t)
	app := w.team.Apps[0].BundleID
	for _, certType := range []string{"DISTRIBUTION", "DEVELOPMENT", "DEVELOPER_ID_APPLICATION"} {
		must(w.IssueCertificate(w.team.TeamID, certType, nil, 0))(t)
	}
	const (
		betaReports = "<key>beta-reports-active</key><true/>"
		devices     = "<key>ProvisionedDevices</key><array><string>00008140-0011223344556677</string></array>"
		anyDevice   = "<key>ProvisionsAllDevices</key><true/>"
		iOS         = "<key>Platform</key><array><string>iOS</string><string>xrOS</string><string>visionOS</string></array>"
	)
	all := []string{betaReports, devices, anyDevice}
	for _, tt := range []struct {
		kind string
		has  []string
	}{
		{"IOS_APP_STORE", []string{betaReports, iOS, "<key>get-task-allow</key><false/>", "<key>application-identifier</key><string>K7WQ2M9TXA." + app}},
		{"IOS_APP_ADHOC", []string{devices, iOS, "<key>get-task-allow</key><false/>"}},
		{"IOS_APP_DEVELOPMENT", []string{devices, iOS, "<key>get-task-allow</key><true/>"}},
		{"IOS_APP_INHOUSE", []string{anyDevice, iOS}},
		{"TVOS_APP_STORE", []string{betaReports, "<key>Platform</key><array><string>tvOS</string></array>"}},
		{"MAC_APP_STORE", []string{betaReports, "<key>Platform</key><array><string>OSX</string></array>", "<key>com.apple.application-identifier</key>"}},
		{"MAC_APP_DIRECT", []string{anyDevice, "<key>Platform</key><array><string>OSX</string></array>"}},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			if err := w.IssueProfile(w.team.TeamID, tt.kind, tt.kind, app); err != nil {
				t.Fatal(err)
			}
			list := w.get("/v1/profiles?filter[name]=" + tt.kind).list(t)
			content := must(base64.StdEncoding.DecodeString(list[0].Attributes["profileContent"].(string)))(t)
			always := []string{"<key>TeamName</key><string>Juniper Labs</string>", "<key>TeamIdentifier</key><array><string>K7WQ2M9TXA</string></array>",
				"<key>keychain-access-groups</key><array><string>K7WQ2M9TXA.*</string>", "<key>Name</key><string>" + tt.kind + "</string>"}
			for _, want := range append(always, tt.has...) {
				if !bytes.Contains(content, []byte(want)) {
					t.Errorf("the profile does not have %s", want)
				}
			}
			for _, other := range all {
				if !slices.Contains(tt.has, other) && bytes.Contains(content, []byte(other)) {
					t.Errorf("the profile has %s", other)
				}
			}
		})
	}
}

// The answers to POST /v1/profiles, word for word where they are recorded.
func TestProfilesThatAppleRefuses(t *testing.T) {
	w := newWorld(t)
	ids := samples(t, w)
	cert := func(certType string, life time.Duration) string {
		return must(w.IssueCertificate(w.team.TeamID, certType, nil, life))(t).ID
	}
	dist, dev, expired := cert("DISTRIBUTION", 0), cert("DEVELOPMENT", 0), cert("DISTRIBUTION", -time.Hour)
	phone := ids["devices"]
	w.AddTeam(asctest.Team{TeamID: "R4T5Y6U7I8", Devices: []asctest.Device{{Name: "TV", UDID: "TV-1", Model: "Apple TV 4K"}}})
	tvKey := must(w.NewKey("R4T5Y6U7I8", asctest.Admin))(t)
	tvTeam := map[string]string{}
	for _, kind := range []string{"bundleIds", "devices"} {
		tvTeam[kind] = w.call(tvKey, "GET", "/v1/"+kind, "").list(t)[0].ID
	}
	tvTeam["certificates"] = must(w.IssueCertificate("R4T5Y6U7I8", "DEVELOPMENT", nil, 0))(t).ID
	const (
		required   = "ENTITY_ERROR.RELATIONSHIP.REQUIRED|Relationship is required|The relationship 'devices' is required but was not provided with this request."
		notAllowed = "ENTITY_ERROR.RELATIONSHIP.NOT_ALLOWED|A relationship in the provided entity is not allowed for this request|"
		store      = notAllowed + "No devices can be associated to Provisioning Profiles for the App Store."
		otherType  = notAllowed + "No devices can be associated to Provisioning Profiles of this type."
		problem    = "ENTITY_ERROR|There is a problem with the request entity|"
		noCert     = problem + "There are no current certificates on this team matching the provided certificate IDs."
	)
	for _, tt := range []struct {
		name, kind, bundle, cert, device string
		want                             string // empty: made
	}{
		{"development", "IOS_APP_DEVELOPMENT", "", dev, phone, ""},
		{"development without devices", "IOS_APP_DEVELOPMENT", "", dev, "", required},
		{"ad hoc without devices", "IOS_APP_ADHOC", "", dist, "", required},
		{"tvOS development without devices", "TVOS_APP_DEVELOPMENT", "", dev, "", required},
		{"Mac development without devices", "MAC_APP_DEVELOPMENT", "", dev, "", required},
		{"App Store", "IOS_APP_STORE", "", dist, "", ""},
		{"App Store with a device", "IOS_APP_STORE", "", dist, phone, store},
		{"tvOS App Store with a device", "TVOS_APP_STORE", "", dist, phone, store},
		{"in-house with a device", "IOS_APP_INHOUSE", "", dist, phone, otherType},
		{"Mac direct with a device", "MAC_APP_DIRECT", "", dist, phone, otherType},
		{"name that is taken", "IOS_APP_STORE", "", dist, "", problem + "Multiple profiles found with the name 'App Store'.  Please remove the duplicate profiles and try again."},
		{"expired certificate", "IOS_APP_STORE", "", expired, "", noCert},
		{"development certificate in a store profile", "IOS_APP_STORE", "", dev, "", noCert},
		{"distribution certificate in a development profile", "IOS_APP_DEVELOPMENT", "", dist, phone, noCert},
		{"certificate of nobody", "IOS_APP_STORE", "", "NOSUCHCERT", "", noCert},
		{"another team's certificate", "IOS_APP_STORE", "", tvTeam["certificates"], "", noCert},
		{"bundle ID of nobody", "IOS_APP_STORE", "com.xxx.xxxx", dist, "", problem + "There is no App ID with ID 'com.xxx.xxxx' on this team."},
		{"device of nobody", "IOS_APP_ADHOC", "", dist, "NOSUCHDEVICE", problem + "There are no current devices on this team matching the provided device IDs."},
		{"phone in a tvOS profile", "TVOS_APP_ADHOC", "", dist, phone, problem + "Invalid deviceClass for profile type."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name, bundle := tt.name, tt.bundle
			if name == "name that is taken" {
				name = "App Store"
			}
			if bundle == "" {
				bundle = ids["bundleIds"]
			}
			w.wantRefusal(w.call(w.key, "POST", "/v1/profiles", profileRequest(name, tt.kind, bundle, tt.cert, tt.device)), tt.want)
		})
	}
	r := w.call(tvKey, "POST", "/v1/profiles", profileRequest("TV", "IOS_APP_DEVELOPMENT", tvTeam["bundleIds"], tvTeam["certificates"], tvTeam["devices"]))
	w.wantRefusal(r, problem+"Invalid deviceClass for profile type.")
	r = w.call(tvKey, "POST", "/v1/profiles", profileRequest("TV", "TVOS_APP_DEVELOPMENT", tvTeam["bundleIds"], tvTeam["certificates"], tvTeam["devices"]))
	w.wantRefusal(r, "")
	w.call(w.key, "PATCH", "/v1/devices/"+phone, `{"data":{"type":"devices","id":"`+phone+`","attributes":{"status":"DISABLED"}}}`)
	r = w.call(w.key, "POST", "/v1/profiles", profileRequest("Off", "IOS_APP_ADHOC", ids["bundleIds"], dist, phone))
	w.wantRefusal(r, problem+"There are no current devices on this team matching the provided device IDs.")
}

// profileRequest is a body for POST /v1/profiles, with an empty list of
// devices where there is none: fastlane sends one.
func profileRequest(name, kind, bundleID, cert, device string) string {
	devices := ""
	if device != "" {
		devices = `{"type":"devices","id":"` + device + `"}`
	}
	return `{"data":{"type":"profiles","attributes":{"name":"` + name + `","profileType":"` + kind + `"},"relationships":{
		"bundleId":{"data":{"type":"bundleIds","id":"` + bundleID + `"}},
		"certificates":{"data":[{"type":"certificates","id":"` + cert + `"}]},"devices":{"data":[` + devices + `]}}}}`
}

// wantRefusal holds an answer to a 409 of "code|title|detail"; empty: to a 201.
func (w *world) wantRefusal(r reply, want string) {
	w.t.Helper()
	if want == "" {
		if r.Status != 201 {
			w.t.Errorf("got %d %s", r.Status, r.Body)
		}
		return
	}
	if r.Status != 409 || len(r.Doc.Errors) != 1 {
		w.t.Errorf("got %d %s, want 409", r.Status, r.Body)
		return
	}
	e := r.Doc.Errors[0]
	if got := e.Code + "|" + e.Title + "|" + e.Detail; got != want {
		w.t.Errorf("got  %s\nwant %s", got, want)
	}
	if e.Source != nil {
		w.t.Errorf("the error has a source: %v", e.Source)
	}
}
