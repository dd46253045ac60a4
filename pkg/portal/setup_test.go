package portal_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/portal"
)

func TestSetupSaysWhatVendorsAskByHand(t *testing.T) {
	w := mustWorld(t, nil)
	page := w.visitor().enter().get("/setup").body
	for _, want := range []string{
		"https://appstoreconnect.apple.com/access/integrations/api", "Team Keys", "Request Access", "<strong>App Manager</strong>",
		"<strong>Acme Learning</strong>", "Generate", "Download", "only once", "Issuer ID", "Key ID", "Membership details",
		"Developer can only upload builds", "distribution certificate", "Never revoke", "certificates/list", "Account Holder", "nobody at Acme Learning needs a password",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestSetupFitsTheAccessLevel(t *testing.T) {
	w := mustWorld(t, func(_ *portal.Config, d *integration.Draft) { d.Access = integration.Levels()[1] })
	v := w.visitor().enter()
	page := v.get("/setup").body
	if strings.Contains(page, "distribution certificate") {
		t.Error("asks for a certificate slot that it does not need")
	}
	if !strings.Contains(page, "individual key") || !strings.Contains(html.UnescapeString(page), "<dt>Access</dt><dd><strong>Customer Support + Sales and Reports</strong>") {
		t.Error("does not say that an individual key will do, or which role")
	}
	form := v.form()
	form.Set("issuer_id", " ")
	if a := v.post("/setup", form); a.StatusCode != http.StatusSeeOther || w.mustUploads()[0].IssuerID != "" {
		t.Errorf("an individual key without issuer ID: status %d", a.StatusCode)
	}
}

func TestSetupTakesWhatPeopleCopy(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	form := v.form()
	form.Set("key_id", ` "abc1234567" `)
	form.Set("issuer_id", " 57246542-96FE-1A63-E053-0824D011072A\u00a0")
	if a := v.post("/setup", form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d", a.StatusCode)
	}
	u := w.mustUploads()[0]
	if u.KeyID != "ABC1234567" || u.IssuerID != "57246542-96fe-1a63-e053-0824d011072a" || u.TeamID != "TEAM123456" ||
		u.TeamName != "Example GmbH" || u.Contact != "con_1" || u.LinkHash != integration.LinkHash(w.token) || u.State != integration.UploadOpen {
		t.Errorf("upload %+v", u)
	}
	if !u.FormExpires.Equal(w.Now().Add(15 * time.Minute)) {
		t.Errorf("the form lives until %v", u.FormExpires)
	}
}

const keyLine = "MIGTAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBHkwdwIBAQQgevZzL1gdAFr88hb2"

func TestSetupSaysWhatWasProbablyPasted(t *testing.T) {
	for _, c := range []struct{ name, field, typed, says, kept string }{
		{"nothing", "key_id", "", "The key ID is missing", ""},
		{"no team name", "team_name", "", "stands on developer.apple.com/account under Membership details", ""},
		{"issuer ID as key ID", "key_id", "57246542-96fe-1a63-e053-0824d011072a", "looks like an issuer ID", "57246542-96fe-1a63-e053-0824d011072a"},
		{"team ID as issuer ID", "issuer_id", "TEAM123456", "looks like a key ID or a team ID", "TEAM123456"},
		{"another key's file name as key ID", "key_id", "SubscriptionKey_ABC1234567.p8", "In-App Purchase key", "SubscriptionKey_ABC1234567.p8"},
		{"address as team name", "team_id", "ann@customer.example", "looks like an e-mail address", "ann@customer.example"},
		{"the same ID twice", "team_id", "ABC1234567", "pasted twice", "ABC1234567"},
		{"markup", "key_id", `"><script>alert(1)</script>`, "key ID", "&lt;script&gt;"},
		{"a key", "team_name", "-----BEGIN PRIVATE KEY-----\n" + keyLine + "\n-----END PRIVATE KEY-----", "never paste a key", ""},
		{"the inside of a key", "key_id", keyLine, "inside of the key file", ""},
		{"the inside of a key, in parts", "issuer_id", keyLine[:30] + " " + keyLine[30:], "", ""},
		{"very much", "team_name", strings.Repeat("a ", 5000), "too long", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := mustWorld(t, nil)
			v := w.visitor().enter()
			form := v.form()
			form.Set(c.field, c.typed)
			a := v.post("/setup", form)
			if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(a.body), c.says) {
				t.Fatalf("status %d, or it does not say %q", a.StatusCode, c.says)
			}
			if c.kept != "" && !strings.Contains(a.body, c.kept) {
				t.Error("what was typed is gone")
			}
			if c.kept == "" && strings.Contains(a.body, keyLine[:20]) {
				t.Error("the key is shown again")
			}
			for _, want := range []string{`id="errors"`, `href="#` + c.field + `"`, `aria-describedby="` + c.field + `-error"`, `<title>Error: `} {
				if !strings.Contains(a.body, want) {
					t.Errorf("the page lacks %s", want)
				}
			}
			if !strings.Contains(a.body, `value="Example GmbH"`) && c.field != "team_name" {
				t.Error("the other fields are gone")
			}
			if len(w.mustUploads()) != 0 || strings.Contains(w.log.String(), keyLine[:20]) {
				t.Error("an upload was begun, or the key is in the log")
			}
		})
	}
}

