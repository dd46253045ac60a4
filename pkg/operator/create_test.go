package operator_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

func TestCreateInvites(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	if it.State != "awaiting_key" || it.Reference != "acme-ios" || it.Customer != "acme" || it.AccessLevel.Role != "App Manager" {
		t.Errorf("got %+v", it)
	}
	if len(it.Contacts) != 2 || it.Contacts[0].Address == "" {
		t.Errorf("contacts: got %+v", it.Contacts)
	}
	notices, err := r.support.Notices(context.Background(), it.ID)
	if err != nil || len(notices) != 1 || notices[0].Kind != "invitation" || notices[0].Status != "pending" || !notices[0].Link {
		t.Errorf("notices: got %+v, %v", notices, err)
	}
	if e := r.newest(it.ID); e.What != "created" || e.Actor != "support jane.doe" {
		t.Errorf("history: got %+v", e)
	}
}

func TestCreateNamesTheIntegrationThatHasTheReference(t *testing.T) {
	r := newRig(t)
	first := r.MustInvite("acme-ios")
	_, err := r.support.Create(context.Background(), invitation("acme-ios"), "")
	p := wantCode(t, err, operator.CodeReferenceTaken)
	if p.Status != 409 || p.Integration != first.ID || p.Field != "reference" {
		t.Errorf("got %+v", p)
	}
}

// A behindStore finds nothing yet, as a look-up that lags behind.
type behindStore struct{ operator.Store }

func (behindStore) Find(context.Context, string) ([]integration.ID, error) { return nil, nil }

func TestCreateWithAReferenceThatIsNotFoundYet(t *testing.T) {
	r := newRig(t)
	r.MustInvite("acme-ios")
	r.service.Store = behindStore{r.db.Store()}
	_, err := r.support.Create(context.Background(), invitation("acme-ios"), "")
	if p := wantCode(t, err, operator.CodeReferenceTaken); p.Integration != "" || p.Field != "reference" {
		t.Errorf("got %+v", p)
	}
}

func TestCreateIsRepeatableWithAKey(t *testing.T) {
	r := newRig(t)
	ctx, key := context.Background(), "0b0dd5a6-0a84-4d9c-9a0e-4f3b7a2d1c11"
	first, err := r.support.Create(ctx, invitation("acme-ios"), key)
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.support.Create(ctx, invitation("acme-ios"), key)
	if err != nil || second.ID != first.ID {
		t.Errorf("repeated: got %s, %v; want %s", second.ID, err, first.ID)
	}
	notices, _ := r.support.Notices(ctx, first.ID)
	if len(notices) != 1 {
		t.Errorf("got %d notices, want one", len(notices))
	}
	_, err = r.support.Create(ctx, invitation("acme-android"), key)
	wantCode(t, err, operator.CodeKeyReused)
}

func TestCreateSurvivesALostAnswer(t *testing.T) {
	r := newRig(t)
	r.hooks.After = func(op string) error {
		if op == "store.Commit" {
			r.hooks.After = nil
			return errors.New("the answer got lost")
		}
		return nil
	}
	it, err := r.support.Create(context.Background(), invitation("acme-ios"), "a-key-for-this-request")
	if err != nil || it.Reference != "acme-ios" {
		t.Errorf("got %q, %v", it.Reference, err)
	}
}

func TestCreateDefaultsTheCustomerToTheReference(t *testing.T) {
	r := newRig(t)
	n := invitation("acme-ios")
	n.Customer = ""
	it, err := r.support.Create(context.Background(), n, "")
	if err != nil || it.Customer != "acme-ios" {
		t.Errorf("got %q, %v", it.Customer, err)
	}
}

