package appstoreconnect

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

const (
	// MaxTTL is the longest life of a token, from iat to exp: Apple rejects
	// more [APPLE].
	MaxTTL = 20 * time.Minute
	// DefaultTTL is iat = now − 60 s to exp = now + 10 min.
	DefaultTTL = 11 * time.Minute

	// backdate is how far iat lies in the past, against clocks that differ;
	// it counts towards MaxTTL [FIELD].
	backdate = time.Minute
)

// Credentials are what a token is made from.
type Credentials struct {
	KeyID    string
	IssuerID string              // team keys only
	Kind     integration.KeyKind // empty means a team key
	Program  integration.Program // empty means standard
	Key      keyfile.PrivateKey
}

// ErrAnotherKey says that the vault gave another private key than the one that
// was accepted: Apple's answers to it would be about somebody else's.
var ErrAnotherKey = errors.New("the vault holds another key than the one that was accepted")

// CredentialsOf puts a key and its private half together. The error is
// ErrAnotherKey where they do not belong together.
func CredentialsOf(k integration.Key, secret keyfile.PrivateKey) (Credentials, error) {
	if secret.Fingerprint() != k.Fingerprint {
		return Credentials{}, ErrAnotherKey
	}
	return Credentials{KeyID: k.KeyID, IssuerID: k.IssuerID, Kind: k.Kind, Program: k.Program, Key: secret}, nil
}

func (c Credentials) kind() integration.KeyKind {
	if c.Kind == "" {
		return integration.TeamKey
	}
	return c.Kind
}

func (c Credentials) program() integration.Program {
	if c.Program == "" {
		return integration.Standard
	}
	return c.Program
}

// audience is the token's aud: [APPLE] for the standard program, [FIELD] for
// the Enterprise Program.
func (c Credentials) audience() string {
	if c.program() == integration.Enterprise {
		return "apple-developer-enterprise-v1"
	}
	return "appstoreconnect-v1"
}

func (c Credentials) validate() error {
	switch {
	case c.KeyID == "":
		return fmt.Errorf("%w: no key ID", integration.ErrInvalid)
	case c.kind() != integration.TeamKey && c.kind() != integration.IndividualKey:
		return fmt.Errorf("%w: unknown kind of key", integration.ErrInvalid)
	case c.program() != integration.Standard && c.program() != integration.Enterprise:
		return fmt.Errorf("%w: unknown program", integration.ErrInvalid)
	case c.kind() == integration.TeamKey && c.IssuerID == "":
		return fmt.Errorf("%w: a team key needs an issuer ID", integration.ErrInvalid)
	case c.Key.Signer() == nil:
		return fmt.Errorf("%w: no private key", integration.ErrInvalid)
	}
	return nil
}

// TokenOptions say what token to mint.
type TokenOptions struct {
	// TTL is the token's whole life, exp − iat, in which iat lies 60 s in the
	// past. Zero means DefaultTTL; more than MaxTTL, or 60 s and less, is
	// refused.
	TTL time.Duration
	// Scope may limit the token to requests such as "GET /v1/apps"; Apple
	// ignores limit, cursor and sort in it [APPLE]. None means all.
	Scope []string
	// Now is the time of minting. The zero value means time.Now().
	Now time.Time
}

// A Token is a signed JWT. It prints as REDACTED everywhere; Reveal is the one
// way to its text. The zero value is no token.
type Token struct {
	// A closure, because fmt prints unexported fields of a struct around the
	// token without asking it.
	text    func() string
	expires time.Time
}

// Mint signs a token: ES256, header kid and typ; for team keys iss, for
// individual keys sub = "user" and no iss [APPLE]. It does no I/O. Its errors
// wrap integration.ErrInvalid: credentials or options that no token can be
// made from.
func Mint(creds Credentials, o TokenOptions) (Token, error) {
	if o.TTL == 0 {
		o.TTL = DefaultTTL
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if err := errors.Join(creds.validate(), o.validate()); err != nil {
		return Token{}, fmt.Errorf("minting a token: %w", err)
	}
	issued := o.Now.Add(-backdate).Truncate(time.Second)
	expires := issued.Add(o.TTL).Truncate(time.Second)
	t := jwt.NewWithClaims(jwt.SigningMethodES256, claims(creds, o.Scope, issued, expires))
	t.Header["kid"] = creds.KeyID
	text, err := t.SignedString(creds.Key.Signer())
	if err != nil { // another curve; the library's text names types only
		return Token{}, fmt.Errorf("minting a token: %w: %w", integration.ErrInvalid, err)
	}
	return Token{text: func() string { return text }, expires: expires}, nil
}

func (o TokenOptions) validate() error {
	if o.TTL > MaxTTL || o.TTL <= backdate {
		return fmt.Errorf("%w: a token lives more than %v and at most %v", integration.ErrInvalid, backdate, MaxTTL)
	}
	for _, entry := range o.Scope {
		if !validScope(entry) {
			return fmt.Errorf("%w: a scope reads like \"GET /v1/apps?filter[platform]=IOS\"", integration.ErrInvalid)
		}
	}
	return nil
}

func claims(creds Credentials, scope []string, issued, expires time.Time) jwt.MapClaims {
	m := jwt.MapClaims{"aud": creds.audience(), "iat": issued.Unix(), "exp": expires.Unix()}
	if creds.kind() == integration.IndividualKey {
		m["sub"] = "user"
	} else {
		m["iss"] = creds.IssuerID
	}
	if len(scope) > 0 {
		m["scope"] = scope
	}
	return m
}

// Reveal gives the token's text, for an Authorization header; it is empty for
// the zero value.
func (t Token) Reveal() string {
	if t.text == nil {
		return ""
	}
	return t.text()
}

// ExpiresAt is the token's exp.
func (t Token) ExpiresAt() time.Time { return t.expires }

const redacted = "REDACTED"

// Format hides the token from every verb of fmt, %x and %d included.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String hides the token.
func (t Token) String() string { return redacted }

// MarshalText hides the token from JSON, XML and slog.
func (t Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }
