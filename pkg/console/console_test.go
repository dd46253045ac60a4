package console_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"keyward/pkg/console"
	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// wantText fails unless the page says all of it, escapes aside.
func wantText(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(page), text) {
			t.Errorf("%q is not on the page", text)
		}
	}
}

func invitation() url.Values {
	return url.Values{
		"once": {"0123456789abcdef"}, "label": {"Acme Learning"}, "reference": {"acme-ios"}, "access_level": {"publish"},
		"name0": {"Ada"}, "address0": {"ada@acme.example"}, "duties0": {"admin", "business"},
	}
}

func TestOverviewBegins(t *testing.T) {
	r := newRig(t)
	wantText(t, r.get("/", 200), "No integrations yet", "Inbox", "Simulated Apple")
}

func TestOverviewShowsWhatNeedsAttention(t *testing.T) {
	r := newRig(t)
	r.MustSeed()
	page := r.get("/", 200)
	dead, action, suspect := strings.Index(page, "Delta Fitness"), strings.Index(page, "Cobalt Bank"), strings.Index(page, "Borealis")
	if dead < 0 || action < dead || suspect < action {
		t.Errorf("order: deactivated %d, action required %d, suspect %d", dead, action, suspect)
	}
	if strings.Contains(page, "Acme Learning") {
		t.Error("one that is well is there too")
	}
}

// TestWhatWasSentCanBeReadAgain, and the integration's page leads to it.
func TestWhatWasSentCanBeReadAgain(t *testing.T) {
	r := newRig(t)
	id := r.MustInvite("acme-ios", "Acme Learning", "acme")
	home := "/integrations/" + id
	if page := r.get(home, 200); strings.Contains(page, home+"/mails/") {
		t.Error("a mail that was not sent can be read")
	}
	path := r.MustReadMail(id)
	wantText(t, r.get(home, 200), `<a href="`+path+`">Invitation</a>`)
	page := r.get(path, 200)
	wantText(t, page, "Please upload your App Store Connect key – Acme Learning", "As it was sent, without the greeting and the upload link.",
		"\n(link removed)\n", `href="`+home+`"`)
	if strings.Contains(page, "/l/") || strings.Contains(page, "Hello Ada") {
		t.Error("the page has the link, or the greeting")
	}
	for _, n := range []string{"ntc_0000000000000000", "x"} {
		wantText(t, r.get(home+"/mails/"+n, 404), "There is nothing here")
	}
	waits := r.MustInvite("bolt-ios", "Bolt", "bolt")
	ns, err := r.api.Notices(context.Background(), waits)
	must(t, err)
	wantText(t, r.get("/integrations/"+waits+"/mails/"+ns[0].ID, 200), "Invitation", "This e-mail has not been sent yet.")
}

func TestInviting(t *testing.T) {
	r := newRig(t)
	wantText(t, r.get("/invite", 200), "Build and publish your app", "App Manager")
	wantText(t, r.post("/invite", invitation(), 200), "The customer is invited", "Acme Learning", "ada@acme.example", "Invitation")
	// Sent twice, as by a double click: still one integration.
	wantText(t, r.post("/invite", invitation(), 200), "Acme Learning")
	page, err := r.api.List(context.Background(), operator.Listing{})
	if err != nil || len(page.Integrations) != 1 {
		t.Errorf("got %d integrations, %v", len(page.Integrations), err)
	}
}

func TestInvitingWronglyKeepsWhatWasTyped(t *testing.T) {
	r := newRig(t)
	for _, tt := range []struct {
		name, field, value, says string
	}{
		{"reference", "reference", "two words", "no blanks"},
		{"address", "address0", "ada at acme", "not an e-mail address"},
		{"label", "label", "", "label is missing"},
		{"level", "access_level", "x", "no such access level"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form := invitation()
			form.Set(tt.field, tt.value)
			page := r.post("/invite", form, 422)
			wantText(t, page, tt.says, `value="Ada"`, tt.value, "<title>Error: ")
		})
	}
	r.MustInvite("acme-ios", "First", "acme")
	page := r.post("/invite", invitation(), 422)
	wantText(t, page, "belongs to an integration that is there already", `href="/integrations/int_`)
}

func TestSearchLeadsThere(t *testing.T) {
	r := newRig(t)
	id := r.MustInvite("acme-ios", "Acme Learning", "acme")
	r.MustActivate(id, "ACME123456")
	r.MustInvite("other", "Other", "other")
	for _, text := range []string{"acme-ios", id, " ADA@acme.example ", "TEAM123456", "acme123456", "com.acme.learn"} {
		wantText(t, r.post("/search", url.Values{"text": {text}}, 200), "<h1>Acme Learning</h1>")
	}
	wantText(t, r.post("/search", url.Values{"text": {"nothing"}}, 200), "Nothing found")
	wantText(t, r.post("/search", url.Values{"text": {""}}, 200), "<h1>Integrations</h1>")
	if strings.Contains(strings.ToLower(r.logs.String()), "ada@") {
		t.Error("the address is in the log")
	}
}

func TestListFiltersAndPages(t *testing.T) {
	r := newRig(t)
	for i := range 52 {
		r.MustInvite("acme-"+string(rune('a'+i/26))+string(rune('a'+i%26)), "Acme", "acme")
	}
	r.MustActivate(r.MustInvite("solo", "Solo", "solo"), "SOLO123456")
	page := r.get("/integrations?state=awaiting_key&customer=acme", 200)
	if n := strings.Count(page, `<div class="what">`); n != 50 {
		t.Errorf("got %d", n)
	}
	_, rest, _ := strings.Cut(page, `href="/integrations?cursor=`)
	rest, _, _ = strings.Cut(rest, `"`)
	page = r.get("/integrations?cursor="+html.UnescapeString(rest), 200)
	if n := strings.Count(page, `<div class="what">`); n != 2 {
		t.Errorf("second page: got %d", n)
	}
	wantText(t, r.get("/integrations?state=active", 200), "Solo")
	wantText(t, r.get("/integrations?customer=nobody", 200), "No integration fits")
}

