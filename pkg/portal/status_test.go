package portal_test

import (
	"encoding/json"
	"html"
	"net/http"
	"strings"
	"testing"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// status begins an upload, lets something become of it and gets its page.
func status(t *testing.T, query string, become func(w *world, u integration.Upload)) (*world, answer) {
	t.Helper()
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	u := v.mustBegin()
	if become != nil {
		become(w, u)
	}
	a := v.get("/uploads/" + string(u.ID) + "/status" + query)
	a.body = html.UnescapeString(a.body)
	return w, a
}

func blocked(r integration.Reason) integration.Outcome {
	o := fine()
	o.Verdict, o.Reason = integration.Blocked, r
	return o
}

func TestStatusSaysHowFarTheUploadIs(t *testing.T) {
	judge := func(s integration.UploadState, code string) func(*world, integration.Upload) {
		return func(w *world, u integration.Upload) {
			w.mustJudge(u, integration.Attempt{ETag: "e1", State: s, Diagnosis: code})
		}
	}
	for _, c := range []struct {
		name, query string
		become      func(*world, integration.Upload)
		says        []string
		refreshes   bool
	}{
		{"nothing arrived", "", nil, []string{"We have not received a file yet", "a page of code", "Go back to the upload"}, true},
		{"just sent", "?etag=%22e1%22", nil, []string{"We are looking at your file"}, true},
		{"another after a refusal", "?etag=%22e2%22", judge(integration.UploadRefused, "rsa_key"), []string{"We are looking at your file"}, true},
		{"new key", "?etag=%22e1%22", judge(integration.UploadWaiting, "not_authorized"), []string{"We are waiting for Apple", "few minutes to know new keys"}, true},
		{"Apple is down", "", judge(integration.UploadWaiting, "outage"), []string{"We are waiting for Apple", "some hours", "no need to make another key"}, true},
		{"accepted", "?etag=%22e1%22", func(w *world, u integration.Upload) { w.mustAccept(u, fine()) },
			[]string{"Your key works", "Example Learning, Example Kids", "TEAM123456", "read signing certificates", "read the users of your team: no",
				"We couldn’t verify that this key has the App Manager role", "<strong>App Manager</strong> or <strong>Admin</strong>", "What comes next"}, false},
		{"agreement", "", func(w *world, u integration.Upload) { w.mustAccept(u, blocked(integration.Agreement)) },
			[]string{"Your key is safe", "do not make another", "Account Holder", "accept agreements"}, false},
		{"membership", "", func(w *world, u integration.Upload) { w.mustAccept(u, blocked(integration.Membership)) },
			[]string{"Your key is safe", "renew the membership"}, false},
		{"gave up", "", judge(integration.UploadExpired, "outage"), []string{"Apple did not answer", "the same key will do", "Start again"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, a := status(t, c.query, c.become)
			if a.StatusCode != 200 {
				t.Fatalf("status %d", a.StatusCode)
			}
			for _, want := range c.says {
				if !strings.Contains(a.body, want) {
					t.Errorf("the page does not say %q", want)
				}
			}
			if got := strings.Contains(a.body, `http-equiv="refresh"`); got != c.refreshes {
				t.Errorf("refreshes without script: %v", got)
			}
		})
	}
}

// refusals are all codes that intake can refuse with, and what the page must
// tell people to do.
func refusals() map[string]string {
	m := map[string]string{
		"not_authorized": "Compare the IDs", "forbidden_at_all": "someone revoked it", "wrong_program": "Enterprise Program",
		"wrong_key_kind": "Team Keys", "role": "at least the access App Manager", "apps": "New App",
		integration.RefusedHeld: "in use for another account", integration.RefusedShared: "another app of yours",
		integration.RefusedTeam: "another team", integration.RefusedLinkVoid: "ask for a new link",
		integration.RefusedName: "another key ID", "something new": "write to",
	}
	for _, d := range keyfile.Diagnoses() {
		m[string(d)] = d.Sentence()
	}
	return m
}

func TestEveryRefusalSaysWhatToDo(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	u := v.mustBegin()
	for code, says := range refusals() {
		w.mustJudge(w.mustUploads()[0], integration.Attempt{ETag: "e-" + code, State: integration.UploadRefused, Diagnosis: code, Missing: []integration.Capability{integration.Apps, integration.Profiles}})
		w.advance(1e9)
		a := v.get("/uploads/" + string(u.ID) + "/status")
		body := html.UnescapeString(a.body)
		if a.StatusCode != 200 || !strings.Contains(body, says) || !strings.Contains(body, "Choose another file") {
			t.Errorf("%s: status %d, or the page does not say %q", code, a.StatusCode, says)
		}
		if code == "role" && !strings.Contains(body, "list your apps and read provisioning profiles") {
			t.Error("role: the page does not say what the key cannot do")
		}
		if code == integration.RefusedHeld && strings.Contains(body, "int_") {
			t.Error("the page says whose the key is")
		}
	}
}

func TestCustomersNeverReadOurWordsForStates(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	u := v.mustBegin()
	w.mustAccept(u, fine())
	for _, s := range integration.States() {
		it := w.mustIntegration()
		next := it
		next.State = s
		w.mustCommit(integration.Change{Integration: integration.Put(it, next)})
		body := v.get("/uploads/" + string(u.ID) + "/status").body
		for _, word := range []string{"suspect", "deactivated", "awaiting_key", "action_required"} {
			if strings.Contains(strings.ToLower(body), word) {
				t.Errorf("in state %s the page says %q", s, word)
			}
		}
	}
}

// TestStatusSaysWhatWasFoundAndWhatWasTyped: a team that Apple does not show
// was entered, and not found.
func TestStatusSaysWhatWasFoundAndWhatWasTyped(t *testing.T) {
	part := func(body, from, to string) string {
		_, rest, _ := strings.Cut(body, from)
		inner, _, _ := strings.Cut(rest, to)
		return inner
	}
	for _, c := range []struct {
		name         string
		teams, seeds []string
		found        bool
	}{
		{"a certificate", []string{"TEAM123456"}, nil, true},
		{"a seed ID", nil, []string{"TEAM123456"}, true},
		{"nothing", nil, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, a := status(t, "", func(w *world, u integration.Upload) {
				o := fine()
				o.TeamIDs, o.SeedIDs = c.teams, c.seeds
				w.mustAccept(u, o)
			})
			found := part(a.body, "<h2>What we found</h2>", "</dl>")
			typed := part(a.body, "<h2>What you entered</h2>", "</dl>")
			if strings.Contains(found, "TEAM123456") != c.found || strings.Contains(typed, "TEAM123456") == c.found {
				t.Errorf("found: %s\nentered: %s", found, typed)
			}
			if strings.Contains(found, "Example GmbH") {
				t.Error("the page says that it found a name that was typed")
			}
		})
	}
}

