package portal_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// The browser that handed the key over is shown that it works, wherever it
// goes back to. Everybody else sees a link like any that is dead.
func TestAUsedLinkIsKnownToTheBrowserThatUsedIt(t *testing.T) {
	w := mustWorld(t, nil)
	v, elsewhere := w.visitor().enter(), w.visitor().enter()
	form := v.form()
	u := v.mustBegin()
	path := "/uploads/" + string(u.ID)
	w.mustAccept(u, fine())
	unknown := w.visitor().post("/continue", url.Values{"token": {strings.Repeat("A", 43)}})
	for name, ask := range map[string]func(*visitor) answer{
		"setup":             func(v *visitor) answer { return v.get("/setup") },
		"the upload":        func(v *visitor) answer { return v.get(path) },
		"the form, again":   func(v *visitor) answer { return v.post("/setup", form) },
		"Continue, again":   func(v *visitor) answer { return v.post("/continue", url.Values{"token": {w.token}}) },
		"a new form, again": func(v *visitor) answer { return v.post(path+"/renew", form) },
	} {
		if a := ask(v); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != path+"/status" {
			t.Errorf("%s: status %d, to %q", name, a.StatusCode, a.Header.Get("Location"))
		}
		for where, other := range map[string]*visitor{"another device that opened it": elsewhere, "somebody": w.visitor()} {
			if a := ask(other); a.StatusCode != http.StatusNotFound || a.body != unknown.body || len(a.Cookies()) != 0 {
				t.Errorf("%s by %s: status %d, or another page than for an unknown link", name, where, a.StatusCode)
			}
		}
	}
	if a := v.get(path + "/status"); !strings.Contains(a.body, "Your key works") {
		t.Error("the page does not say that the key works")
	}
}

// A link that was revoked before a key came is dead for its browser, too.
func TestARevokedLinkIsDeadForEverybody(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	v.mustBegin()
	none := w.visitor().get("/setup")
	w.mustDecide(integration.LinksRevoked{By: "support"}, nil)
	if a := v.get("/setup"); a.StatusCode != http.StatusNotFound || a.body != none.body {
		t.Errorf("status %d, or another page", a.StatusCode)
	}
}

func TestAskingForALinkWhileTheKeyWorksSetsNothingOff(t *testing.T) {
	w := mustWorld(t, nil)
	w.mustAccept(w.visitor().enter().mustBegin(), fine())
	w.advance(2 * time.Hour)
	w.visitor().post("/link-request", url.Values{"address": {contactAddress}})
	it := w.mustIntegration()
	if it.Invitation.Count != 2 {
		t.Fatalf("%d invitations", it.Invitation.Count)
	}
	w.advance(integration.LinkLife + time.Hour)
	w.mustDecide(integration.Tick{Fleet: integration.FleetView{Size: 100}}, nil)
	ns, err := w.store.Notices(t.Context(), w.id)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range ns {
		switch {
		case n.Kind == integration.NoticeInvitationReminder, n.Kind == integration.NoticeInvitationOver:
			t.Errorf("%s goes out", n.Kind)
		case n.Kind == integration.NoticeInvitation && n.CreatedAt.After(it.Key.AcceptedAt) && !n.Facts.Unneeded:
			t.Error("the e-mail says that a new key is needed")
		}
	}
}

// The script cannot read the object store's answer: it says when it sent the
// file, and which verdict the page knew of, which is about another file. The
// browser's clock may run ahead of the verdict's.
func TestTheScriptsFileIsWaitedFor(t *testing.T) {
	w := mustWorld(t, nil)
	v := w.visitor().enter()
	u := v.mustBegin()
	says := func(want string, after, sent time.Time) {
		t.Helper()
		path := "/uploads/" + string(u.ID) + "/status?after=" + unixMilli(after) + "&sent=" + unixMilli(sent)
		if a := v.get(path); !strings.Contains(a.body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	never := time.Time{}
	says("We are looking at your file", never, w.Now())
	says("We have not received a file yet", never, w.Now().Add(-time.Minute))
	w.mustJudge(u, integration.Attempt{ETag: "old", State: integration.UploadRefused, Diagnosis: "rsa_key"})
	old := w.Now()
	says("RSA", never, w.Now().Add(30*time.Second))
	if page := v.get("/uploads/" + string(u.ID)).body; !strings.Contains(page, "status?after="+unixMilli(old)) {
		t.Error("the upload page does not say which verdict it knows of")
	}
	w.advance(10 * time.Second)
	says("We are looking at your file", old, w.Now().Add(30*time.Second))
	w.advance(2 * time.Second)
	w.mustJudge(w.mustUploads()[0], integration.Attempt{ETag: "new", State: integration.UploadRefused, Diagnosis: "empty"})
	says("This file is empty", old, w.Now().Add(30*time.Second))
	w.advance(2 * time.Minute)
	says("This file is empty", w.Now().Add(-2*time.Minute), w.Now().Add(-time.Minute)) // it never arrived
}

func unixMilli(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }
