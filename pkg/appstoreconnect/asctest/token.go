package asctest

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"time"
)

// maxLifetime is how long a token may live: exp − iat [APPLE].
const maxLifetime = 20 * time.Minute

// The reasons for which a token is refused. Apple says none of them, the
// request log does.
var (
	errNoToken   = errors.New("no bearer token")
	errMalformed = errors.New("not a JWT")
	errAlgorithm = errors.New("alg is not ES256, or typ is not JWT")
	errKeyID     = errors.New("unknown key ID")
	errRevoked   = errors.New("revoked key")
	errSignature = errors.New("wrong signature")
	errIssuer    = errors.New("wrong iss")
	errSubject   = errors.New("wrong sub")
	errAudience  = errors.New("wrong aud")
	errExpired   = errors.New("expired")
	errFuture    = errors.New("issued in the future")
	errLifetime  = errors.New("lives longer than 20 minutes")
	errScope     = errors.New("request is not in the token's scope")
	errKind      = errors.New("a key of another service")
)

// claims are what a token says. Times are nil where they are missing.
type claims struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  audience `json:"aud"`
	IssuedAt  *float64 `json:"iat"`
	Expires   *float64 `json:"exp"`
	NotBefore *float64 `json:"nbf"`
	Scope     []string `json:"scope"`
}

// An audience is one text or a list of them (RFC 7519, 4.1.3).
type audience []string

func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// A credential is a token whose signature is right. It holds for as long as
// key is the one in force under its ID; everything that time or a person can
// change is judged for each request.
type credential struct {
	key    *key
	claims claims
}

// verify checks the signature of a token, or remembers that it did.
func (s *Server) verify(token string) (*credential, error) {
	sum := sha256.Sum256([]byte(token))
	if c := s.tokens.get(sum); c != nil && s.inForce(c.key) {
		return c, nil
	}
	signed, c, signature, err := parseToken(token)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	c.key = s.keys[c.keyID]
	s.mu.RUnlock()
	if c.key == nil {
		return nil, errKeyID
	}
	digest := sha256.Sum256([]byte(signed))
	r, v := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(c.key.public, digest[:], r, v) {
		return nil, errSignature
	}
	out := &credential{key: c.key, claims: c.claims}
	s.tokens.put(sum, out)
	return out, nil
}

// inForce tells whether the key has not been replaced under its ID.
func (s *Server) inForce(k *key) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.keys[k.info.KeyID] == k
}

type unverified struct {
	keyID  string
	key    *key
	claims claims
}

// parseToken takes a compact JWS (RFC 7515) apart. The signature is always 64
// bytes long.
func parseToken(token string) (signed string, u unverified, signature []byte, err error) {
	dot := strings.LastIndexByte(token, '.')
	if dot < 0 || strings.Count(token, ".") != 2 {
		return "", u, nil, errMalformed
	}
	signed = token[:dot]
	first, second, _ := strings.Cut(signed, ".")
	var header struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
		Type      string `json:"typ"`
	}
	if !decodePart(first, &header) || !decodePart(second, &u.claims) {
		return "", u, nil, errMalformed
	}
	// Without typ a token is accepted: several clients leave it out [GUESS].
	if header.Algorithm != "ES256" || (header.Type != "" && !strings.EqualFold(header.Type, "JWT")) {
		return "", u, nil, errAlgorithm
	}
	signature, err = base64.RawURLEncoding.Strict().DecodeString(token[dot+1:])
	if err != nil || len(signature) != 64 {
		return "", u, nil, errSignature
	}
	u.keyID = header.KeyID
	return signed, u, signature, nil
}

func decodePart(part string, v any) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(part)
	return err == nil && json.Unmarshal(b, v) == nil
}

// admit judges a credential by the clock, the key's state and the host that
// was asked. k is the key as it is now.
func (a *api) admit(c *credential, k Key, now time.Time) error {
	switch {
	case k.Kind == SubscriptionKey:
		return errKind
	case !k.RevokedAt.IsZero():
		return errRevoked
	case k.Program != a.program || len(c.claims.Audience) != 1 || c.claims.Audience[0] != a.audience:
		return errAudience
	}
	if err := c.claims.identifies(k); err != nil {
		return err
	}
	return c.claims.timely(now, a.server.cfg.TokenLeeway)
}

// identifies checks iss and sub: a team key's token names the issuer, an
// individual key's has sub "user" and no issuer [APPLE].
func (c *claims) identifies(k Key) error {
	if k.Kind == IndividualKey {
		if c.Issuer != "" {
			return errIssuer
		}
		if c.Subject != "user" {
			return errSubject
		}
		return nil
	}
	if c.Issuer != k.IssuerID {
		return errIssuer
	}
	return nil
}

func (c *claims) timely(now time.Time, leeway time.Duration) error {
	if c.Expires == nil {
		return errLifetime
	}
	expires, issued := unix(*c.Expires), now
	if c.IssuedAt != nil { // early clients sent none; then the lifetime counts from now [GUESS]
		issued = unix(*c.IssuedAt)
	}
	switch {
	case !expires.After(now):
		return errExpired
	case issued.After(now.Add(leeway)), c.NotBefore != nil && unix(*c.NotBefore).After(now.Add(leeway)):
		return errFuture
	case expires.Sub(issued) > maxLifetime:
		return errLifetime
	}
	return nil
}

func unix(seconds float64) time.Time {
	whole := int64(seconds)
	return time.Unix(whole, int64((seconds-float64(whole))*1e9))
}