func TestStatusAsJSON(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	u := v.mustBegin()
	path := "/uploads/" + string(u.ID) + "/status.json"
	read := func() (got struct {
		Phase, Version, Title string
		Final                 bool
	}) {
		a := v.get(path + "?etag=e1")
		if a.StatusCode != 200 || json.Unmarshal([]byte(a.body), &got) != nil {
			t.Fatalf("status %d, %q", a.StatusCode, a.body)
		}
		return got
	}
	before := read()
	w.mustJudge(u, integration.Attempt{ETag: "e1", State: integration.UploadRefused, Diagnosis: "rsa_key"})
	after := read()
	if before.Phase != "looking" || before.Final || after.Phase != "refused" || !after.Final || before.Version == after.Version {
		t.Errorf("before %+v, after %+v", before, after)
	}
	if a := w.visitor().get(path); a.StatusCode != http.StatusNotFound {
		t.Errorf("without a link: status %d", a.StatusCode)
	}
}

func TestUploadsOfOthersAreNotFound(t *testing.T) {
	w := mustWorld(t, nil)
	mine := w.visitor().enter().mustBegin()
	first := w.token
	w.mustInvite(integration.Draft{Reference: "acme-2", Label: "Other", Customer: "other", Access: integration.Levels()[0], By: "support"})
	theirs := w.visitor().enter()
	unknown := theirs.get("/uploads/upl_00000000000000000000000000000000")
	for _, path := range []string{"", "/status", "/renew"} {
		target := "/uploads/" + string(mine.ID) + path
		var a answer
		if path == "/renew" {
			a = theirs.post(target, theirs.form())
		} else {
			a = theirs.get(target)
		}
		if a.StatusCode != http.StatusNotFound || a.body != unknown.body {
			t.Errorf("%q: status %d, or another page than for an unknown upload", path, a.StatusCode)
		}
	}
	w.token = first
	if a := w.visitor().enter().get("/uploads/" + string(mine.ID)); a.StatusCode != 200 {
		t.Errorf("my own: status %d", a.StatusCode)
	}
}

