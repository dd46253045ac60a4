package appstoreconnect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// mustVerify checks a token's signature with the public half alone.
func mustVerify(t *testing.T, token Token, key keyfile.PrivateKey) *jwt.Token {
	t.Helper()
	parsed, err := jwt.Parse(token.Reveal(), func(*jwt.Token) (any, error) { return key.Public(), nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithTimeFunc(func() time.Time { return noon }))
	if err != nil {
		t.Fatalf("verifying: %v", err)
	}
	return parsed
}

func TestMintClaims(t *testing.T) {
	creds := teamCreds(t)
	individual, enterprise, zero := creds, creds, creds
	individual.Kind, individual.IssuerID = integration.IndividualKey, ""
	enterprise.Program = integration.Enterprise
	zero.Kind, zero.Program = "", ""
	team := jwt.MapClaims{"iss": creds.IssuerID, "aud": "appstoreconnect-v1",
		"iat": float64(noon.Unix() - 60), "exp": float64(noon.Unix() + 600)}
	with := func(changes jwt.MapClaims) jwt.MapClaims {
		m := jwt.MapClaims{}
		for _, from := range []jwt.MapClaims{team, changes} {
			for k, v := range from {
				if m[k] = v; v == nil {
					delete(m, k)
				}
			}
		}
		return m
	}
	for name, tc := range map[string]struct {
		creds Credentials
		o     TokenOptions
		want  jwt.MapClaims
	}{
		"team key":                {creds, TokenOptions{}, team},
		"kind and program unsaid": {zero, TokenOptions{}, team},
		"individual key":          {individual, TokenOptions{}, with(jwt.MapClaims{"iss": nil, "sub": "user"})},
		"enterprise":              {enterprise, TokenOptions{}, with(jwt.MapClaims{"aud": "apple-developer-enterprise-v1"})},
		"longest":                 {creds, TokenOptions{TTL: 20 * time.Minute}, with(jwt.MapClaims{"exp": float64(noon.Unix() + 19*60)})},
		"scope": {creds, TokenOptions{Scope: []string{"GET /v1/apps?filter[platform]=IOS"}},
			with(jwt.MapClaims{"scope": []any{"GET /v1/apps?filter[platform]=IOS"}})},
	} {
		t.Run(name, func(t *testing.T) {
			tc.o.Now = noon.Add(300 * time.Millisecond)
			token, err := Mint(tc.creds, tc.o)
			if err != nil {
				t.Fatal(err)
			}
			parsed := mustVerify(t, token, tc.creds.Key)
			if diff := cmp.Diff(tc.want, parsed.Claims); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
			header := map[string]any{"alg": "ES256", "kid": "2X9R4HXF34", "typ": "JWT"}
			if diff := cmp.Diff(header, parsed.Header); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			if got := float64(token.ExpiresAt().Unix()); got != tc.want["exp"] {
				t.Errorf("ExpiresAt is %v, want %v", got, tc.want["exp"])
			}
		})
	}
}

func TestMintRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Credentials, *TokenOptions){
		"no key ID":           func(c *Credentials, _ *TokenOptions) { c.KeyID = "" },
		"team without issuer": func(c *Credentials, _ *TokenOptions) { c.IssuerID = "" },
		"no key":              func(c *Credentials, _ *TokenOptions) { c.Key = keyfile.PrivateKey{} },
		"unknown kind":        func(c *Credentials, _ *TokenOptions) { c.Kind = "robot" },
		"unknown program":     func(c *Credentials, _ *TokenOptions) { c.Program = "school" },
		"too long":            func(_ *Credentials, o *TokenOptions) { o.TTL = 20*time.Minute + time.Second },
		"over before now":     func(_ *Credentials, o *TokenOptions) { o.TTL = time.Minute },
		"negative":            func(_ *Credentials, o *TokenOptions) { o.TTL = -time.Minute },
		"scope no method":     func(_ *Credentials, o *TokenOptions) { o.Scope = []string{"/v1/apps"} },
		"scope odd method":    func(_ *Credentials, o *TokenOptions) { o.Scope = []string{"BREW /v1/apps"} },
		"scope empty":         func(_ *Credentials, o *TokenOptions) { o.Scope = []string{""} },
		"scope with host":     func(_ *Credentials, o *TokenOptions) { o.Scope = []string{"GET https://x/v1/apps"} },
		"scope double slash":  func(_ *Credentials, o *TokenOptions) { o.Scope = []string{"GET //x/v1/apps"} },
		"scope two blanks":    func(_ *Credentials, o *TokenOptions) { o.Scope = []string{"GET  /v1/apps"} },
		"scope line break":    func(_ *Credentials, o *TokenOptions) { o.Scope = []string{"GET /v1/apps\nx"} },
		"scope fragment":      func(_ *Credentials, o *TokenOptions) { o.Scope = []string{"GET /v1/apps#x"} },
	} {
		t.Run(name, func(t *testing.T) {
			creds, o := teamCreds(t), TokenOptions{Now: noon}
			spoil(&creds, &o)
			token, err := Mint(creds, o)
			if !errors.Is(err, integration.ErrInvalid) || token.Reveal() != "" {
				t.Errorf("got %v, %v; want ErrInvalid and no token", token, err)
			}
		})
	}
}

func TestTokenHides(t *testing.T) {
	token, err := Mint(teamCreds(t), TokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	around := struct{ t Token }{token}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", token, "ptr", &token, "around", around)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", token, "ptr", &token, "around", around)
	encoded, err := json.Marshal(map[string]any{"token": token, "ptr": &token})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{log.String(), string(encoded), token.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		texts = append(texts, fmt.Sprintf(verb, token), fmt.Sprintf(verb, &token), fmt.Sprintf(verb, around))
	}
	signature := token.Reveal()[strings.LastIndexByte(token.Reveal(), '.')+1:]
	for _, text := range texts {
		if strings.Contains(text, signature) || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", signature)) {
			t.Error("the token shows")
		}
	}
	if !strings.Contains(string(encoded), redacted) {
		t.Errorf("JSON is %s", encoded)
	}
}

func TestScopeOf(t *testing.T) {
	c := New(Config{BaseURL: "https://127.0.0.1/enterprise"})
	for path, want := range map[string]string{
		"/v1/apps?limit=1&cursor=x&sort=name":               "GET /v1/apps",
		"/v1/apps?limit=1&fields%5Bapps%5D=bundleId%2Cname": "GET /v1/apps?fields[apps]=bundleId,name",
		"/v1/x?b=2&a=1%26c":                                 "GET /v1/x?a=1%26c&b=2",
	} {
		p, query, _ := strings.Cut(path, "?")
		u, err := c.target(integration.Standard, p, query)
		if err != nil {
			t.Fatal(err)
		}
		got := scopeOf(u, "/enterprise")
		if got != want || !validScope(got) {
			t.Errorf("scope of %s is %q, want %q", path, got, want)
		}
	}
}

func TestCredentialsOf(t *testing.T) {
	creds := teamCreds(t)
	key := integration.Key{
		KeyID: creds.KeyID, IssuerID: creds.IssuerID, Kind: creds.Kind, Program: creds.Program,
		Fingerprint: creds.Key.Fingerprint(),
	}
	if got, err := CredentialsOf(key, creds.Key); err != nil || got.tokenKey("") != creds.tokenKey("") {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, other := range map[string]keyfile.PrivateKey{"another key": mustKey(t), "no key": {}} {
		if got, err := CredentialsOf(key, other); !errors.Is(err, ErrAnotherKey) || got.KeyID != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
