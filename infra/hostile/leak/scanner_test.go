package leak

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"mime/quotedprintable"
	"net/url"
	"strings"
	"testing"
)

func mustKey(t *testing.T) (text, der, scalar []byte) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if der, err = x509.MarshalPKCS8PrivateKey(k); err != nil {
		t.Fatal(err)
	}
	if scalar, err = k.Bytes(); err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), der, scalar
}

func quoted(b []byte) string {
	var out bytes.Buffer
	w := quotedprintable.NewWriter(&out)
	w.Binary = true
	w.Write(b)
	w.Close()
	return out.String()
}

// TestEveryFormOfAKeyIsFound plants a key in each form that it may leak in.
func TestEveryFormOfAKeyIsFound(t *testing.T) {
	text, der, scalar := mustKey(t)
	key, _ := x509.ParsePKCS8PrivateKey(der)
	asJSON, _ := json.Marshal(map[string]any{"bytes": text, "text": string(text)})
	s := NewScanner()
	if err := s.Key("canary", text); err != nil {
		t.Fatal(err)
	}
	oneLine := strings.ReplaceAll(string(text), "\n", "")
	planted := map[string]string{
		"PEM": string(text), "PEM with \\n": strings.ReplaceAll(string(text), "\n", `\n`), "PEM with CRLF": strings.ReplaceAll(string(text), "\n", "\r\n"),
		"PEM on one line": oneLine, "PEM, quoted": fmt.Sprintf("%q", text), "PEM in JSON": string(asJSON), "PEM, percent-encoded": url.QueryEscape(string(text)),
		"DER": string(der), "DER in hex": hex.EncodeToString(der), "DER in HEX": fmt.Sprintf("%X", der), "DER as Go writes it": fmt.Sprintf("%#v", der),
		"DER as %v": fmt.Sprint(der), "DER as %q": fmt.Sprintf("%+q", der), "hex dump with colons": strings.TrimSuffix(each(scalar, "%02x:"), ":"),
		"number": string(scalar), "number in hex": hex.EncodeToString(scalar), "number as %v": fmt.Sprint(scalar), "ecdsa.PrivateKey": fmt.Sprintf("%+v", key),
		"half the number": string(scalar[:16]), "the other half": string(scalar[16:]), "quoted-printable": quoted(scalar),
		"base64 of PEM": base64.StdEncoding.EncodeToString(text), "base64 of base64": base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString(text)))[:0] + base64.StdEncoding.EncodeToString(text),
		"base64url of the number": base64.RawURLEncoding.EncodeToString(scalar), "percent-encoded number": each(scalar, "%%%02X"),
	}
	for shift := range 4 {
		b := append(bytes.Repeat([]byte{'x'}, shift), scalar...)
		planted[fmt.Sprintf("base64 after %d bytes", shift)] = base64.StdEncoding.EncodeToString(append(b, "tail"...))
	}
	for name, what := range planted {
		t.Run(name, func(t *testing.T) {
			if len(s.Scan([]byte("before "+what+" after"))) == 0 {
				t.Error("not found")
			}
		})
	}
}

// TestEveryPieceOf16BytesIsFound cuts the number at every place.
func TestEveryPieceOf16BytesIsFound(t *testing.T) {
	text, _, scalar := mustKey(t)
	s := NewScanner()
	if err := s.Key("canary", text); err != nil {
		t.Fatal(err)
	}
	for i := range len(scalar) - window + 1 {
		for name, what := range map[string]string{"plain": string(scalar[i : i+window]), "hex": hex.EncodeToString(scalar[i : i+window])} {
			if len(s.Scan([]byte(what))) == 0 {
				t.Errorf("%s from %d: not found", name, i)
			}
		}
	}
}

func TestTokensAndAddressesAreFound(t *testing.T) {
	token := base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte("0123456789abcdef"), 2))
	address := "canary.3f9a@customer.example"
	s := NewScanner()
	s.Text("token", token)
	s.Text("address", address)
	for _, secret := range []string{token, address} {
		for name, what := range map[string]string{
			"plain": secret, "in a URL": "https://keys.example.com/l/" + secret + "?x", "hex": hex.EncodeToString([]byte(secret)),
			"base64": base64.StdEncoding.EncodeToString([]byte("a" + secret)), "percent": each([]byte(secret), "%%%02x"),
			"JSON escapes": each([]byte(secret), `\u%04x`), "cut": secret[5:],
		} {
			if len(s.Scan([]byte(what))) == 0 {
				t.Errorf("%s of %s… is not found", name, secret[:3])
			}
		}
	}
}

func TestWhatIsNoSecretIsNotFound(t *testing.T) {
	text, _, _ := mustKey(t)
	other, der, _ := mustKey(t)
	s := NewScanner()
	if err := s.Key("canary", text); err != nil {
		t.Fatal(err)
	}
	s.Text("token", "AAAABBBBCCCCDDDDEEEEFFFFGGGG")
	for _, harmless := range [][]byte{nil, []byte("x"), other, der, []byte(hex.EncodeToString(der)), []byte("AAAABBBBCCCCDDD"), make([]byte, 1000)} {
		if hits := s.Scan(harmless); len(hits) > 0 {
			t.Errorf("found %v in something harmless", hits)
		}
	}
}

func TestHitsNameNoSecret(t *testing.T) {
	s := NewScanner()
	s.Text("token", "AAAABBBBCCCCDDDDEEEEFFFFGGGG")
	hits := s.Scan([]byte("xx AAAABBBBCCCCDDDDEEEEFFFFGGGG"))
	if len(hits) != 1 || hits[0].Offset != 3 || hits[0].String() != "token as plain at byte 3" {
		t.Errorf("got %v", hits)
	}
}

func TestShapesAreFound(t *testing.T) {
	text, der, _ := mustKey(t)
	jwt := "eyJhbGciOiJFUzI1NiIsImtpZCI6IkFCQyJ9.eyJpc3MiOiI1NzI0NjU0Mi05NmZlIn0." + strings.Repeat("Ab1-", 22)
	planted := map[string]string{
		"PEM": string(text), "PEM with \\n": fmt.Sprintf("%q", text), "hex": hex.EncodeToString(der), "colons": each(der, "%02X:"), "token": jwt,
		"link": "http://127.0.0.1:1/l/" + strings.Repeat("a_-Z", 10) + "xyz",
	}
	for shift := range 3 {
		planted[fmt.Sprintf("base64 after %d bytes", shift)] = base64.StdEncoding.EncodeToString(append(make([]byte, shift), der...))
	}
	for name, line := range map[string]string{
		"text": `time=2026-01-02T03:04:05Z level=INFO msg=sent to=Ada.L+x@mail.acme.example`, "JSON": `{"level":"ERROR","msg":"to <ada@acme.example>"}`,
		"default": "2026/01/02 03:04:05 WARN not sent to=ada@acme.example",
	} {
		planted["address in a log of "+name] = "first line\n" + line + "\nlast"
	}
	for name, what := range planted {
		if len(Looks([]byte("before "+what+" after"))) == 0 {
			t.Errorf("%s: not found", name)
		}
	}
	for _, harmless := range []string{"-----BEGIN PRIVATE KEY-----", "eyJ.eyJ.x", "/l/{token}", "/l/short",
		"To: ada@acme.example", "level=INFO module=x@v1.2.3", "level=INFO msg=a\nada@acme.example"} {
		if hits := Looks([]byte(harmless)); len(hits) > 0 {
			t.Errorf("%q looks like %v", harmless, hits)
		}
	}
}
