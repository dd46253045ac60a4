package asctest_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"keyward/pkg/appstoreconnect/asctest"
)

// Each defect alone must lead to the one 401 that Apple has for all of them.
func TestTokenDefects(t *testing.T) {
	w := newWorld(t)
	other := must(w.NewKey(w.team.TeamID))(t)
	revoked := must(w.NewKey(w.team.TeamID))(t)
	if err := w.Revoke(revoked.KeyID); err != nil {
		t.Fatal(err)
	}
	purchase := must(w.NewSubscriptionKey(w.team.TeamID))(t)
	individual := must(w.NewIndividualKey(w.team.TeamID, w.team.Users[0].Username))(t)
	at := func(d time.Duration) int64 { return w.now.Add(d).Unix() }

	with := func(k asctest.Key, change func(jwt.MapClaims)) string {
		c := w.claimsOf(k)
		change(c)
		return w.sign(k, c)
	}
	nothing := func(jwt.MapClaims) {}
	good := with(w.key, nothing)
	for _, tt := range []struct{ name, token, reason string }{
		{"none", "", "no bearer token"},
		{"not a JWT", "abc", "not a JWT"},
		{"two parts", good[:strings.LastIndexByte(good, '.')], "not a JWT"},
		{"signature of another key", w.sign(asctest.Key{KeyID: w.key.KeyID, PEM: other.PEM}, w.claimsOf(w.key)), "wrong signature"},
		{"signature cut", good[:len(good)-4], "wrong signature"},
		{"claims changed after signing", changedClaims(t, good), "wrong signature"},
		{"unknown key ID", w.sign(asctest.Key{KeyID: "AAAAAAAAAA", PEM: w.key.PEM}, w.claimsOf(w.key)), "unknown key ID"},
		{"revoked key", with(revoked, nothing), "revoked key"},
		{"In-App Purchase key", with(purchase, nothing), "a key of another service"},
		{"wrong issuer", with(w.key, func(c jwt.MapClaims) { c["iss"] = "69a6de70-03db-47e3-e053-5b8c7c11a4d1" }), "wrong iss"},
		{"no issuer", with(w.key, func(c jwt.MapClaims) { delete(c, "iss") }), "wrong iss"},
		{"team key as an individual key", with(w.key, func(c jwt.MapClaims) { delete(c, "iss"); c["sub"] = "user" }), "wrong iss"},
		{"individual key as a team key", with(individual, func(c jwt.MapClaims) { delete(c, "sub"); c["iss"] = w.key.IssuerID }), "wrong iss"},
		{"individual key without sub", with(individual, func(c jwt.MapClaims) { delete(c, "sub") }), "wrong sub"},
		{"individual key with another sub", with(individual, func(c jwt.MapClaims) { c["sub"] = "me" }), "wrong sub"},
		{"enterprise audience", with(w.key, func(c jwt.MapClaims) { c["aud"] = "apple-developer-enterprise-v1" }), "wrong aud"},
		{"no audience", with(w.key, func(c jwt.MapClaims) { delete(c, "aud") }), "wrong aud"},
		{"expired", with(w.key, func(c jwt.MapClaims) { c["iat"], c["exp"] = at(-10*time.Minute), at(0) }), "expired"},
		{"no exp", with(w.key, func(c jwt.MapClaims) { delete(c, "exp") }), "lives longer than 20 minutes"},
		{"lives 20 minutes and a second", with(w.key, func(c jwt.MapClaims) { c["iat"], c["exp"] = at(-time.Minute), at(19*time.Minute+time.Second) }), "lives longer than 20 minutes"},
		{"no iat and too far an exp", with(w.key, func(c jwt.MapClaims) { delete(c, "iat"); c["exp"] = at(21 * time.Minute) }), "lives longer than 20 minutes"},
		{"issued in the future", with(w.key, func(c jwt.MapClaims) { c["iat"] = at(31 * time.Second) }), "issued in the future"},
		{"not yet valid", with(w.key, func(c jwt.MapClaims) { c["nbf"] = at(time.Minute) }), "issued in the future"},
		{"scope of another path", with(w.key, func(c jwt.MapClaims) { c["scope"] = []string{"GET /v1/builds"} }), "request is not in the token's scope"},
		{"empty scope", with(w.key, func(c jwt.MapClaims) { c["scope"] = []string{} }), "request is not in the token's scope"},
		{"scope that is no list", with(w.key, func(c jwt.MapClaims) { c["scope"] = "GET /v1/apps" }), "not a JWT"},
		{"alg none", unsigned(t, w), "alg is not ES256, or typ is not JWT"},
		{"alg RS256", rsaSigned(t, w), "alg is not ES256, or typ is not JWT"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := w.send(w, tt.token, "GET", "/v1/apps?limit=1", "")
			if r.Status != 401 || r.code() != "NOT_AUTHORIZED" || r.Doc.Errors[0].Status != "401" || r.Doc.Errors[0].ID == "" {
				t.Errorf("got %d %q", r.Status, r.code())
			}
			if r.Header.Get("X-Rate-Limit") != "" {
				t.Error("a refused token has a rate limit")
			}
			if got := w.Requests()[0]; got.Refused != tt.reason || got.KeyID != "" {
				t.Errorf("the log says %q about key %q, want %q", got.Refused, got.KeyID, tt.reason)
			}
		})
	}
}

