package operator_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

func ptr[T any](v T) *T { return &v }

func TestContactsComeAndGo(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	it := r.MustInvite("acme-ios")
	added, err := r.support.AddContact(ctx, it.ID, operator.NewContact{Name: "Bob", Address: "bob@acme.example", Duties: []string{"business", "business"}})
	if err != nil || len(added.Contact.Duties) != 1 {
		t.Fatalf("got %+v, %v", added, err)
	}
	if e := r.newest(it.ID); e.What != "contact_added" || e.Detail != "contact "+added.Contact.ID || strings.Contains(e.Detail, "@") {
		t.Errorf("history: %+v", e)
	}
	found, err := r.support.Find(ctx, operator.Search{Address: "BOB@acme.example"})
	if err != nil || len(found) != 1 {
		t.Errorf("found %d, %v", len(found), err)
	}
	changed, err := r.support.ChangeContact(ctx, it.ID, added.Contact.ID, operator.ContactPatch{Address: ptr("rob@acme.example")})
	if err != nil || changed.Contact.Address != "rob@acme.example" || changed.Contact.Name != "Bob" {
		t.Errorf("got %+v, %v", changed, err)
	}
	erased, err := r.support.EraseContact(ctx, it.ID, added.Contact.ID)
	if err != nil || !erased.Contact.Erased || len(erased.Warnings) != 1 {
		t.Errorf("got %+v, %v", erased, err)
	}
	found, _ = r.support.Find(ctx, operator.Search{Address: "rob@acme.example"})
	if len(found) != 0 {
		t.Error("an erased address can still be found")
	}
	if e := r.newest(it.ID); e.What != "contact_erased" || e.Detail != "contact "+added.Contact.ID {
		t.Errorf("history: %+v", e)
	}
	_, err = r.support.EraseContact(ctx, it.ID, added.Contact.ID)
	wantCode(t, err, operator.CodeNotFound)
}

func TestTheSameAddressTwice(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	it := r.MustInvite("acme-ios")
	_, err := r.support.AddContact(ctx, it.ID, operator.NewContact{Address: "ADA.admin@acme.example", Duties: []string{"admin"}})
	wantCode(t, err, operator.CodeContactExists)
	_, err = r.support.ChangeContact(ctx, it.ID, it.Contacts[1].ID, operator.ContactPatch{Address: ptr("ada.admin@acme.example")})
	wantCode(t, err, operator.CodeContactExists)
}

func TestTheLastAdminStaysUnlessItIsMeant(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	it := r.MustInvite("acme-ios")
	admin := it.Contacts[0].ID
	_, err := r.support.EraseContact(ctx, it.ID, admin)
	if p := wantCode(t, err, operator.CodeLastAdmin); p.Status != 409 || !strings.Contains(p.Detail, "?last_admin=true") {
		t.Errorf("got %+v", p)
	}
	_, err = r.support.ChangeContact(ctx, it.ID, admin, operator.ContactPatch{Duties: ptr([]string{"business"})})
	wantCode(t, err, operator.CodeLastAdmin)
	if _, err = r.support.ChangeContact(ctx, it.ID, admin, operator.ContactPatch{Duties: ptr([]string{"business"}), LastAdmin: true}); err != nil {
		t.Error(err)
	}
	if _, err := r.support.EraseContact(ctx, it.ID, admin); err != nil {
		t.Errorf("no admin any more: %v", err)
	}
}

func TestTheLastAdminMayGoOnceItIsOver(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	r.MustApply(it.ID, integration.DisconnectRequested{By: "support"})
	if _, err := r.support.EraseContact(context.Background(), it.ID, it.Contacts[0].ID); err != nil {
		t.Error(err)
	}
}

func TestTwoAdminsErasedAtOnceLeaveOne(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	it := r.MustInvite("acme-ios")
	second, err := r.support.AddContact(ctx, it.ID, operator.NewContact{Address: "bob@acme.example", Duties: []string{"admin"}})
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{it.Contacts[0].ID, second.Contact.ID}
	errs := make([]error, len(ids))
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() { _, errs[i] = r.support.EraseContact(ctx, it.ID, id) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("got %v and %v, want one refused", errs[0], errs[1])
	}
}

func TestANewAddressIsDeliverable(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	it := r.MustInvite("acme-ios")
	contacts, err := r.db.Store().Contacts(ctx, integration.ID(it.ID))
	if err != nil {
		t.Fatal(err)
	}
	bounced := contacts[0]
	bounced.Undeliverable = r.now
	err = r.db.Store().Commit(ctx, integration.Change{Contacts: []integration.Edit[integration.Contact]{integration.Put(contacts[0], bounced)}})
	if err != nil {
		t.Fatal(err)
	}
	renamed, err := r.support.ChangeContact(ctx, it.ID, string(bounced.ID), operator.ContactPatch{Name: ptr("A")})
	if err != nil || renamed.Contact.Undeliverable.IsZero() {
		t.Errorf("a new name made it deliverable: %+v, %v", renamed, err)
	}
	moved, err := r.support.ChangeContact(ctx, it.ID, string(bounced.ID), operator.ContactPatch{Address: ptr("new@acme.example")})
	if err != nil || !moved.Contact.Undeliverable.IsZero() {
		t.Errorf("got %+v, %v", moved, err)
	}
}

func TestNoContactForWhatIsOver(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	r.MustApply(it.ID, integration.DisconnectRequested{By: "support"})
	_, err := r.support.AddContact(context.Background(), it.ID, operator.NewContact{Address: "bob@acme.example", Duties: []string{"admin"}})
	wantCode(t, err, operator.CodeWrongState)
}
