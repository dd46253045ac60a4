package keyfile_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"keyward/pkg/keyfile"
)

// holder has a key in every place where a struct can have one.
type holder struct {
	Name     string
	Exported keyfile.PrivateKey
	hidden   keyfile.PrivateKey
	Pointer  *keyfile.PrivateKey
	hiddenP  *keyfile.PrivateKey
	List     []keyfile.PrivateKey
	byName   map[string]keyfile.PrivateKey
	any      any
}

func newHolder(k keyfile.PrivateKey) holder {
	return holder{
		Name: "holder", Exported: k, hidden: k, Pointer: &k, hiddenP: &k,
		List: []keyfile.PrivateKey{k}, byName: map[string]keyfile.PrivateKey{"a": k}, any: k,
	}
}

// leaks are the forms in which a printer could show the scalar, cut down to
// pieces that would prove it.
func leaks(t *testing.T, k keyfile.PrivateKey) []string {
	t.Helper()
	scalar := scalarOf(t, k.Signer())
	text := strings.Join(strings.Split(string(k.PEM()), "\n")[1:3], "\n")
	list := []string{
		new(big.Int).SetBytes(scalar).String()[:20], // as math/big prints it
		base64.StdEncoding.EncodeToString(scalar)[:16],
		strings.Trim(fmt.Sprint(scalar[:6]), "[]"),
		strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", scalar[:4]), "[]byte{"), "}"),
		string(scalar[:8]),
	}
	list = append(list, windows(hex.EncodeToString(scalar), 16)...)
	return append(list, windows(text[40:], 12)...)
}

func windows(s string, n int) (list []string) {
	for i := 0; i+n <= len(s); i++ {
		list = append(list, s[i:i+n])
	}
	return list
}

func TestPrivateKeyNeverPrints(t *testing.T) {
	k := mustParse(t, []byte(applePEM(t, mustKey(t))))
	secret := leaks(t, k)
	check := func(how, out string) {
		t.Helper()
		for _, s := range secret {
			if strings.Contains(strings.ToLower(out), strings.ToLower(s)) {
				t.Fatalf("%s shows the key", how)
			}
		}
	}
	h := newHolder(k)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%t", "%c", "%U", "%p", "%20.3s", "%y"} {
		for _, v := range []any{k, &k, h, &h, []any{h}, map[string]any{"h": &h}, struct{ h *holder }{&h}} {
			check(fmt.Sprintf("%s of %T", verb, v), fmt.Sprintf(verb, v))
		}
		if got := fmt.Sprintf(verb, k); got != "REDACTED" && verb != "%p" { // fmt asks nobody about %p: it prints where code is
			t.Errorf("%s prints %q", verb, got)
		}
	}
	check("Println", fmt.Sprintln(k, &k, h, &h))
	check("an error", fmt.Errorf("storing %v: %w", h, errors.New("x")).Error())
	check("a panic", recovered(func() { panic(k) }))
	check("reflection", walk(reflect.ValueOf(h), 0))
	check("cmp", cmp.Diff(k, mustParse(t, []byte(applePEM(t, mustKey(t))))))
	check("cmp of structs", cmp.Diff(h, holder{}, cmp.Exporter(func(reflect.Type) bool { return true })))
}

func recovered(f func()) (out string) {
	defer func() { out = fmt.Sprint(recover()) }()
	f()
	return ""
}

// walk prints everything that reflection can reach, as dumpers such as spew
// do: unexported fields, through pointers, without calling methods.
func walk(v reflect.Value, depth int) string {
	if depth > 12 {
		return ""
	}
	var b strings.Builder
	switch v.Kind() {
	case reflect.Struct:
		for _, f := range v.Fields() {
			b.WriteString(walk(f, depth+1))
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			b.WriteString(walk(v.Elem(), depth+1))
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			b.WriteString(walk(v.Index(i), depth+1))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			b.WriteString(walk(v.MapIndex(key), depth+1))
		}
	default:
		fmt.Fprintf(&b, "%#v %v ", v, v)
	}
	return b.String()
}