func TestGoodTokens(t *testing.T) {
	w := newWorld(t)
	individual := must(w.NewIndividualKey(w.team.TeamID, w.team.Users[0].Username))(t)
	at := func(d time.Duration) int64 { return w.now.Add(d).Unix() }
	for _, tt := range []struct {
		name   string
		key    asctest.Key
		change func(jwt.MapClaims)
	}{
		{"team key", w.key, func(jwt.MapClaims) {}},
		{"individual key", individual, func(jwt.MapClaims) {}},
		{"lives 20 minutes", w.key, func(c jwt.MapClaims) { c["iat"], c["exp"] = at(-time.Minute), at(19*time.Minute) }},
		{"a clock a little ahead", w.key, func(c jwt.MapClaims) { c["iat"] = at(29 * time.Second) }},
		{"audience in a list", w.key, func(c jwt.MapClaims) { c["aud"] = []string{"appstoreconnect-v1"} }},
		{"without iat", w.key, func(c jwt.MapClaims) { delete(c, "iat") }},
		{"times with a fraction", w.key, func(c jwt.MapClaims) { c["iat"] = float64(at(-time.Minute)) + .25 }},
		{"scope", w.key, func(c jwt.MapClaims) { c["scope"] = []string{"GET /v1/users", "GET /v1/apps?fields[apps]=name"} }},
		{"scope with limit and sort", w.key, func(c jwt.MapClaims) {
			c["scope"] = []string{"GET /v1/apps?fields%5Bapps%5D=name&limit=7&sort=name"}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := w.claimsOf(tt.key)
			tt.change(c)
			token := w.sign(tt.key, c)
			for range 2 { // the second time from the cache
				if r := w.send(w, token, "GET", "/v1/apps?fields[apps]=name&limit=1", ""); r.Status != 200 {
					t.Errorf("got %d, the log says %q", r.Status, w.Requests()[0].Refused)
				}
			}
		})
	}
}

func TestScopeIsAboutTheWholeRequest(t *testing.T) {
	w := newWorld(t)
	c := w.claimsOf(w.key)
	c["scope"] = []string{"GET /v1/apps?fields[apps]=bundleId"}
	token := w.sign(w.key, c)
	for target, want := range map[string]int{
		"/v1/apps?fields[apps]=bundleId":           200,
		"/v1/apps?fields[apps]=bundleId&limit=1":   200,
		"/v1/apps?fields[apps]=bundleId&sort=name": 200,
		"/v1/apps":                   401,
		"/v1/apps?fields[apps]=name": 401,
		"/v1/apps?fields[apps]=bundleId&filter[sku]=X":                       401,
		"/v1/apps/" + w.team.Apps[0].ID:                                      401,
		"/v1/bundleIds?fields[apps]=bundleId":                                401,
		"/v1/apps/../apps?fields[apps]=bundleId":                             401,
		"/v1/apps?fields[apps]=bundleId&fields[apps]=bundleId":               401,
		"/v1/apps?fields[apps]=bundleId&limit=1&cursor=eyJvZmZzZXQiOiIyMCJ9": 200,
	} {
		if r := w.send(w, token, "GET", target, ""); r.Status != want {
			t.Errorf("%s: %d, want %d", target, r.Status, want)
		}
	}
	if r := w.send(w, token, "POST", "/v1/apps?fields[apps]=bundleId", "{}"); r.Status != 401 {
		t.Errorf("POST: %d", r.Status)
	}
}

