package keyfile_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"keyward/pkg/keyfile"
)

// Object identifiers for files that the tests build.
var (
	oidEC   = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidP256 = asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}
)

// ecPrivateKey and keyInfo are RFC 5915 and RFC 5208, so that tests can build
// files that crypto/x509 would not.
type ecPrivateKey struct {
	Version int
	Scalar  []byte
	Curve   asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
	Public  asn1.BitString        `asn1:"optional,explicit,tag:1"`
}

type keyInfo struct {
	Version   int
	Algorithm algorithm
	Key       []byte
}

type algorithm struct {
	OID   asn1.ObjectIdentifier
	Curve asn1.ObjectIdentifier
}

func mustKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustDER(t testing.TB, v any) []byte {
	t.Helper()
	der, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func scalarOf(t testing.TB, k *ecdsa.PrivateKey) []byte {
	t.Helper()
	b, err := k.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func pointOf(t testing.TB, k *ecdsa.PrivateKey) []byte {
	t.Helper()
	b, err := k.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// appleKey is the key as Apple writes it: curve and public key inside.
func appleKey(t testing.TB, k *ecdsa.PrivateKey) ecPrivateKey {
	t.Helper()
	point := pointOf(t, k)
	return ecPrivateKey{
		Version: 1, Scalar: scalarOf(t, k), Curve: oidP256,
		Public: asn1.BitString{Bytes: point, BitLength: 8 * len(point)},
	}
}

func pkcs8(t testing.TB, inner ecPrivateKey) []byte {
	t.Helper()
	return mustDER(t, keyInfo{Algorithm: algorithm{OID: oidEC, Curve: oidP256}, Key: mustDER(t, inner)})
}

func toPEM(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

// applePEM is a file as Apple issues it, without Apple's missing last LF.
func applePEM(t testing.TB, k *ecdsa.PrivateKey) string {
	t.Helper()
	return toPEM("PRIVATE KEY", pkcs8(t, appleKey(t, k)))
}

func mustParse(t testing.TB, data []byte) keyfile.PrivateKey {
	t.Helper()
	k, err := keyfile.Parse(data)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return k
}

func mustRead(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// diagnosisOf is the diagnosis of data, or "" when it is accepted. Any error
// but a bare *Error fails the test.
func diagnosisOf(t testing.TB, data []byte) keyfile.Diagnosis {
	t.Helper()
	k, err := keyfile.Parse(data)
	if err == nil {
		return ""
	}
	return typedDiagnosis(t, err, k)
}

func typedDiagnosis(t testing.TB, err error, k keyfile.PrivateKey) keyfile.Diagnosis {
	t.Helper()
	var typed *keyfile.Error
	if !errors.As(err, &typed) {
		t.Fatalf("error of type %T", err)
	}
	if !k.IsZero() {
		t.Fatal("a key and an error")
	}
	if !isDiagnosis(typed.Diagnosis) {
		t.Fatalf("%q is not among Diagnoses()", typed.Diagnosis)
	}
	if want := "key file refused: " + string(typed.Diagnosis); err.Error() != want {
		t.Fatal("the error's text is more than its diagnosis")
	}
	return typed.Diagnosis
}

func isDiagnosis(d keyfile.Diagnosis) bool {
	for _, known := range keyfile.Diagnoses() {
		if d == known {
			return true
		}
	}
	return false
}