func TestSendingTheFormTwiceGivesOneUpload(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	form := v.form()
	first, second := v.post("/setup", form), v.post("/setup", form)
	if len(w.mustUploads()) != 1 || first.Header.Get("Location") != second.Header.Get("Location") {
		t.Errorf("%d uploads", len(w.mustUploads()))
	}
	form.Set("key_id", "CORRECTED1")
	if third := v.post("/setup", form); third.Header.Get("Location") == first.Header.Get("Location") || len(w.mustUploads()) != 2 {
		t.Error("a corrected form did not become another upload")
	}
}

func TestUploadIDsAreNotChosen(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	mine := v.form().Get("draft")
	other := w.visitor().enter()
	for name, draft := range map[string]string{
		"none": "", "bare": "upl_00000000000000000000000000000000", "forged": "upl_00000000000000000000000000000000" + mine[strings.Index(mine, "."):],
	} {
		form := other.form()
		form.Set("draft", draft)
		if a := other.post("/setup", form); a.StatusCode != http.StatusForbidden || len(w.mustUploads()) != 0 {
			t.Errorf("%s: status %d", name, a.StatusCode)
		}
	}
}

func TestReplacingAKey(t *testing.T) {
	w := mustWorld(t, nil)
	w.mustAccept(w.visitor().enter().mustBegin(), fine())
	w.token = w.mustLink()
	page := w.visitor().enter().get("/setup").body
	for _, want := range []string{"Replace the key", "ABC1234567", "Leave the present key alone", `value="TEAM123456"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestSetupWarnsWhereANewKeyIsOfNoUse(t *testing.T) {
	w := mustWorld(t, nil)
	o := fine()
	o.Verdict, o.Reason = integration.Blocked, integration.Agreement
	w.mustAccept(w.visitor().enter().mustBegin(), o)
	w.token = w.mustLink()
	if page := w.visitor().enter().get("/setup").body; !strings.Contains(page, "A new key will not help") || !strings.Contains(page, "accept agreements") {
		t.Error("the page lets people make a key in vain")
	}
}

func TestOneLinkCannotBeginUploadsForEver(t *testing.T) {
	w := mustWorld(t, func(c *portal.Config, _ *integration.Draft) {
		c.Limits.PerLink = portal.Rate{Every: time.Hour, Burst: 3}
	})
	v := w.visitor().enter()
	for range 3 {
		v.mustBegin()
	}
	if a := v.post("/setup", v.form()); a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" {
		t.Errorf("status %d", a.StatusCode)
	}
	if a := w.visitor().enter().post("/setup", url.Values{}); a.StatusCode != http.StatusForbidden {
		t.Errorf("a form without its token: status %d", a.StatusCode)
	}
}

func TestReauthorising(t *testing.T) {
	w := mustWorld(t, func(_ *portal.Config, d *integration.Draft) { d.Access.Reauthorise.Every = 30 * 24 * time.Hour })
	if page := w.visitor().enter().get("/setup").body; strings.Contains(page, "/reauthorise") {
		t.Error("asks to confirm a key that is not there")
	}
	w.mustAccept(w.visitor().enter().mustBegin(), fine())
	w.advance(20 * 24 * time.Hour)
	w.token = w.mustLink()
	v := w.visitor().enter()
	form := v.form()
	if a := v.post("/reauthorise", form); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "tick the box") {
		t.Errorf("without the tick: status %d", a.StatusCode)
	}
	if w.mustIntegration().ConfirmedAt.Equal(w.Now()) {
		t.Fatal("confirmed without the tick")
	}
	form.Set("agree", "yes")
	v.post("/reauthorise", form)
	version := w.mustIntegration().Version
	if a := v.post("/reauthorise", form); a.StatusCode != http.StatusSeeOther || w.mustIntegration().Version != version {
		t.Errorf("pressed twice: status %d", a.StatusCode)
	}
	if !w.mustIntegration().ConfirmedAt.Equal(w.Now()) || !strings.Contains(v.get("/setup").body, "that is confirmed") {
		t.Error("not confirmed, or nobody is told")
	}
}

// TestSetupRefusesAnotherTeamAtOnce: a team ID that contradicts the
// integration's is said before the upload, unless support allowed it.
func TestSetupRefusesAnotherTeamAtOnce(t *testing.T) {
	for _, c := range []struct {
		name    string
		teamID  string
		allowed bool
		status  int
	}{
		{"another team", "ACMETEAM01", false, http.StatusUnprocessableEntity},
		{"the same team", "TEAM123456", false, http.StatusSeeOther},
		{"another team that support allowed", "ACMETEAM01", true, http.StatusSeeOther},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := mustWorld(t, func(_ *portal.Config, d *integration.Draft) { d.TeamID = c.teamID })
			if c.allowed {
				w.mustDecide(integration.TeamMoveAllowed{By: "support"}, nil)
			}
			v := w.visitor().enter()
			form := v.form()
			a := v.post("/setup", form)
			if a.StatusCode != c.status {
				t.Fatalf("status %d, want %d", a.StatusCode, c.status)
			}
			if c.status != http.StatusSeeOther {
				for _, says := range []string{"belongs to the team ACMETEAM01", "write to support first"} {
					if !strings.Contains(html.UnescapeString(a.body), says) {
						t.Errorf("the page does not say %q", says)
					}
				}
			}
		})
	}
}

// value is what the page's field holds.
func value(t *testing.T, page, field string) string {
	t.Helper()
	m := regexp.MustCompile(`id="` + field + `" name="` + field + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the page has no field %s", field)
	}
	return html.UnescapeString(m[1])
}