// A cached signature must not outlive what it was judged against.
func TestCachedTokenIsJudgedAgain(t *testing.T) {
	w := newWorld(t)
	token := w.sign(w.key, w.claimsOf(w.key))
	status := func() int { return w.send(w, token, "GET", "/v1/apps", "").Status }
	if status() != 200 {
		t.Fatal("not accepted at first")
	}
	w.Advance(11 * time.Minute)
	if got := status(); got != 401 {
		t.Errorf("after it expired: %d", got)
	}
	w.Advance(-11 * time.Minute)
	if got := status(); got != 200 {
		t.Errorf("with the clock back: %d", got)
	}
	replaced := must(w.NewKey(w.team.TeamID))(t)
	if _, err := w.AddKey(w.team.TeamID, w.key.KeyID, replaced.PEM); err != nil {
		t.Fatal(err)
	}
	if got := status(); got != 401 {
		t.Errorf("after another key took the ID: %d", got)
	}
}

func TestRevokedKeyIsRefusedAtOnce(t *testing.T) {
	w := newWorld(t)
	token := w.sign(w.key, w.claimsOf(w.key))
	if r := w.send(w, token, "GET", "/v1/apps", ""); r.Status != 200 {
		t.Fatal("not accepted at first")
	}
	if err := w.Revoke(w.key.KeyID); err != nil {
		t.Fatal(err)
	}
	if r := w.send(w, token, "GET", "/v1/apps", ""); r.Status != 401 {
		t.Errorf("got %d", r.Status)
	}
}

func TestEnterpriseHostHasItsOwnTeams(t *testing.T) {
	w := newWorld(t)
	team := w.AddTeam(asctest.Team{Program: asctest.Enterprise, Name: "Harbour Freight Union"})
	key := must(w.NewKey(team.TeamID))(t)
	c := w.claimsOf(key)
	c["aud"] = "apple-developer-enterprise-v1"
	enterprise, standard := w.sign(key, c), w.sign(w.key, w.claimsOf(w.key))
	for _, tt := range []struct {
		name, token string
		enterprise  bool
		want        int
	}{
		{"enterprise key at its host", enterprise, true, 200},
		{"enterprise key at the standard host", enterprise, false, 401},
		{"standard key at its host", standard, false, 200},
		{"standard key at the enterprise host", standard, true, 401},
		{"enterprise key with the standard audience", w.sign(key, w.claimsOf(key)), true, 401},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := w.Server.Enterprise()
			if !tt.enterprise {
				h = w.Server
			}
			if r := w.send(h, tt.token, "GET", "/v1/apps", ""); r.Status != tt.want {
				t.Errorf("got %d, want %d", r.Status, tt.want)
			}
		})
	}
}

func TestIndividualKeyGoesWithItsUser(t *testing.T) {
	w := newWorld(t)
	user := w.team.Users[1]
	key := must(w.NewIndividualKey(w.team.TeamID, user.ID))(t)
	if r := w.call(key, "GET", "/v1/apps", ""); r.Status != 200 {
		t.Fatalf("got %d", r.Status)
	}
	if r := w.call(w.key, "DELETE", "/v1/users/"+user.ID, ""); r.Status != 204 {
		t.Fatalf("removing the user: %d", r.Status)
	}
	if r := w.call(key, "GET", "/v1/apps", ""); r.Status != 401 {
		t.Errorf("got %d", r.Status)
	}
}

func changedClaims(t *testing.T, token string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	b := must(base64.RawURLEncoding.DecodeString(parts[1]))(t)
	parts[1] = base64.RawURLEncoding.EncodeToString(append([]byte(" "), b...))
	return strings.Join(parts, ".")
}

func unsigned(t *testing.T, w *world) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodNone, w.claimsOf(w.key))
	token.Header["kid"] = w.key.KeyID
	return must(token.SignedString(jwt.UnsafeAllowNoneSignatureType))(t)
}

func rsaSigned(t *testing.T, w *world) string {
	t.Helper()
	key := must(rsa.GenerateKey(rand.Reader, 2048))(t)
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, w.claimsOf(w.key))
	token.Header["kid"] = w.key.KeyID
	return must(token.SignedString(key))(t)
}
