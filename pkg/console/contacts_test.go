package console_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"keyward/pkg/integration"
)

func TestContacts(t *testing.T) {
	r := newRig(t)
	id := r.MustInvite("acme-ios", "Acme Learning", "acme")
	r.now = r.now.Add(time.Minute)
	base := "/integrations/" + id + "/contacts/"
	form := url.Values{"name": {"Bob"}, "address": {"bob@acme.example"}, "duties": {"business"}}
	wantText(t, r.post(base+"new", form, 200), "The contact is saved", "bob@acme.example")
	wantText(t, r.post(base+"new", form, 409), "has this address already", `value="Bob"`)
	form.Set("address", "carl@acme.example")
	form.Del("duties")
	wantText(t, r.post(base+"new", form, 422), "at least one duty")

	it, err := r.api.Get(context.Background(), id)
	must(t, err)
	bob := base + it.Contacts[2].ID
	wantText(t, r.get(bob, 200), "Change a contact", "bob@acme.example")
	wantText(t, r.post(bob, url.Values{"name": {"Rob"}, "address": {"bob@acme.example"}}, 422), "at least one duty")
	wantText(t, r.post(bob, url.Values{"name": {"Rob"}, "address": {"bob@acme.example"}, "duties": {"admin"}}, 200), "Rob")
	wantText(t, r.get(bob+"/erase", 200), "Erase this contact?", "cannot be brought back")
	wantText(t, r.post(bob+"/erase", nil, 200), "are erased", "Erased")
	r.get(bob, 404)
}

func TestTheLastAdminIsAskedAbout(t *testing.T) {
	r := newRig(t)
	id := r.MustInvite("acme-ios", "Acme Learning", "acme")
	it, err := r.api.Get(context.Background(), id)
	must(t, err)
	ada := "/integrations/" + id + "/contacts/" + it.Contacts[0].ID
	form := url.Values{"name": {"Ada"}, "address": {"ada@acme.example"}, "duties": {"business"}}
	wantText(t, r.post(ada, form, 409), "last contact who makes and uploads keys", "I mean it")
	wantText(t, r.post(ada+"/erase", nil, 409), "I mean it")
	wantText(t, r.post(ada+"/erase", url.Values{"last_admin": {"yes"}}, 200), "are erased")
}

func TestABouncingAddressStaysSoUntilToldOtherwise(t *testing.T) {
	r := newRig(t)
	id := r.MustInvite("acme-ios", "Acme Learning", "acme")
	contacts, err := r.db.Store().Contacts(context.Background(), integration.ID(id))
	must(t, err)
	r.bounce(id)
	bounced := contacts[1]
	page := "/integrations/" + id + "/contacts/" + string(bounced.ID)
	form := url.Values{"name": {"Other name"}, "address": {bounced.Address}, "duties": {"admin", "account_holder"}}
	wantText(t, r.get(page, 200), "has bounced since", "mail arrives again")
	wantText(t, r.post(page, form, 200), "Mail bounces")
	form.Set("arrives", "yes")
	if got := r.post(page, form, 200); contains(got, "Mail bounces") {
		t.Error("it still bounces")
	}
}
