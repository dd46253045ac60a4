package keyfile_test

import (
	"bytes"
	"crypto/elliptic"
	"encoding/asn1"
	"strings"
	"testing"

	"keyward/pkg/keyfile"
)

func TestParseDiagnosesDamage(t *testing.T) { diagnoseAll(t, damagedKeys(t)) }

func damagedKeys(t *testing.T) []wrong {
	k, other := mustKey(t), mustKey(t)
	order := elliptic.P256().Params().N.Bytes()
	changed := func(change func(*ecPrivateKey)) string {
		inner := appleKey(t, k)
		change(&inner)
		return toPEM("PRIVATE KEY", pkcs8(t, inner))
	}
	file := changed(func(*ecPrivateKey) {})
	der := pkcs8(t, appleKey(t, k))
	return []wrong{
		{"whole", file, ""},
		{"public key of another key", changed(func(e *ecPrivateKey) { e.Public = appleKey(t, other).Public }), keyfile.Damaged},
		{"public key not on the curve", changed(func(e *ecPrivateKey) { e.Public.Bytes[64] ^= 1 }), keyfile.Damaged},
		{"public key cut", changed(func(e *ecPrivateKey) { e.Public = asn1.BitString{Bytes: e.Public.Bytes[:33], BitLength: 264} }), keyfile.Damaged},
		{"public key with unused bits", changed(func(e *ecPrivateKey) { e.Public.BitLength -= 3 }), keyfile.Damaged},
		{"scalar zero", changed(func(e *ecPrivateKey) { e.Scalar, e.Public = make([]byte, 32), asn1.BitString{} }), keyfile.Damaged},
		{"scalar at the curve's order", changed(func(e *ecPrivateKey) { e.Scalar, e.Public = order, asn1.BitString{} }), keyfile.Damaged},
		{"scalar of ones", changed(func(e *ecPrivateKey) { e.Scalar, e.Public = bytes.Repeat([]byte{0xff}, 32), asn1.BitString{} }), keyfile.Damaged},
		{"scalar too long", changed(func(e *ecPrivateKey) { e.Scalar = append([]byte{1}, e.Scalar...) }), keyfile.Damaged},
		{"scalar missing", changed(func(e *ecPrivateKey) { e.Scalar, e.Public = nil, asn1.BitString{} }), keyfile.Damaged},
		{"another curve inside", changed(func(e *ecPrivateKey) { e.Curve = asn1.ObjectIdentifier{1, 3, 132, 0, 10} }), keyfile.Damaged},
		{"unknown version inside", changed(func(e *ecPrivateKey) { e.Version = 2 }), keyfile.Damaged},
		{"unknown version", toPEM("PRIVATE KEY", mustDER(t, keyInfo{5, algorithm{oidEC, oidP256}, mustDER(t, appleKey(t, k))})), keyfile.Damaged},
		{"a character that is not base64", strings.Replace(file, "A", "*", 1), keyfile.MarkersChanged},
		{"a character of the body that is not base64", strings.Replace(file, "MIG", "MI*", 1), keyfile.Damaged},
		{"padding in between", strings.Replace(file, "MIGT", "MIG=", 1), keyfile.Damaged},
		{"nothing between the lines", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", keyfile.Damaged},
		{"not DER", toPEM("PRIVATE KEY", []byte("hello world")), keyfile.Damaged},
		{"data after the key", toPEM("PRIVATE KEY", append(bytes.Clone(der), 0)), keyfile.TrailingData},
		{"data after the inner key", toPEM("PRIVATE KEY", mustDER(t, keyInfo{0, algorithm{oidEC, oidP256}, append(mustDER(t, appleKey(t, k)), 5, 0)})), keyfile.TrailingData},
		{"data after binary", string(append(bytes.Clone(der), 0)), keyfile.TrailingData},
		{"binary cut", string(der[:100]), keyfile.Truncated},
	}
}

// TestParseNamesTheKindBehindAnyLabel: what is inside counts, not its label.
func TestParseNamesTheKindBehindAnyLabel(t *testing.T) {
	relabelled := func(name string) string { return toPEM("PRIVATE KEY", mustRead(t, name)) }
	diagnoseAll(t, []wrong{
		{"SEC1", relabelled("openssl-p256-sec1.der"), keyfile.SEC1Key},
		{"PKCS#1", relabelled("openssl-rsa-pkcs1.der"), keyfile.RSAKey},
		{"encrypted", relabelled("openssl-p256-encrypted-pbe.der"), keyfile.EncryptedKey},
		{"certificate", relabelled("openssl-certificate.cer"), keyfile.CertificateFile},
		{"public key", relabelled("openssl-p256-public.der"), keyfile.PublicKey},
		{".p12", relabelled("openssl-rsa.p12"), keyfile.PKCS12},
		{"RSA without END line", string(mustRead(t, "openssl-rsa.p8")[:500]), keyfile.RSAKey},
		{"P-384 without END line", string(mustRead(t, "openssl-secp384r1.p8")[:150]), keyfile.OtherCurve},
		{"encrypted without END line", string(mustRead(t, "openssl-p256-encrypted.p8")[:150]), keyfile.EncryptedKey},
	})
}

// TestParseEveryCut cuts a file at every byte: only the last line end may be
// missing. Where the cut is in the END line, the key itself is whole.
func TestParseEveryCut(t *testing.T) {
	file := strings.TrimSpace(applePEM(t, mustKey(t)))
	whole := len(file) - len("\n-----END PRIVATE KEY-----")
	for n := 1; n < len(file); n++ {
		want := keyfile.Truncated
		if n >= whole {
			want = keyfile.MarkersChanged
		}
		if d := diagnosisOf(t, []byte(file[:n])); d != want {
			t.Errorf("the first %d of %d bytes: %q, want %q", n, len(file), d, want)
		}
	}
	for n := 1; n < len(file); n++ {
		if d := diagnosisOf(t, []byte(file[n:])); d == "" {
			t.Errorf("accepted without the first %d bytes", n)
		}
	}
}

// TestParseMissingLines takes whole lines out of the body.
func TestParseMissingLines(t *testing.T) {
	lines := strings.SplitAfter(applePEM(t, mustKey(t)), "\n")
	for i := 1; i < len(lines)-2; i++ {
		file := strings.Join(lines[:i], "") + strings.Join(lines[i+1:], "")
		if d := diagnosisOf(t, []byte(file)); d != keyfile.Truncated && d != keyfile.Damaged {
			t.Errorf("without line %d: %q", i+1, d)
		}
	}
}

// TestAWholeKeyUnderWrongMarkers: labels and damaged BEGIN and END lines never
// hide that the key itself is whole, and never make a good key of another kind.
func TestAWholeKeyUnderWrongMarkers(t *testing.T) {
	file := strings.TrimSpace(applePEM(t, mustKey(t)))
	lines := strings.Split(file, "\n")
	body := strings.Join(lines[1:len(lines)-1], "\n")
	relabelled := func(label string) string { return strings.ReplaceAll(file, "PRIVATE KEY", label) }
	var list []wrong
	for _, label := range []string{
		"EC PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "DSA PRIVATE KEY",
		"PUBLIC KEY", "CERTIFICATE", "PRIVTE KEY", "KEY", "PRIVATE\u00a0KEY", "PRIVATE\u2009KEY", "private key", "PRIVATE_KEY",
	} {
		list = append(list, wrong{"label " + label, relabelled(label), keyfile.MarkersChanged})
	}
	diagnoseAll(t, append(list, []wrong{
		{"END line with four hyphens", strings.TrimSuffix(file, "-"), keyfile.MarkersChanged},
		{"END line cut", strings.TrimSuffix(file, "ATE KEY-----"), keyfile.MarkersChanged},
		{"END line missing", "-----BEGIN PRIVATE KEY-----\n" + body, keyfile.MarkersChanged},
		{"BEGIN line missing", body + "\n-----END PRIVATE KEY-----", keyfile.MarkersChanged},
		{"no hyphens", strings.ReplaceAll(file, "-", ""), keyfile.MarkersChanged},
		{"no hyphens and no blanks", "BEGINPRIVATEKEY\n" + body + "\nENDPRIVATEKEY", keyfile.MarkersChanged},
		{"no-break space before", "\u00a0-----BEGIN PRIVATE\u00a0KEY-----\n" + body + "\n-----END PRIVATE KEY-----", keyfile.MarkersChanged},
		{"an RSA key under a damaged label", strings.ReplaceAll(string(mustRead(t, "openssl-rsa.p8")), "PRIVATE KEY", "PRIVTE KEY"), keyfile.Unknown},
		{"an RSA key and no-break spaces", strings.ReplaceAll(string(mustRead(t, "openssl-rsa.p8")), "E K", "E\u00a0K"), keyfile.RSAKey},
		{"cut, and four hyphens", "----BEGIN PRIVATE KEY-----\n" + body[:100], keyfile.Truncated},
	}...))
	for _, said := range []string{"cut off", "another program", "make a new key"} {
		if strings.Contains(keyfile.MarkersChanged.Sentence(), said) {
			t.Errorf("the sentence says %q of a key that is whole", said)
		}
	}
	if !strings.Contains(keyfile.MarkersChanged.Sentence(), "changed after it was downloaded") {
		t.Error("the sentence does not say that the file was changed")
	}
}

// A key in SEC1 format comes as binary and under other labels too: its sentence
// must not speak of a BEGIN line.
func TestSEC1SentenceFitsEveryFile(t *testing.T) {
	if strings.Contains(keyfile.SEC1Key.Sentence(), "BEGIN") {
		t.Error("not every SEC1 key has a BEGIN line")
	}
}

// TestParseEveryBitFlip: a file with a public key inside is refused or gives
// the same key, whichever bit is flipped, in the text and in the DER.
func TestParseEveryBitFlip(t *testing.T) {
	k := mustKey(t)
	apple := appleKey(t, k)
	openssl := apple
	openssl.Curve = nil
	for name, inner := range map[string]ecPrivateKey{"Apple": apple, "OpenSSL": openssl} {
		der := pkcs8(t, inner)
		want := mustParse(t, []byte(toPEM("PRIVATE KEY", der))).Fingerprint()
		t.Run(name+", text", func(t *testing.T) {
			t.Parallel()
			flipAll(t, []byte(toPEM("PRIVATE KEY", der)), want, func(b []byte) []byte { return b })
		})
		t.Run(name+", DER", func(t *testing.T) {
			t.Parallel()
			flipAll(t, der, want, func(b []byte) []byte { return []byte(toPEM("PRIVATE KEY", b)) })
		})
	}
}

func flipAll(t *testing.T, data []byte, want string, file func([]byte) []byte) {
	t.Helper()
	refused := 0
	for bit := range 8 * len(data) {
		flipped := bytes.Clone(data)
		flipped[bit/8] ^= 1 << (bit % 8)
		k, err := keyfile.Parse(file(flipped))
		switch {
		case err != nil:
			typedDiagnosis(t, err, k)
			refused++
		case k.Fingerprint() != want:
			t.Errorf("bit %d: another key was accepted", bit)
		}
	}
	if refused < 7*len(data) {
		t.Errorf("only %d of %d flips were refused", refused, 8*len(data))
	}
}
