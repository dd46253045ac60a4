package simulation

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"keyward/pkg/integration"
)

// askForToken is build automation asking for a token.
func (w *World) askForToken(c *customer) {
	if c.id == "" {
		return
	}
	before := w.truth.of(c.id).it
	w.askAs(buildARN, http.MethodPost, "/v1/integrations/"+string(c.id)+"/token", "", func(status int, body string) {
		w.truth.answeredAutomation(before, w.truth.of(c.id).it, status, body)
	})
}

// answeredAutomation holds a token to the integration as it was when it was
// asked for, or when it was given.
func (t *truth) answeredAutomation(before, after integration.Integration, status int, body string) {
	var grant struct {
		Token string `json:"token"`
	}
	if status != http.StatusOK || json.Unmarshal([]byte(body), &grant) != nil {
		due := givesTokens(before) && givesTokens(after) && t.w.climate == 0
		t.must(!due, "tokens-are-given", text("%s is %s, and a token was refused with status %d", after.ID, after.State, status))
		return
	}
	t.must(givesTokens(before) || givesTokens(after), "no-token-where-none-is-due", text("%s is %s (%s), and a token was given", after.ID, after.State, after.Cause))
	var header, claims struct{ Kid, Iss string }
	parts := strings.Split(grant.Token, ".")
	read := len(parts) == 3 && decodePart(parts[0], &header) && decodePart(parts[1], &claims)
	key := t.w.apple.keys[header.Kid]
	t.must(read && (header.Kid == keyID(before) || header.Kid == keyID(after)) && key != nil && key.team.issuer == claims.Iss, "tokens-are-of-the-key-in-force",
		text("%s: a token of key %s was given, and %s is in force", after.ID, header.Kid, keyID(after)))
}

func givesTokens(it integration.Integration) bool {
	return it.State == integration.Active || it.State == integration.Suspect || it.State == integration.ActionRequired
}

func decodePart(part string, into any) bool {
	b, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(b, into) == nil
}
