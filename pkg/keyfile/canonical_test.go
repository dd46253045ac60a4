package keyfile

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"testing"
)

func mustKey(tb testing.TB) PrivateKey {
	tb.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return seal(k)
}

func TestWhatPEMReturnsIsReadTheShortWay(t *testing.T) {
	for range 200 {
		k := mustKey(t)
		short, ok := parseCanonical(k.PEM())
		if !ok || !short.Equal(k) {
			t.Fatal("the canonical form is not read back")
		}
	}
}

// Whatever the short way accepts, the long way must accept as the same key.
func TestShortWayAcceptsNothingMore(t *testing.T) {
	text := mustKey(t).PEM()
	accepted := 0
	for i := range text {
		for _, c := range []byte("\n \tA+/=-\x00\xff") {
			changed := bytes.Clone(text)
			changed[i] = c
			short, ok := parseCanonical(changed)
			if !ok {
				continue
			}
			accepted++
			if long, d := parse(changed); d != "" || !long.Equal(short) {
				t.Fatalf("byte %d as %q: the long way says %q", i, c, d)
			}
		}
	}
	if accepted == 0 || accepted > len("\n \tA+/=-\x00\xff")*len(text)/20 {
		t.Errorf("%d changed files were accepted", accepted)
	}
	for name, other := range map[string][]byte{
		"more after it": append(bytes.Clone(text), '\n'), "more before it": append([]byte("\n"), text...),
		"cut": text[:len(text)-1], "CRLF": bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")),
	} {
		if _, ok := parseCanonical(other); ok {
			t.Errorf("%s: taken for the canonical form", name)
		}
	}
}

// The base64 decoder skips line breaks, so that a file of the right length may
// hold less than a key.
func TestLineBreaksInPlaceOfAKey(t *testing.T) {
	text := mustKey(t).PEM()
	end := bytes.Index(text, []byte("\n-----END"))
	for from := len("-----BEGIN PRIVATE KEY-----\n"); from < end; from++ {
		breaks := bytes.Repeat([]byte("\n"), end-from)
		if _, err := Parse(append(append(bytes.Clone(text[:from]), breaks...), text[end:]...)); err == nil {
			t.Fatalf("accepted with nothing but line breaks from byte %d on", from)
		}
	}
}

func TestFingerprintIsOfTheEncodedPublicKey(t *testing.T) {
	for range 20 {
		k := mustKey(t)
		der, err := x509.MarshalPKIXPublicKey(k.Public())
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(der); k.Fingerprint() != hex.EncodeToString(sum[:]) {
			t.Fatal("the fingerprint is of something else")
		}
	}
}

func BenchmarkParseCanonical(b *testing.B) {
	text := mustKey(b).PEM()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFingerprint(b *testing.B) {
	k := mustKey(b)
	b.ReportAllocs()
	for b.Loop() {
		if k.Fingerprint() == "" {
			b.Fatal("no fingerprint")
		}
	}
}
