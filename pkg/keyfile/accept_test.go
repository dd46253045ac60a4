package keyfile_test

import (
	"encoding/asn1"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"keyward/pkg/keyfile"
)

func wide(order binary.AppendByteOrder, s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

func TestParseAcceptsHarmlessDisguises(t *testing.T) {
	k := mustKey(t)
	file := applePEM(t, k)
	le, be := binary.LittleEndian, binary.BigEndian
	body := strings.Split(strings.TrimSpace(file), "\n")
	oneLine := body[0] + "\n" + strings.Join(body[1:len(body)-1], "") + "\n" + body[len(body)-1]
	files := map[string]string{
		"as Apple issues it":               strings.TrimSpace(file),
		"with a last line end":             file,
		"CRLF":                             strings.ReplaceAll(file, "\n", "\r\n"),
		"lone CR":                          strings.ReplaceAll(file, "\n", "\r"),
		"mixed line ends":                  strings.Replace(file, "\n", "\r\n", 2),
		"BOM":                              "\ufeff" + file,
		"BOM and CRLF":                     "\ufeff" + strings.ReplaceAll(file, "\n", "\r\n"),
		"blank lines around":               "\n\n \n" + file + "\n\t\n",
		"blanks around":                    "  \t" + strings.TrimSpace(file) + "   ",
		"no-break and zero-width around":   "\u00a0\u200b" + strings.TrimSpace(file) + "\u200b\u00a0",
		"blanks at the ends of lines":      strings.ReplaceAll(file, "\n", " \t\n"),
		"indented":                         "  " + strings.ReplaceAll(strings.TrimSpace(file), "\n", "\n  "),
		"double-spaced":                    strings.ReplaceAll(file, "\n", "\n\n"),
		"body on one line":                 oneLine,
		"UTF-16 LE with BOM":               string(wide(le, "\ufeff"+file)),
		"UTF-16 BE with BOM":               string(wide(be, "\ufeff"+file)),
		"UTF-16 LE with BOM and CRLF":      string(wide(le, "\ufeff"+strings.ReplaceAll(file, "\n", "\r\n"))),
		"UTF-16 LE without BOM":            string(wide(le, file)),
		"UTF-16 BE without BOM":            string(wide(be, file)),
		"UTF-16 LE without BOM, CRLF":      string(wide(le, strings.ReplaceAll(file, "\n", "\r\n"))),
		"UTF-16 BE without BOM, tabs":      string(wide(be, "\t"+strings.ReplaceAll(file, "\n", "\t\n"))),
		"UTF-16 LE with BOM, blanks after": string(wide(le, "\ufeff"+file+"\u00a0\r\n")),
	}
	want := mustParse(t, []byte(file)).Fingerprint()
	for name, data := range files {
		t.Run(name, func(t *testing.T) {
			got, err := keyfile.Parse([]byte(data))
			if err != nil {
				t.Fatal(err)
			}
			if got.Fingerprint() != want || !got.Signer().Equal(k) {
				t.Error("another key came out")
			}
		})
	}
}

func TestParseAcceptsVariantsOfPKCS8(t *testing.T) {
	k := mustKey(t)
	point := pointOf(t, k)
	bits := func(b []byte) asn1.BitString { return asn1.BitString{Bytes: b, BitLength: 8 * len(b)} }
	parity := point[64] & 1
	variants := map[string]func(*ecPrivateKey){
		"curve and public key, as Apple":   func(*ecPrivateKey) {},
		"public key only, as OpenSSL":      func(e *ecPrivateKey) { e.Curve = nil },
		"curve only":                       func(e *ecPrivateKey) { e.Public = asn1.BitString{} },
		"neither, as Java":                 func(e *ecPrivateKey) { e.Curve, e.Public = nil, asn1.BitString{} },
		"compressed public key":            func(e *ecPrivateKey) { e.Public = bits(append([]byte{2 | parity}, point[1:33]...)) },
		"hybrid public key":                func(e *ecPrivateKey) { e.Public = bits(append([]byte{6 | parity}, point[1:]...)) },
		"a zero before the scalar, proven": func(e *ecPrivateKey) { e.Scalar = append([]byte{0}, e.Scalar...) },
	}
	for name, change := range variants {
		t.Run(name, func(t *testing.T) {
			inner := appleKey(t, k)
			change(&inner)
			if got := mustParse(t, []byte(toPEM("PRIVATE KEY", pkcs8(t, inner)))); !got.Signer().Equal(k) {
				t.Error("another key came out")
			}
		})
	}
}

// TestParseOneAsymmetricKey covers RFC 5958: attributes, and the public key
// outside of ECPrivateKey.
func TestParseOneAsymmetricKey(t *testing.T) {
	k, other := mustKey(t), mustKey(t)
	build := func(outer []byte) string {
		inner := ecPrivateKey{Version: 1, Scalar: scalarOf(t, k)}
		type info struct {
			Version    int
			Algorithm  algorithm
			Key        []byte
			Attributes asn1.RawValue
			Public     asn1.BitString `asn1:"tag:1"`
		}
		return toPEM("PRIVATE KEY", mustDER(t, info{
			Version: 1, Algorithm: algorithm{oidEC, oidP256}, Key: mustDER(t, inner),
			Attributes: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true},
			Public:     asn1.BitString{Bytes: outer, BitLength: 8 * len(outer)},
		}))
	}
	if got := mustParse(t, []byte(build(pointOf(t, k)))); !got.Signer().Equal(k) {
		t.Error("another key came out")
	}
	if d := diagnosisOf(t, []byte(build(pointOf(t, other)))); d != keyfile.Damaged {
		t.Errorf("public key of another key: %q", d)
	}
}

func TestParseShortScalar(t *testing.T) {
	k := mustKey(t)
	for scalarOf(t, k)[0] != 0 {
		k = mustKey(t)
	}
	inner := appleKey(t, k)
	inner.Scalar = inner.Scalar[1:]
	if got := mustParse(t, []byte(toPEM("PRIVATE KEY", pkcs8(t, inner)))); !got.Signer().Equal(k) {
		t.Error("another key came out")
	}
	inner.Public = asn1.BitString{}
	if d := diagnosisOf(t, []byte(toPEM("PRIVATE KEY", pkcs8(t, inner)))); d != keyfile.Damaged {
		t.Errorf("without a public key to prove it: %q", d)
	}
}

func TestPEMIsCanonical(t *testing.T) {
	k := mustParse(t, []byte(applePEM(t, mustKey(t))))
	text := string(k.PEM())
	if !strings.HasPrefix(text, "-----BEGIN PRIVATE KEY-----\n") || !strings.HasSuffix(text, "\n-----END PRIVATE KEY-----\n") || strings.Contains(text, "\r") {
		t.Error("not PKCS#8 PEM with LF")
	}
	again := mustParse(t, k.PEM())
	if again.Fingerprint() != k.Fingerprint() || string(again.PEM()) != text {
		t.Error("does not come back the same")
	}
}