func TestPrivateKeyNeverEncodes(t *testing.T) {
	k := mustParse(t, []byte(applePEM(t, mustKey(t))))
	h := newHolder(k)
	var asGob, log bytes.Buffer
	if err := gob.NewEncoder(&asGob).Encode(struct{ Key keyfile.PrivateKey }{k}); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	type element struct {
		Key keyfile.PrivateKey `xml:"key,attr"`
	}
	asXML, err := xml.Marshal(element{k})
	if err != nil {
		t.Fatal(err)
	}
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
		slog.New(handler).With("with", k).Info("test", "key", k, "pointer", &k, "holder", h, "holderp", &h, slog.Group("g", "k", k))
	}
	for name, out := range map[string]string{"gob": asGob.String(), "json": string(asJSON), "xml": string(asXML), "slog": log.String()} {
		if !strings.Contains(out, "REDACTED") {
			t.Errorf("%s does not say REDACTED", name)
		}
		for _, s := range leaks(t, k) {
			if strings.Contains(out, s) {
				t.Fatalf("%s shows the key", name)
			}
		}
	}
	var back struct{ Exported keyfile.PrivateKey }
	if err := json.Unmarshal(asJSON, &back); err == nil {
		t.Error("REDACTED can be read back as a key")
	}
	var _ encoding.TextMarshaler = k
}

// TestLeaksAreFound proves that the forms in leaks are what printers print.
func TestLeaksAreFound(t *testing.T) {
	k := mustParse(t, []byte(applePEM(t, mustKey(t))))
	scalar := scalarOf(t, k.Signer())
	for name, out := range map[string]string{
		"list": fmt.Sprint(scalar), "Go": fmt.Sprintf("%#v", scalar), "hex": fmt.Sprintf("%x", scalar),
		"PEM": string(k.PEM()), "decimal": new(big.Int).SetBytes(scalar).String(), "raw": string(scalar),
		"base64": base64.StdEncoding.EncodeToString(scalar),
	} {
		found := false
		for _, s := range leaks(t, k) {
			found = found || strings.Contains(out, s)
		}
		if !found {
			t.Errorf("%s would go unnoticed", name)
		}
	}
}

func TestPrivateKeyZeroValue(t *testing.T) {
	var k keyfile.PrivateKey
	var p *keyfile.PrivateKey
	if !k.IsZero() || k.PEM() != nil || k.Fingerprint() != "" || k.Signer() != nil || k.Public() != nil || !k.Equal(k) {
		t.Error("the zero value holds something")
	}
	if s := fmt.Sprintf("%v %s", k, &k); s != "REDACTED REDACTED" {
		t.Errorf("prints %q", s)
	}
	if s := fmt.Sprint(p); s != "<nil>" {
		t.Errorf("a nil pointer prints %q", s)
	}
	if b, err := json.Marshal(struct{ P *keyfile.PrivateKey }{}); err != nil || string(b) != `{"P":null}` {
		t.Errorf("JSON of a nil pointer: %s, %v", b, err)
	}
}

func TestPrivateKeyHalves(t *testing.T) {
	raw := mustKey(t)
	k := mustParse(t, []byte(applePEM(t, raw)))
	der, err := x509.MarshalPKIXPublicKey(&raw.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%x", sha256.Sum256(der)); k.Fingerprint() != want {
		t.Error("the fingerprint is not the SHA-256 of the SubjectPublicKeyInfo")
	}
	if !k.Public().Equal(&raw.PublicKey) || !k.Signer().Equal(raw) {
		t.Error("another key came out")
	}
	other := mustParse(t, []byte(applePEM(t, mustKey(t))))
	if !k.Equal(k) || k.Equal(other) || k.Equal(keyfile.PrivateKey{}) || other.Fingerprint() == k.Fingerprint() {
		t.Error("Equal does not tell keys apart")
	}
}
