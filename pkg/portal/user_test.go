package portal_test

import (
	"html"
	"strings"
	"testing"

	"keyward/pkg/integration"
	"keyward/pkg/pages/pagestest"
	"keyward/pkg/portal"
)

const userAddress = "builds@acme.example"

// mustAskingWorld is one whose access level asks for the vendor's user.
func mustAskingWorld(t *testing.T) *world {
	t.Helper()
	u, err := integration.NewVendorUser(userAddress)
	if err != nil {
		t.Fatal(err)
	}
	return mustWorld(t, func(_ *portal.Config, d *integration.Draft) {
		d.Access = integration.AskForUser(integration.Levels(), u)[0]
	})
}

func withUser(f integration.UserFinding) integration.Outcome {
	o := fine()
	o.User = f
	return o
}

// says fails unless the page has all of the texts, and none of those that
// begin with "!".
func says(t *testing.T, a answer, texts ...string) {
	t.Helper()
	if a.StatusCode != 200 {
		t.Fatalf("status %d", a.StatusCode)
	}
	body := html.UnescapeString(a.body)
	for _, text := range texts {
		without, not := strings.CutPrefix(text, "!")
		if strings.Contains(body, without) == not {
			t.Errorf("want %q on the page: %v", without, !not)
		}
	}
}

func TestSetupAsksForTheVendorsUser(t *testing.T) {
	says(t, mustAskingWorld(t).visitor().enter().get("/setup"),
		"add Acme Learning as a user", "https://appstoreconnect.apple.com/access/users", userAddress, "<strong>App Manager</strong>", "Additional Resources",
		"Access to Certificates, Identifiers & Profiles", "Access to Cloud Managed Distribution Certificate", "<strong>Invite</strong>",
		"Nobody at Acme Learning needs a password", "!You need not add anybody")
	says(t, mustWorld(t, nil).visitor().enter().get("/setup"),
		"You need not add anybody as a user", "!add Acme Learning as a user", "!Cloud Managed")
}

func TestPagesSayWhatBecameOfTheVendorsUser(t *testing.T) {
	lacks := []integration.UserRight{integration.CloudSigning}
	const clicks, cloud = "<strong>Invite</strong>", "<strong>Access to Cloud Managed Distribution Certificate</strong>"
	for _, c := range []struct {
		name   string
		found  integration.UserFinding
		status []string
		setup  []string // of a link to replace the key, later
	}{
		{"active", integration.UserFinding{Access: integration.UserActive},
			[]string{"All is set up", "is a user of your team", "!" + clicks}, []string{"a user of your team already", "!" + clicks}},
		{"invited", integration.UserFinding{Access: integration.UserInvited},
			[]string{"All is set up", "It only has to accept", "!" + clicks}, []string{"invited to your team as a user already", "!" + clicks}},
		{"missing", integration.UserFinding{Access: integration.UserMissing},
			[]string{"The key is set up", "One thing is left", "neither among the users", clicks, "!All is set up"}, []string{"add Acme Learning as a user", clicks}},
		{"incomplete", integration.UserFinding{Access: integration.UserIncomplete, Missing: lacks},
			[]string{"One thing is left", "but lacks Access to Cloud", "Save", cloud, "!Identifiers & Profiles", "!" + clicks}, []string{"give the user Acme Learning more access", cloud, "!" + clicks}},
		{"invited, and lacks something", integration.UserFinding{Access: integration.UserInvited, Missing: lacks},
			[]string{"One thing is left", "invited to your team, but lacks", "invite the same address anew"}, []string{"invited to your team, but cannot", cloud}},
		{"unknown", integration.UserFinding{Access: integration.UserUnknown},
			[]string{"One thing we cannot see", "!All is set up", "may not read the users", "How to add Acme Learning", clicks}, []string{"add Acme Learning as a user", clicks}},
		{"no answer", integration.UserFinding{},
			[]string{"One thing we cannot see", "!All is set up", "not been able to see yet", clicks}, []string{"add Acme Learning as a user", clicks}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := mustAskingWorld(t)
			v := w.visitor().enter()
			u := v.mustBegin()
			w.mustAccept(u, withUser(c.found))
			says(t, v.get("/uploads/"+string(u.ID)+"/status"), append(c.status, userAddress)...)
			w.token = w.mustLink()
			says(t, w.visitor().enter().get("/setup"), append(c.setup, userAddress)...)
			if strings.Contains(w.log.String(), userAddress) {
				t.Error("the address is in the log")
			}
		})
	}
}

func TestABlockedKeySaysWhatBecameOfTheVendorsUserToo(t *testing.T) {
	w := mustAskingWorld(t)
	v := w.visitor().enter()
	u := v.mustBegin()
	o := blocked(integration.NoApps)
	o.User = integration.UserFinding{Access: integration.UserMissing}
	w.mustAccept(u, o)
	says(t, v.get("/uploads/"+string(u.ID)+"/status"), "What is left to do", "New App", "Please add Acme Learning as a user", userAddress)
}

func TestNoUserIsMentionedWhereNoneIsAsked(t *testing.T) {
	_, a := status(t, "", func(w *world, u integration.Upload) {
		w.mustAccept(u, withUser(integration.UserFinding{Access: integration.UserMissing}))
	})
	says(t, a, "All is set up", "!as a user")
}

func TestTheVendorsUserInABrowser(t *testing.T) {
	t.Parallel()
	b := pagestest.Open(t)
	w := mustAskingWorld(t)
	b.Go(w.site.URL + "/l/" + w.token)
	b.Press("main button")
	b.See("add Acme Learning as a user")
	judged(b, "setup-user")
	for _, f := range []integration.UserFinding{
		{Access: integration.UserMissing}, {Access: integration.UserIncomplete, Missing: integration.UserRights()}, {Access: integration.UserUnknown},
	} {
		w.token = w.mustLink()
		b.Go(w.site.URL + "/l/" + w.token)
		b.Press("main button")
		v := w.visitor().enter()
		u := v.mustBegin()
		w.mustAccept(u, withUser(f))
		b.Go(w.site.URL + "/uploads/" + string(u.ID) + "/status")
		b.See("Your key works")
		judged(b, "status-user-"+string(f.Access))
	}
}
