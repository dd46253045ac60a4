package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
)

const (
	maxScope = 50
	minTTL   = 60 // seconds; a token must live longer, or it has expired when it is made
	maxTTL   = int(appstoreconnect.MaxTTL / time.Second)
)

// token hands out a short-lived token for App Store Connect. Who asked, for
// what and for how long is in the history before the token leaves; the token
// itself is nowhere but in the answer.
func (s *Service) token(ctx context.Context, c call) (reply, error) {
	var req TokenRequest
	if err := c.query(); err != nil {
		return reply{}, err
	}
	if len(c.body) > 0 {
		if err := c.decode(&req); err != nil {
			return reply{}, err
		}
	}
	it, err := s.Store.Integration(ctx, c.id)
	if err != nil {
		return reply{}, err
	}
	grant, err := s.grant(ctx, it, req)
	if auditErr := s.write(ctx, c, it.Version, tokenLine(it, req, err)); auditErr != nil {
		return reply{}, errors.Join(fmt.Errorf("recording a token: %w", auditErr), err)
	}
	if err != nil {
		return reply{}, err
	}
	return ok(grant)
}

func (s *Service) grant(ctx context.Context, it integration.Integration, req TokenRequest) (TokenGrant, error) {
	warnings, allowed := it.TokensAllowed()
	if !allowed || it.Key == nil {
		return TokenGrant{}, noToken(it)
	}
	if err := firstOf(checkTTL(req.TTLSeconds), checkScope(req.Scope)); err != nil {
		return TokenGrant{}, err
	}
	key, err := s.Vault.Get(ctx, it.ID, it.Key.Upload)
	var creds appstoreconnect.Credentials
	if err == nil {
		creds, err = appstoreconnect.CredentialsOf(*it.Key, key)
	}
	if err != nil {
		s.Logger.ErrorContext(ctx, "the vault gave no key", "integration", string(it.ID), "upload", string(it.Key.Upload), "error", err)
		return TokenGrant{}, vaultDown()
	}
	token, err := appstoreconnect.Mint(creds, appstoreconnect.TokenOptions{TTL: time.Duration(req.TTLSeconds) * time.Second, Scope: req.Scope, Now: s.Now()})
	if err != nil {
		return TokenGrant{}, notMinted(req, err)
	}
	return TokenGrant{
		Token: token.Reveal(), ExpiresAt: token.ExpiresAt(), KeyID: it.Key.KeyID, Program: string(it.Key.Program),
		Warnings: append([]Warning{}, each(warnings, viewWarning)...),
	}, nil
}

func vaultDown() *Problem {
	p := problem(http.StatusServiceUnavailable, CodeVault, "The key could not be had from the vault. Please try again in a minute.")
	p.retryAfter = 30
	return p
}

func noToken(it integration.Integration) *Problem {
	p := problem(http.StatusConflict, CodeNoToken,
		"No token is handed out for an integration that is %s. Support sees in the console what has to be done.", plainState(it.State))
	p.Integration = string(it.ID)
	return p
}

// checkTTL bounds the number of seconds before it becomes a duration, which
// could overflow.
func checkTTL(seconds int) *Problem {
	if seconds == 0 || (seconds > minTTL && seconds <= maxTTL) {
		return nil
	}
	return invalid("ttl_seconds", "A token lives %d to %d seconds, of which 60 lie in the past. Leave it out for %d.",
		minTTL+1, maxTTL, lifetime(TokenRequest{}))
}

func checkScope(scope []string) *Problem {
	if len(scope) > maxScope {
		return invalid("scope", "A scope has at most %d entries.", maxScope)
	}
	return nil
}

// notMinted is a request that no token can be made from. What is left is the
// form of the scope.
func notMinted(req TokenRequest, err error) error {
	if errors.Is(err, integration.ErrInvalid) && len(req.Scope) > 0 {
		return invalid("scope", `An entry of a scope reads like "GET /v1/apps?filter[platform]=IOS".`)
	}
	return fmt.Errorf("making a token: %w", err)
}

// tokenLine is who got what, or why not. Scopes are cut: they are the
// caller's text.
func tokenLine(it integration.Integration, req TokenRequest, err error) integration.Entry {
	e := integration.Entry{What: "token_issued", Detail: fmt.Sprintf("%d s, %s", lifetime(req), scopeText(req.Scope))}
	if it.Key != nil {
		e.KeyID, e.Upload = it.Key.KeyID, it.Key.Upload
	}
	if err != nil {
		e.What, e.Detail = "token_refused", string(CodeInternal)
		var p *Problem
		if errors.As(err, &p) {
			e.Detail = string(p.Code)
		}
	}
	return e
}

func lifetime(req TokenRequest) int {
	if req.TTLSeconds == 0 {
		return int(appstoreconnect.DefaultTTL.Seconds())
	}
	return req.TTLSeconds
}

func scopeText(scope []string) string {
	if len(scope) == 0 {
		return "everything that the key may do"
	}
	const most = 500
	all := strings.Join(scope, "; ")
	if len(all) > most {
		return all[:most] + "…"
	}
	return all
}