func TestAUsedLinkShowsItsOwnUploadsAlone(t *testing.T) {
	w := mustWorld(t, nil)
	mine := w.visitor().enter()
	mine.mustBegin()
	w.token = w.mustLink()
	colleague := w.visitor().enter().mustBegin()
	path := "/uploads/" + string(colleague.ID) + "/status"
	if a := mine.get(path); a.StatusCode != 200 {
		t.Errorf("while the link is good: status %d", a.StatusCode)
	}
	w.mustAccept(colleague, fine())
	if a := mine.get(path); a.StatusCode != http.StatusNotFound {
		t.Errorf("once it is used up: status %d", a.StatusCode)
	}
}

func TestStatusStaysReadableAfterAcceptance(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	other := v.mustBegin()
	u := v.mustBegin()
	w.mustAccept(u, fine())
	if a := v.get("/uploads/" + string(u.ID) + "/status"); a.StatusCode != 200 || !strings.Contains(a.body, "Your key works") {
		t.Errorf("status %d", a.StatusCode)
	}
	if a := v.get("/uploads/" + string(other.ID) + "/status"); a.StatusCode != 200 || strings.Contains(a.body, "Choose another file") {
		t.Errorf("a used link offers to send another file, or status %d", a.StatusCode)
	}
	if a := v.get("/uploads/" + string(u.ID)); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/uploads/"+string(u.ID)+"/status" {
		t.Errorf("a used link still gives forms: status %d", a.StatusCode)
	}
}

func TestStatusEndsWithTheLinkAndTheIntegration(t *testing.T) {
	for name, end := range map[string]func(w *world){
		"the link has run out": func(w *world) { w.advance(integration.LinkLife) },
		"disconnected":         func(w *world) { w.mustDecide(integration.DisconnectRequested{By: "support"}, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			w := mustWorld(t, nil)
			v := w.visitor().enter()
			path := "/uploads/" + string(v.mustBegin().ID) + "/status?again=1"
			end(w)
			r := w.request(http.MethodGet, path, nil) // browsers drop the cookie by then; others may not
			r.AddCookie(&http.Cookie{Name: "keyward", Value: w.token})
			if a := w.visitor().do(r); a.StatusCode != http.StatusNotFound || strings.Contains(a.body, "Example") {
				t.Errorf("status %d", a.StatusCode)
			}
		})
	}
}

func TestARedirectWithoutTheCookieComesBackOnce(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	path := "/uploads/" + string(v.mustBegin().ID) + "/status?etag=%22e1%22&key=evil%0d%0aSet-Cookie:x"
	r := w.request(http.MethodGet, path, nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	first := w.visitor().do(r)
	refresh := first.Header.Get("Refresh")
	if !strings.HasPrefix(refresh, "0; url=/uploads/upl_") || strings.Contains(refresh, "evil") {
		t.Fatalf("Refresh %q", refresh)
	}
	again := strings.TrimPrefix(refresh, "0; url=")
	if a := v.get(again); a.StatusCode != 200 || !strings.Contains(a.body, "We are looking at your file") {
		t.Errorf("with the cookie, the second time: status %d", a.StatusCode)
	}
	if a := w.visitor().get(again); a.StatusCode != http.StatusNotFound || a.Header.Get("Refresh") != "" {
		t.Errorf("without the cookie, the second time: status %d", a.StatusCode)
	}
}

// A key that reads the team's users shows its role: nobody need look it up.
func TestRoleThatWasSeenIsNotAskedAbout(t *testing.T) {
	_, a := status(t, "", func(w *world, u integration.Upload) {
		o := fine()
		for i := range o.Findings {
			o.Findings[i] = integration.Finding{Capability: o.Findings[i].Capability, Verdict: integration.OK}
		}
		w.mustAccept(u, o)
	})
	if !strings.Contains(a.body, "Your key works") || strings.Contains(a.body, "verify") {
		t.Error("the page asks about the role of a key that reads the users")
	}
}
