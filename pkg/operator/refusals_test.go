package operator_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// TestNoTokenOnceReauthorisationIsOverdue goes through the days: where the
// vendor enforces it, a confirmation that did not come ends access to tokens.
func TestNoTokenOnceReauthorisationIsOverdue(t *testing.T) {
	for _, tt := range []struct {
		name    string
		enforce bool
		days    int
		given   bool
	}{
		{"the day before", true, 29, true},
		{"overdue", true, 30, false},
		{"long overdue", true, 60, false},
		{"overdue, not enforced", false, 30, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			it := r.MustInvite("acme-ios")
			r.MustSet(it.ID, func(it *integration.Integration) {
				it.Access.Reauthorise = integration.Reauthorise{Every: 30 * 24 * time.Hour, Enforce: tt.enforce}
			})
			r.MustActivate(it.ID)
			for range tt.days { // with the reminders that must come first
				r.now = r.now.AddDate(0, 0, 1)
				r.MustApply(it.ID, integration.Tick{})
			}
			grant, err := r.automation.Token(context.Background(), it.ID, operator.TokenRequest{})
			if tt.given {
				if err != nil || grant.Token == "" {
					t.Errorf("no token: %v", err)
				}
				return
			}
			if grant.Token != "" {
				t.Fatal("a token was given although the reauthorisation is overdue and enforced")
			}
			if p := wantCode(t, err, operator.CodeNoToken); p.Status != 409 || p.Integration != it.ID {
				t.Errorf("got %+v", p)
			}
			shown, err := r.support.Get(context.Background(), it.ID)
			if err != nil || shown.Tokens.Allowed || shown.State != "deactivated" || shown.Cause != "reauthorisation" {
				t.Errorf("support sees %s because of %q, tokens allowed: %t, %v", shown.State, shown.Cause, shown.Tokens.Allowed, err)
			}
		})
	}
}

// TestTokensAsShownAreTokensAsGiven: what support sees is what automation gets.
func TestTokensAsShownAreTokensAsGiven(t *testing.T) {
	for state, want := range map[integration.State]bool{
		integration.AwaitingKey: false, integration.Active: true, integration.Suspect: true, integration.ActionRequired: true,
		integration.Deactivated: false, integration.Disconnected: false,
	} {
		r := newRig(t)
		it := r.MustInvite("acme-ios")
		r.MustActivate(it.ID)
		r.MustSet(it.ID, func(it *integration.Integration) { it.State = state })
		shown, err := r.support.Get(context.Background(), it.ID)
		if err != nil || shown.Tokens.Allowed != want {
			t.Errorf("%s: tokens are shown as allowed: %t, want %t (%v)", state, shown.Tokens.Allowed, want, err)
		}
		if _, err := r.automation.Token(context.Background(), it.ID, operator.TokenRequest{}); (err == nil) != want {
			t.Errorf("%s: a token is given: %t, want %t (%v)", state, err == nil, want, err)
		}
	}
}

// TestALinkGoesNowhereWhenNobodyCanBeReached says so to support at once.
func TestALinkGoesNowhereWhenNobodyCanBeReached(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*integration.Contact)
		warning bool
	}{
		{"reachable", func(*integration.Contact) {}, false},
		{"bounced", func(c *integration.Contact) { c.Undeliverable = start }, true},
		{"erased", func(c *integration.Contact) { c.Address = "" }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			ctx, id := context.Background(), r.MustInvite("acme-ios").ID
			contacts, err := r.db.Store().Contacts(ctx, integration.ID(id))
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range contacts {
				after := c
				tt.change(&after)
				err := r.db.Store().Commit(ctx, integration.Change{Contacts: []integration.Edit[integration.Contact]{integration.Put(c, after)}})
				if err != nil {
					t.Fatal(err)
				}
			}
			r.now = r.now.Add(time.Hour)
			done, err := r.support.IssueLink(ctx, id)
			if err != nil || (len(done.Warnings) == 1) != tt.warning {
				t.Errorf("warnings %q, want one: %t (%v)", done.Warnings, tt.warning, err)
			}
			if tt.warning && !strings.Contains(done.Warnings[0], "support") {
				t.Errorf("it does not say who gets the mail: %q", done.Warnings[0])
			}
		})
	}
}

