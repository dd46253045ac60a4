package keyfile_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"

	"keyward/pkg/keyfile"
)

func mustZip(t testing.TB, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range names {
		if _, err := w.Create(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func mustGzip(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A wrong is one file and the diagnosis that its sender should get.
type wrong struct {
	name string
	data string
	want keyfile.Diagnosis
}

func diagnoseAll(t *testing.T, list []wrong) {
	t.Helper()
	for _, w := range list {
		t.Run(w.name, func(t *testing.T) {
			if got := diagnosisOf(t, []byte(w.data)); got != w.want {
				t.Errorf("diagnosed as %q, want %q", got, w.want)
			}
		})
	}
}

func TestParseDiagnosesOtherFormats(t *testing.T) { diagnoseAll(t, otherFormats(t)) }

func otherFormats(t *testing.T) []wrong {
	file := applePEM(t, mustKey(t))
	big := strings.Repeat("x", 16<<10+1)
	bplist := "bplist00\xd1\x01\x02"
	return []wrong{
		{"no bytes", "", keyfile.Empty},
		{"blanks only", " \r\n\t\n", keyfile.Empty},
		{"a BOM only", "\ufeff", keyfile.Empty},
		{"a UTF-16 BOM only", "\xff\xfe", keyfile.Empty},
		{"zeros only", strings.Repeat("\x00", 300), keyfile.Empty},
		{"large", big, keyfile.TooLarge},
		{"a key and then too much", file + big, keyfile.TooLarge},
		{"a key that just fits", file + strings.Repeat("\n", 16<<10-len(file)), ""},
		{"one byte more", file + strings.Repeat("\n", 16<<10+1-len(file)), keyfile.TooLarge},
		{"a large picture", "\x89PNG\r\n\x1a\n" + big, keyfile.Image},
		{"a photo", "\xff\xd8\xff\xe0\x00\x10JFIF", keyfile.Image},
		{"a photo of an iPhone", "\x00\x00\x00\x24ftypheic", keyfile.Image},
		{"zip with the key", mustZip(t, "AuthKey_ABC1234567.p8"), keyfile.ZippedKey},
		{"zip with the key in a folder", mustZip(t, "keys/", "keys/AuthKey_ABC1234567.p8", "__MACOSX/x"), keyfile.ZippedKey},
		{"zip with a renamed key", mustZip(t, "apple.p8"), keyfile.ZippedKey},
		{"zip cut off", mustZip(t, "AuthKey_ABC1234567.p8")[:60], keyfile.ZippedKey},
		{"zip of something else", mustZip(t, "holiday.txt"), keyfile.ZipFile},
		{"empty zip", mustZip(t), keyfile.ZipFile},
		{"app", mustZip(t, "Payload/", "Payload/Example.app/Info.plist"), keyfile.App},
		{"large app", mustZip(t, "Payload/", "Payload/Example.app/Info.plist") + big, keyfile.App},
		{"Word", mustZip(t, "[Content_Types].xml", "word/document.xml"), keyfile.Document},
		{"OpenDocument", mustZip(t, "mimetypeapplication/vnd.oasis.opendocument.text"), keyfile.Document},
		{"Pages", mustZip(t, "Index/Document.iwa"), keyfile.Document},
		{"old Word", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + big, keyfile.Document},
		{"gzip", mustGzip(t, file), keyfile.GzipFile},
		{"7z", "7z\xbc\xaf\x27\x1c", keyfile.ArchiveFile},
		{"tar", "AuthKey_ABC1234567.p8" + strings.Repeat("\x00", 236) + "ustar\x0000", keyfile.ArchiveFile},
		{"PDF", "%PDF-1.7\n" + file, keyfile.PDFFile},
		{"RTF around the key", `{\rtf1\ansi ` + strings.ReplaceAll(file, "\n", "\\\n") + "}", keyfile.RTFFile},
		{"RTF after a BOM", "\ufeff{\\rtf1 " + file + "}", keyfile.RTFFile},
		{"web page", "<!DOCTYPE html><html><body>Sign in</body></html>", keyfile.HTMLFile},
		{"web page around the key", "\n<HTML><pre>" + file + "</pre></HTML>", keyfile.HTMLFile},
		{"XHTML", `<?xml version="1.0"?><html xmlns="x">`, keyfile.HTMLFile},
		{"web page in UTF-16", string(wide(binary.LittleEndian, "\ufeff<html>")), keyfile.HTMLFile},
		{"fastlane's JSON", `{"key_id":"ABC1234567","key":"` + strings.ReplaceAll(file, "\n", `\n`) + `"}`, keyfile.JSONFile},
		{"JSON in lines", "{\n  \"key\": \"x\"\n}", keyfile.JSONFile},
		{"JSON error of Apple", `{ "errors": [{}] }`, keyfile.JSONFile},
		{"profile as XML", `<?xml version="1.0"?><plist><key>TeamIdentifier</key></plist>`, keyfile.ProvisioningProfile},
		{"large profile", string(mustRead(t, "openssl-profile.mobileprovision")) + big, keyfile.ProvisioningProfile},
		{"large .p12", string(mustRead(t, "openssl-rsa.p12")) + big, keyfile.PKCS12},
		{".p12 with indefinite lengths", "\x30\x80\x02\x01\x03\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", keyfile.PKCS12},
		{".p12 cut off", string(mustRead(t, "openssl-rsa.p12")[:500]), keyfile.PKCS12},
		{"PuTTY key", "PuTTY-User-Key-File-3: ecdsa-sha2-nistp256\n", keyfile.SSHKey},
		{"a word", "hello", keyfile.Unknown},
		{"the key ID", "ABC1234567", keyfile.Unknown},
		{"a letter about keys", "Dear team, where do I find the private key? Regards", keyfile.Unknown},
		{"digits, which look like DER", "0123456789", keyfile.Unknown},
		{"noise", "\x30\x82\xff\xff\x00\x01\x02noise", keyfile.Unknown},
		{"an executable", "\xcf\xfa\xed\xfe\x07\x00\x00\x01", keyfile.Unknown},
		{"a binary property list", bplist, keyfile.Unknown},
		{"unknown PEM block", toPEM("X9 THING", []byte("thing")), keyfile.Unknown},
		{"unknown private key", toPEM("QUANTUM PRIVATE KEY", []byte("thing")), keyfile.OtherKeyType},
		{"base64 of nothing known", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("nothing at all. ", 4))), keyfile.Unknown},
	}
}

func TestParseDiagnosesWrappings(t *testing.T) { diagnoseAll(t, wrappedKeys(t)) }

func wrappedKeys(t *testing.T) []wrong {
	file := applePEM(t, mustKey(t))
	trimmed := strings.TrimSpace(file)
	lines := strings.Split(trimmed, "\n")
	body := strings.Join(lines[1:len(lines)-1], "\n")
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	escaped := strings.ReplaceAll(trimmed, "\n", `\n`)
	return []wrong{
		{"base64 around", b64(file), keyfile.Base64Wrapped},
		{"base64 around, in lines", b64(file)[:76] + "\n" + b64(file)[76:] + "\n", keyfile.Base64Wrapped},
		{"base64 around twice", b64(b64(file)), keyfile.Base64Wrapped},
		{"base64 around CRLF", b64(strings.ReplaceAll(file, "\n", "\r\n")), keyfile.Base64Wrapped},
		{"base64 around UTF-16", b64(string(wide(binary.LittleEndian, "\ufeff"+file))), keyfile.Base64Wrapped},
		{"base64 in quotes", `"` + b64(file) + `"`, keyfile.Base64Wrapped},
		{"base64 around, cut", b64(file)[:200], keyfile.Truncated},
		{"base64 around an RSA key", b64(string(mustRead(t, "openssl-rsa.p8"))), keyfile.RSAKey},
		{"base64 around a .p12", b64(string(mustRead(t, "openssl-rsa.p12"))), keyfile.PKCS12},
		{"without the BEGIN and END lines", body, keyfile.BareBase64},
		{"without those lines, on one line", strings.ReplaceAll(body, "\n", ""), keyfile.BareBase64},
		{"without those lines, cut", body[:150], keyfile.Truncated},
		{"without those lines, cut between fours", body[:151], keyfile.Truncated}, // 149 characters and two line breaks
		{"half a line", body[:32], keyfile.Truncated},
		{"less than half a line, which is no evidence", body[:31], keyfile.Unknown},
		{"P-384 without its lines", bodyOf(t, "openssl-secp384r1.p8"), keyfile.OtherCurve},
		{`\n in two characters`, escaped, keyfile.EscapedNewlines},
		{`\n at the end too`, escaped + `\n`, keyfile.EscapedNewlines},
		{`\r\n in four characters`, strings.ReplaceAll(trimmed, "\n", `\r\n`), keyfile.EscapedNewlines},
		{`\\n in three characters`, strings.ReplaceAll(trimmed, "\n", `\\n`), keyfile.EscapedNewlines},
		{`\n in quotes`, `"` + escaped + `"`, keyfile.EscapedNewlines},
		{`\n in a settings file`, `KEY="` + escaped + "\"\nID=1\n", keyfile.EscapedNewlines},
		{`\n in the body only`, lines[0] + "\n" + strings.ReplaceAll(body, "\n", `\n`) + "\n" + lines[len(lines)-1], keyfile.EscapedNewlines},
		{`\n in an RSA key`, strings.ReplaceAll(string(mustRead(t, "openssl-rsa.p8")), "\n", `\n`), keyfile.RSAKey},
		{`\n in a cut key`, escaped[:150], keyfile.Truncated},
		{"quotes", `"` + trimmed + `"`, keyfile.Quoted},
		{"single quotes and a comma", `'` + file + `',`, keyfile.Quoted},
		{"typographic quotes", "“" + trimmed + "”", keyfile.Quoted},
		{"a quote at the end only", trimmed + `"`, keyfile.Quoted},
		{"words before", "Here is our key:\n" + file, keyfile.TextAround},
		{"a tilde before, UTF-16 without BOM", string(wide(binary.LittleEndian, "~\n"+file)), keyfile.TextAround},
		{"words after", file + "Regards, Ann\n", keyfile.TextAround},
		{"a Windows path before", `C:\new\AuthKey.p8` + "\n" + file, keyfile.TextAround},
		{"a public key after", file + string(mustRead(t, "openssl-p256-public.pem")), keyfile.TextAround},
		{"a quoted mail", "> " + strings.ReplaceAll(trimmed, "\n", "\n> "), keyfile.TextAround},
		{"YAML", "key: |\n  " + strings.ReplaceAll(trimmed, "\n", "\n  "), keyfile.TextAround},
		{"headers in the block", strings.Replace(file, "\n", "\nComment: x\n\n", 1), keyfile.TextAround},
		{"words around an RSA key", "Our key:\n" + string(mustRead(t, "openssl-rsa.p8")), keyfile.RSAKey},
		{"blanks for line breaks", strings.ReplaceAll(trimmed, "\n", " "), keyfile.Reflowed},
		{"no line breaks", strings.ReplaceAll(trimmed, "\n", ""), keyfile.Reflowed},
		{"a blank in a line", strings.Replace(trimmed, lines[2], lines[2][:9]+" "+lines[2][9:], 1), keyfile.Reflowed},
		{"two keys", file + applePEM(t, mustKey(t)), keyfile.SeveralKeys},
		{"the same key twice", file + "\n" + file, keyfile.SeveralKeys},
		{"a key and an RSA key", file + string(mustRead(t, "openssl-rsa-pkcs1.pem")), keyfile.SeveralKeys},
		{"four hyphens", strings.Replace(file, "-----BEGIN", "----BEGIN", 1), keyfile.MarkersChanged},
		{"dashes", strings.ReplaceAll(file, "-----", "—–"), keyfile.MarkersChanged},
		{"lower case", strings.ToLower(lines[0]) + "\n" + body + "\n" + strings.ToLower(lines[len(lines)-1]), keyfile.MarkersChanged},
		{"END line of another kind", strings.Replace(file, "END PRIVATE", "END RSA PRIVATE", 1), keyfile.MarkersChanged},
		{"END line in lower case", lines[0] + "\n" + body + "\n" + strings.ToLower(lines[len(lines)-1]), keyfile.MarkersChanged},
	}
}

// bodyOf is the base64 of a PEM file in testdata.
func bodyOf(t *testing.T, name string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(string(mustRead(t, name))), "\n")
	return strings.Join(lines[1:len(lines)-1], "\n")
}