func TestCreateSaysWhatIsWrong(t *testing.T) {
	long := strings.Repeat("x", 200)
	admin := operator.NewContact{Address: "ada@acme.example", Duties: []string{"admin"}}
	for _, tt := range []struct {
		name, field, says string
		change            func(*operator.NewIntegration)
	}{
		{"no reference", "reference", "acme-ios", func(n *operator.NewIntegration) { n.Reference = "" }},
		{"blank in the reference", "reference", "no blanks", func(n *operator.NewIntegration) { n.Reference = "a b" }},
		{"reference like an ID", "reference", "int_", func(n *operator.NewIntegration) { n.Reference = "int_1" }},
		{"no label", "label", "missing", func(n *operator.NewIntegration) { n.Label = "" }},
		{"label too long", "label", "120", func(n *operator.NewIntegration) { n.Label = long }},
		{"label with a line break", "label", "printed", func(n *operator.NewIntegration) { n.Label = "a\r\nBcc: b" }},
		{"label turned around", "label", "printed", func(n *operator.NewIntegration) { n.Label = "a\u202eb" }},
		{"blanks around the label", "label", "blanks", func(n *operator.NewIntegration) { n.Label = " a" }},
		{"customer too long", "customer", "128", func(n *operator.NewIntegration) { n.Customer = long }},
		{"no such access level", "access_level", "publish, insights, full", func(n *operator.NewIntegration) { n.AccessLevel = "root" }},
		{"a team ID that is none", "team_id", "ten letters and digits", func(n *operator.NewIntegration) { n.TeamID = "12" }},
		{"a bundle ID with a blank", "bundle_ids", "com.example.app", func(n *operator.NewIntegration) { n.BundleIDs = []string{"com.acme app"} }},
		{"too many bundle IDs", "bundle_ids", "at most 50", func(n *operator.NewIntegration) { n.BundleIDs = slices.Repeat([]string{"com.acme.app"}, 51) }},
		{"no contacts", "contacts", "one to 20", func(n *operator.NewIntegration) { n.Contacts = nil }},
		{"too many contacts", "contacts", "one to 20", func(n *operator.NewIntegration) { n.Contacts = slices.Repeat(n.Contacts, 11) }},
		{"no admin", "contacts", "admin", func(n *operator.NewIntegration) { n.Contacts = n.Contacts[1:] }},
		{"an address twice", "contacts[1].address", "same address", func(n *operator.NewIntegration) { n.Contacts = []operator.NewContact{admin, admin} }},
		{"a name around the address", "contacts[0].address", "root@example.com", func(n *operator.NewIntegration) { n.Contacts[0].Address = "Ada <ada@acme.example>" }},
		{"no address", "contacts[0].address", "root@example.com", func(n *operator.NewIntegration) { n.Contacts[0].Address = "" }},
		{"an address that smuggles a header", "contacts[0].address", "root@example.com", func(n *operator.NewIntegration) { n.Contacts[0].Address = "a@b.example\r\nBcc: c@d.example" }},
		{"no duties", "contacts[1].duties", "at least one duty", func(n *operator.NewIntegration) { n.Contacts[1].Duties = nil }},
		{"no such duty", "contacts[1].duties", "admin, account_holder and business", func(n *operator.NewIntegration) { n.Contacts[1].Duties = []string{"boss"} }},
		{"line break in a name", "contacts[0].name", "printed", func(n *operator.NewIntegration) { n.Contacts[0].Name = "a\nb" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			n := invitation("acme-ios")
			tt.change(&n)
			_, err := r.support.Create(context.Background(), n, "")
			p := wantCode(t, err, operator.CodeInvalid)
			if p.Status != 422 || p.Field != tt.field || !strings.Contains(p.Detail, tt.says) {
				t.Errorf("got field %q, %q", p.Field, p.Detail)
			}
			if page, _ := r.support.List(context.Background(), operator.Listing{}); len(page.Integrations) != 0 {
				t.Error("an integration was made all the same")
			}
		})
	}
}

func TestCreateWhileTheStoreFails(t *testing.T) {
	r := newRig(t)
	r.hooks.Before = func(op string) error {
		if op == "store.Commit" {
			return errors.New("inner secret of the store")
		}
		return nil
	}
	_, err := r.support.Create(context.Background(), invitation("acme-ios"), "")
	p := wantCode(t, err, operator.CodeInternal)
	if p.Status != 500 || strings.Contains(p.Detail, "inner secret") || p.RequestID == "" {
		t.Errorf("got %+v", p)
	}
	if !strings.Contains(r.logs.String(), p.RequestID) {
		t.Error("the log does not name the request")
	}
	r.hooks.Before = func(string) error { return integration.ErrThrottled }
	_, err = r.support.List(context.Background(), operator.Listing{})
	if p := wantCode(t, err, operator.CodeBusy); p.Status != 503 {
		t.Errorf("got %d", p.Status)
	}
}