// TestDisconnectingVoidsWhatIsUnderWay: files that may still arrive are put up
// for deletion, those that are done with are not.
func TestDisconnectingVoidsWhatIsUnderWay(t *testing.T) {
	r := newRig(t)
	ctx, id := context.Background(), r.MustInvite("acme-ios").ID
	r.MustActivate(id)
	for upload, state := range map[integration.UploadID]integration.UploadState{
		"upl_open": integration.UploadOpen, "upl_accepted": integration.UploadAccepted, "upl_expired": integration.UploadExpired,
	} {
		u := integration.Upload{Integration: integration.ID(id), ID: upload, State: state, CreatedAt: r.now, FormExpires: r.now.Add(time.Minute)}
		if err := r.db.Store().Commit(ctx, integration.Change{Uploads: []integration.Edit[integration.Upload]{integration.Create(u)}}); err != nil {
			t.Fatal(err)
		}
	}
	done, err := r.support.Disconnect(ctx, id)
	if err != nil || done.Integration.KeysToDelete != 1 {
		t.Fatalf("%d keys to delete, %v; want 1", done.Integration.KeysToDelete, err)
	}
	awaited := map[integration.UploadID]bool{}
	for _, d := range r.stored(id).Trash {
		awaited[d.Upload] = true
	}
	if !awaited["upl_open"] || awaited["upl_accepted"] || awaited["upl_expired"] {
		t.Errorf("put up for deletion: %v, want upl_open and the key alone", awaited)
	}
}

func TestDisconnectingWithoutAKeyAsksNobodyToRevokeOne(t *testing.T) {
	r := newRig(t)
	done, err := r.support.Disconnect(context.Background(), r.MustInvite("acme-ios").ID)
	if err != nil || strings.Contains(done.Next, "revoke") {
		t.Errorf("says %q, %v", done.Next, err)
	}
}

func TestCheckNowSaysWhyNot(t *testing.T) {
	r := newRig(t)
	id := r.MustInvite("acme-ios").ID
	_, err := r.support.CheckNow(context.Background(), id)
	if p := wantCode(t, err, operator.CodeWrongState); !strings.Contains(p.Detail, "upload one first") {
		t.Errorf("without a key: %q", p.Detail)
	}
	r.MustApply(id, integration.DisconnectRequested{By: "support"})
	_, err = r.support.CheckNow(context.Background(), id)
	if p := wantCode(t, err, operator.CodeWrongState); !strings.Contains(p.Detail, "disconnected") {
		t.Errorf("once it is over: %q", p.Detail)
	}
}

func TestRefusalsSayWhenToComeBack(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	r.MustActivate(it.ID)
	down := func(op string, err error) {
		r.hooks.Before = func(o string) error {
			if o == op {
				return err
			}
			return nil
		}
	}
	down("vault.Get", integration.ErrThrottled)
	if got := r.send("automation", "POST", "/v1/integrations/"+it.ID+"/token", "").Header.Get("Retry-After"); got != "30" {
		t.Errorf("the vault is down: Retry-After %q, want 30", got)
	}
	down("store.Integration", integration.ErrThrottled)
	resp := r.send("support", "GET", "/v1/integrations/"+it.ID, "")
	if got := resp.Header.Get("Retry-After"); resp.StatusCode != 503 || got != "2" {
		t.Errorf("the table is busy: %d, Retry-After %q, want 503, 2", resp.StatusCode, got)
	}
	r.hooks.Before = nil
	if got := r.send("support", "GET", "/v1/integrations/int_1", "").Header.Get("Retry-After"); got != "" {
		t.Errorf("nothing there: Retry-After %q, want none", got)
	}
}
