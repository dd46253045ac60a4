package operator_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

func TestTokenIsWhatAppleWants(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	key := r.MustActivate(it.ID)
	scope := []string{"GET /v1/apps?filter[platform]=IOS"}
	grant, err := r.automation.Token(context.Background(), it.ID, operator.TokenRequest{Scope: scope, TTLSeconds: 1200})
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	parsed, err := jwt.ParseWithClaims(grant.Token, claims, func(*jwt.Token) (any, error) { return key.Public(), nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithTimeFunc(r.clock), jwt.WithAudience("appstoreconnect-v1"),
		jwt.WithIssuer("57246542-96fe-1a63-e053-0824d011072a"), jwt.WithIssuedAt())
	if err != nil {
		t.Fatal(err)
	}
	if parsed.Header["kid"] != "ABCDE12345" || grant.KeyID != "ABCDE12345" || grant.Program != "standard" {
		t.Errorf("header: %v, grant: %s, %s", parsed.Header, grant.KeyID, grant.Program)
	}
	iat, exp := claims["iat"].(float64), claims["exp"].(float64)
	if exp-iat != 1200 || int64(iat) != start.Add(-time.Minute).Unix() || !grant.ExpiresAt.Equal(time.Unix(int64(exp), 0)) {
		t.Errorf("iat %v, exp %v, expires_at %v", iat, exp, grant.ExpiresAt)
	}
	if got := claims["scope"].([]any); len(got) != 1 || got[0] != scope[0] {
		t.Errorf("scope: %v", got)
	}
	if grant.Warnings == nil || len(grant.Warnings) != 0 {
		t.Errorf("warnings: %v, want none", grant.Warnings)
	}
}

func TestTokenIsAudited(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	r.MustActivate(it.ID)
	grant, err := r.automation.Token(context.Background(), it.ID, operator.TokenRequest{Scope: []string{"GET /v1/apps"}, TTLSeconds: 300})
	if err != nil {
		t.Fatal(err)
	}
	e := r.newest(it.ID)
	if e.What != "token_issued" || e.Actor != "automation build-42" || e.KeyID != "ABCDE12345" || e.Detail != "300 s, GET /v1/apps" {
		t.Errorf("got %+v", e)
	}
	line, _ := json.Marshal(e)
	for part := range strings.SplitSeq(grant.Token, ".") {
		if strings.Contains(string(line), part) || strings.Contains(r.logs.String(), part) {
			t.Error("a part of the token is in the history or the log")
		}
	}
}

func TestTokenIsNotGivenUnaudited(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	r.MustActivate(it.ID)
	r.hooks.Before = func(op string) error {
		if op == "store.Commit" {
			return errors.New("cannot write")
		}
		return nil
	}
	grant, err := r.automation.Token(context.Background(), it.ID, operator.TokenRequest{})
	wantCode(t, err, operator.CodeInternal)
	if grant.Token != "" {
		t.Error("a token was given")
	}
}

func TestTokenByState(t *testing.T) {
	for _, tt := range []struct {
		state   integration.State
		given   bool
		warning string
	}{
		{integration.Active, true, ""},
		{integration.Suspect, true, "agreement"},
		{integration.ActionRequired, true, "agreement"},
		{integration.Deactivated, false, ""},
		{integration.Disconnected, false, ""},
	} {
		t.Run(string(tt.state), func(t *testing.T) {
			r := newRig(t)
			it := r.MustInvite("acme-ios")
			r.MustActivate(it.ID)
			r.MustSet(it.ID, func(it *integration.Integration) {
				it.State = tt.state
				if tt.state != integration.Active {
					it.Cause = integration.Agreement
				}
			})
			grant, err := r.automation.Token(context.Background(), it.ID, operator.TokenRequest{})
			if !tt.given {
				wantCode(t, err, operator.CodeNoToken)
				if e := r.newest(it.ID); e.What != "token_refused" || e.Detail != "no_token" || e.Actor != "automation build-42" {
					t.Errorf("history: %+v", e)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			has := slices.ContainsFunc(grant.Warnings, func(w operator.Warning) bool { return w.Code == tt.warning && w.Text != "" })
			if has != (tt.warning != "") {
				t.Errorf("warnings: %v, want %q", grant.Warnings, tt.warning)
			}
		})
	}
}

func TestTokenRefusals(t *testing.T) {
	for _, tt := range []struct {
		name  string
		req   operator.TokenRequest
		field string
	}{
		{"too long a life", operator.TokenRequest{TTLSeconds: 1201}, "ttl_seconds"},
		{"too short a life", operator.TokenRequest{TTLSeconds: 60}, "ttl_seconds"},
		{"negative life", operator.TokenRequest{TTLSeconds: -5}, "ttl_seconds"},
		{"huge life", operator.TokenRequest{TTLSeconds: 1 << 60}, "ttl_seconds"},
		{"odd scope", operator.TokenRequest{Scope: []string{"everything"}}, "scope"},
		{"too many scopes", operator.TokenRequest{Scope: slices.Repeat([]string{"GET /v1/apps"}, 51)}, "scope"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			it := r.MustInvite("acme-ios")
			r.MustActivate(it.ID)
			_, err := r.automation.Token(context.Background(), it.ID, tt.req)
			if p := wantCode(t, err, operator.CodeInvalid); p.Field != tt.field {
				t.Errorf("got field %q, want %q", p.Field, tt.field)
			}
			if e := r.newest(it.ID); e.What != "token_refused" || e.Detail != "invalid" {
				t.Errorf("history: %+v", e)
			}
		})
	}
}

func TestTokenLifetimesAreNamed(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	r.MustActivate(it.ID)
	_, err := r.automation.Token(context.Background(), it.ID, operator.TokenRequest{TTLSeconds: 60})
	if p := wantCode(t, err, operator.CodeInvalid); p.Detail != "A token lives 61 to 1200 seconds, of which 60 lie in the past. Leave it out for 660." {
		t.Errorf("got %q", p.Detail)
	}
}

// A key that no token can be made from is our fault, not that of a scope which
// was never sent.
func TestTokenOfAKeyWithoutAnID(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	r.MustActivate(it.ID)
	r.MustSet(it.ID, func(it *integration.Integration) {
		key := *it.Key
		key.KeyID = ""
		it.Key = &key
	})
	_, err := r.automation.Token(context.Background(), it.ID, operator.TokenRequest{})
	wantCode(t, err, operator.CodeInternal)
}

func TestTokenWhileTheVaultIsDown(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	r.MustActivate(it.ID)
	r.hooks.Before = func(op string) error {
		if op == "vault.Get" {
			return errors.New("no answer")
		}
		return nil
	}
	_, err := r.automation.Token(context.Background(), it.ID, operator.TokenRequest{})
	if p := wantCode(t, err, operator.CodeVault); p.Status != 503 {
		t.Errorf("got %d", p.Status)
	}
	if e := r.newest(it.ID); e.What != "token_refused" || e.Detail != "vault_unavailable" {
		t.Errorf("history: %+v", e)
	}
}

// Should the vault hold another key than the one accepted, its tokens would
// open somebody else's team, or nothing.
func TestTokenOfAnotherKeyIsNotGiven(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	r.MustActivate(it.ID)
	ctx, upload := context.Background(), r.stored(it.ID).Key.Upload
	if err := r.db.Vault().Delete(ctx, integration.ID(it.ID), upload); err != nil {
		t.Fatal(err)
	}
	if err := r.db.Vault().Put(ctx, integration.ID(it.ID), upload, newKey(t)); err != nil {
		t.Fatal(err)
	}
	grant, err := r.automation.Token(ctx, it.ID, operator.TokenRequest{})
	if p := wantCode(t, err, operator.CodeVault); p.Status != 503 || grant.Token != "" {
		t.Errorf("got %d, token %t", p.Status, grant.Token != "")
	}
	if e := r.newest(it.ID); e.What != "token_refused" || e.Detail != "vault_unavailable" {
		t.Errorf("history: %+v", e)
	}
}

func TestTokenIsNotStoredOnTheWay(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	r.MustActivate(it.ID)
	resp := r.send("automation", "POST", "/v1/integrations/"+it.ID+"/token", "")
	if resp.StatusCode != 200 || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %d, Cache-Control %q", resp.StatusCode, resp.Header.Get("Cache-Control"))
	}
}
