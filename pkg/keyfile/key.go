package keyfile

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
)

// redacted is all that a PrivateKey ever prints.
const redacted = "REDACTED"

// A PrivateKey is a P-256 private key. It prints REDACTED however it is
// printed, logged or encoded; PEM and Signer are the only ways to the key
// itself.
//
// The key sits in a closure, not in a field: fmt does not call the methods of
// values in unexported fields, and tools that walk values by reflection
// follow pointers, but neither sees what a function closes over.
//
// The zero value holds no key: IsZero is true, PEM, Signer and Public return
// nil, Fingerprint returns "". A PrivateKey can be copied, and used by
// several goroutines. Compare with Equal.
type PrivateKey struct {
	key func() *ecdsa.PrivateKey
}

// seal hides a key that is known to be P-256.
func seal(k *ecdsa.PrivateKey) PrivateKey {
	return PrivateKey{key: func() *ecdsa.PrivateKey { return k }}
}

// IsZero tells whether k holds no key.
func (k PrivateKey) IsZero() bool { return k.key == nil }

// Signer returns the key for signing tokens, and for nothing else: what it
// returns prints itself in full. Do not change it, and do not keep it in a
// struct. It is nil for the zero value.
func (k PrivateKey) Signer() *ecdsa.PrivateKey {
	if k.IsZero() {
		return nil
	}
	return k.key()
}

// Public returns the public half, or nil for the zero value.
func (k PrivateKey) Public() *ecdsa.PublicKey {
	if k.IsZero() {
		return nil
	}
	return &k.key().PublicKey
}

// PEM returns the key in its canonical form, for the vault: PKCS#8 with the
// embedded public key, PEM, lines that end in LF. Parse reads it back. It is
// nil for the zero value.
func (k PrivateKey) PEM() []byte {
	if k.IsZero() {
		return nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.key())
	if err != nil {
		panic("keyfile: a P-256 key could not be encoded") // cannot happen; err could hold the key
	}
	return pem.EncodeToMemory(&pem.Block{Type: labelPKCS8, Bytes: der})
}

// Fingerprint is the SHA-256 of the public key's SubjectPublicKeyInfo in DER,
// 64 lower-case hex digits: whose key it is, without the key. It is "" for
// the zero value.
func (k PrivateKey) Fingerprint() string {
	if k.IsZero() {
		return ""
	}
	point, err := k.Public().Bytes()
	if err != nil {
		panic("keyfile: a P-256 public key could not be encoded") // cannot happen
	}
	sum := sha256.Sum256(append([]byte(headSPKI), point...))
	return hex.EncodeToString(sum[:])
}

// headSPKI is what SubjectPublicKeyInfo begins with where the key is on P-256:
// all but the point (RFC 5480). Written out, it costs half of encoding it,
// and fingerprints are taken for every check.
const headSPKI = "\x30\x59\x30\x13\x06\x07" + oidECPublicKey + "\x06\x08" + oidP256 + "\x03\x42\x00"

// Equal tells whether both are the same key. Two zero values are equal.
func (k PrivateKey) Equal(other PrivateKey) bool {
	if k.IsZero() || other.IsZero() {
		return k.IsZero() && other.IsZero()
	}
	return k.key().Equal(other.key())
}

// Format prints REDACTED whatever the verb.
func (k PrivateKey) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// String returns REDACTED. Panics print it too.
func (k PrivateKey) String() string { return redacted }

// GoString returns REDACTED.
func (k PrivateKey) GoString() string { return redacted }

// LogValue makes slog print REDACTED.
func (k PrivateKey) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText makes encoding/json, encoding/xml and most others write
// REDACTED. Nothing reads that back: store PEM instead, in the vault.
func (k PrivateKey) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// GobEncode writes REDACTED, as MarshalText does.
func (k PrivateKey) GobEncode() ([]byte, error) { return []byte(redacted), nil }