func TestWhatWasTypedSurvives(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	form := v.form()
	form.Set("key_id", `"C:\Users\ann\AuthKey_ABC1234567.p8"`)
	if a := v.post("/setup", form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("a pasted path of the key file: status %d", a.StatusCode)
	}
	for name, page := range map[string]string{
		"correcting the IDs": v.get("/setup").body, "opening the link again": w.visitor().enter().get("/setup").body,
	} {
		for field, want := range map[string]string{
			"key_id": "ABC1234567", "issuer_id": "57246542-96fe-1a63-e053-0824d011072a", "team_id": "TEAM123456", "team_name": "Example GmbH",
		} {
			if got := value(t, page, field); got != want {
				t.Errorf("%s: %s is %q, want %q", name, field, got, want)
			}
		}
	}
}

func TestANewLinkNamesTheLastRefusal(t *testing.T) {
	w := mustWorld(t, nil)
	u := w.visitor().enter().mustBegin()
	refused := integration.Refusal{Upload: u.ID, ETag: "e", Diagnosis: "rsa_key", Entered: u.Entered()}
	w.mustDecide(integration.WrongFile{Refusal: refused, Contact: "con_1"}, nil)
	w.token = w.mustLink()
	page := w.visitor().enter().get("/setup").body
	if !strings.Contains(page, "The last file was not accepted") || !strings.Contains(page, "RSA private key") {
		t.Error("the page does not say why the last file was refused")
	}
	if got := value(t, page, "key_id"); got != "ABC1234567" {
		t.Errorf("what was typed for it is gone: %q", got)
	}
}

func TestReplacingADeadKey(t *testing.T) {
	w := mustWorld(t, nil)
	w.mustAccept(w.visitor().enter().mustBegin(), fine())
	it := w.mustIntegration()
	dead, key := it, *it.Key
	key.RejectedAt = w.Now()
	dead.State, dead.Cause, dead.Key = integration.Deactivated, integration.NotAuthorized, &key
	w.mustCommit(integration.Change{Integration: integration.Put(it, dead)})
	w.token = w.mustLink()
	v := w.visitor().enter()
	page := v.get("/setup").body
	if strings.Contains(page, "stays in use") || !strings.Contains(page, "no longer works") {
		t.Error("the page says that a dead key stays in use")
	}
	form := v.form()
	form.Set("key_id", "NEW1234567")
	path := v.post("/setup", form).Header.Get("Location")
	for _, u := range w.mustUploads() {
		if "/uploads/"+string(u.ID) == path {
			w.mustAccept(u, fine())
		}
	}
	page = v.get(path + "/status").body
	if !strings.Contains(page, "Your key works") || strings.Contains(page, "do not revoke the old key") {
		t.Error("the page asks to keep a dead key")
	}
}