func TestDetailShowsEverything(t *testing.T) {
	r := newRig(t)
	ids := r.MustSeed()
	page := r.get("/integrations/"+ids["active"], 200)
	wantText(t, page, "The key works", "No e-mail has reached the customer yet", "check is", "ACME123456", "Acme <Inc.>",
		"This is an RSA private key", "role is too low", "Mail bounces", "Watched", "Gone", "Bundle IDs", "Key accepted", "Check now")
	if strings.Contains(page, "<Inc.>") {
		t.Error("a team's name is not escaped")
	}
	wantText(t, r.get("/integrations/"+ids["action"], 200), "Account Holder accepts the agreement", "The e-mail about this is on its way")
	over := r.get("/integrations/"+ids["over"], 200)
	wantText(t, over, "It ended on", "One key is being deleted")
	if strings.Contains(over, "Check now") || strings.Contains(over, "Settings") {
		t.Error("what is over can still be acted on")
	}
}

func TestPagesOfNothing(t *testing.T) {
	r := newRig(t)
	id := r.MustInvite("acme-ios", "Acme", "acme")
	for _, path := range []string{
		"/nowhere", "/integrations/int_00000000000000000000000000", "/integrations/x", "/integrations/" + id + "/dance",
		"/integrations/" + id + "/check", "/integrations/" + id + "/contacts/con_1", "/integrations/" + id + "/contacts/new/erase",
	} {
		wantText(t, r.get(path, 404), "There is nothing here")
	}
	wantText(t, r.do(http.MethodDelete, "/integrations/"+id, nil, 405, "same-origin"), "cannot be done here")
}

func TestWithoutTheService(t *testing.T) {
	r := newRig(t)
	client, err := operator.NewClient(operator.ClientConfig{BaseURL: "http://127.0.0.1:1"})
	must(t, err)
	c, err := console.New(console.Config{Client: client, Now: r.clock, Logger: r.logger})
	must(t, err)
	r.server.Config.Handler = c.Handler()
	wantText(t, r.get("/", 502), "Keyward does not answer")
}

func TestConfigNamesAllThatIsMissing(t *testing.T) {
	_, err := console.New(console.Config{})
	if err == nil || !strings.Contains(err.Error(), "Client") || !strings.Contains(err.Error(), "Now") {
		t.Errorf("got %v", err)
	}
}

func TestActions(t *testing.T) {
	for _, tt := range []struct {
		act  string
		form url.Values
		says string
		asks bool
		what string // in the history
	}{
		{"link", nil, "new upload link goes to", true, "invited"},
		{"revoke", nil, "opens any more", true, "links_revoked"},
		{"check", nil, "on its way", false, "check_requested"},
		{"label", url.Values{"label": {"New name"}}, "The label has changed", false, "label_changed"},
		{"share", url.Values{"shares": {"yes"}}, "consent to share", false, "sharing_consent"},
		{"disconnect", url.Values{"label": {"Acme Learning"}}, "has ended", true, "disconnect_requested"},
	} {
		t.Run(tt.act, func(t *testing.T) {
			r := newRig(t)
			id := r.MustInvite("acme-ios", "Acme Learning", "acme")
			r.MustActivate(id, "ACME123456")
			path := "/integrations/" + id + "/" + tt.act
			if tt.asks {
				wantText(t, r.get(path, 200), "Acme Learning", "Cancel", `method="post"`)
			}
			wantText(t, r.post(path, tt.form, 200), tt.says)
			if h, err := r.api.History(context.Background(), id, "", 1); err != nil || h.Entries[0].What != tt.what {
				t.Errorf("history: %+v, %v", h.Entries, err)
			}
		})
	}
}

func TestDisconnectWantsTheLabel(t *testing.T) {
	r := newRig(t)
	id := r.MustInvite("acme-ios", "Acme Learning", "acme")
	for _, typed := range []string{"", "acme learning", "Acme"} {
		wantText(t, r.post("/integrations/"+id+"/disconnect", url.Values{"label": {typed}}, 422), "That is not the label")
	}
	if r.stored(id).State == integration.Disconnected {
		t.Error("it has ended all the same")
	}
}

func TestWhatIsRefusedIsExplained(t *testing.T) {
	r := newRig(t)
	id := r.MustInvite("acme-ios", "Acme Learning", "acme")
	wantText(t, r.post("/integrations/"+id+"/check", nil, 409), "There is no key to check")
	wantText(t, r.post("/integrations/"+id+"/label", url.Values{"label": {""}}, 422), "label is missing")
	wantText(t, r.post("/integrations/"+id+"/pin", url.Values{"serial": {"AA"}}, 422), "no distribution certificate")
}

func TestTheRoleIsNamedWithItsReasonAndWhatWasSeen(t *testing.T) {
	r := newRig(t)
	id := r.MustInvite("acme-ios", "Acme Learning", "acme")
	wantText(t, r.get("/integrations/"+id, 200), "role App Manager", "Developer can only upload builds")
	r.MustActivate(id, "ABCDE12345")
	wantText(t, r.get("/integrations/"+id, 200), "couldn't verify that this key has the role App Manager")
}
