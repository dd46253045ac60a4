package asctest_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"keyward/pkg/appstoreconnect/asctest"
)

// world is a simulator with one team and an Admin key of it.
type world struct {
	*asctest.Server
	t    *testing.T
	team asctest.Team
	key  asctest.Key
	now  time.Time
}

func newWorld(t *testing.T, change ...func(*asctest.Config)) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	cfg := asctest.Config{Now: func() time.Time { return w.now }}
	for _, c := range change {
		c(&cfg)
	}
	w.Server = asctest.New(cfg)
	w.team = w.AddTeam(asctest.Team{
		TeamID: "K7WQ2M9TXA", Name: "Juniper Labs", Users: []asctest.User{
			{Username: "ines.holder@juniper.example", FirstName: "Ines", LastName: "Oyelaran", Roles: []asctest.Role{asctest.AccountHolder, asctest.Admin}},
			{Username: "tomo@juniper.example", FirstName: "Tomo", LastName: "Sato", Roles: []asctest.Role{asctest.Developer}},
		},
		Invitations: []asctest.Invitation{{Email: "new@juniper.example", FirstName: "Nia", LastName: "Wong", Roles: []asctest.Role{asctest.Marketing}}},
		Devices:     []asctest.Device{{Name: "Test phone", UDID: "00008140-0011223344556677", Model: "iPhone 16"}},
	})
	w.key = must(w.NewKey(w.team.TeamID, asctest.Admin))(t)
	return w
}

// must unpacks a result that cannot fail here.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// claimsOf are the claims of a good token for a key.
func (w *world) claimsOf(k asctest.Key) jwt.MapClaims {
	c := jwt.MapClaims{
		"aud": "appstoreconnect-v1", "iat": w.Now().Add(-time.Minute).Unix(), "exp": w.Now().Add(10 * time.Minute).Unix(),
	}
	if k.Kind == asctest.IndividualKey {
		c["sub"] = "user"
	} else {
		c["iss"] = k.IssuerID
	}
	return c
}

func (w *world) sign(k asctest.Key, c jwt.MapClaims) string {
	w.t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodES256, c)
	token.Header["kid"] = k.KeyID
	return must(token.SignedString(mustKey(w.t, k.PEM)))(w.t)
}

func mustKey(t *testing.T, b []byte) *ecdsa.PrivateKey {
	t.Helper()
	block, _ := pem.Decode(b)
	if block == nil || block.Type != "PRIVATE KEY" {
		t.Fatal("the key is not PEM of a PKCS#8 key")
	}
	return must(x509.ParsePKCS8PrivateKey(block.Bytes))(t).(*ecdsa.PrivateKey)
}

// reply is an answer, read.
type reply struct {
	Status int
	Header http.Header
	Body   []byte
	Doc    document
}

type document struct {
	Data     json.RawMessage
	Included []object
	Links    map[string]string
	Meta     struct {
		Paging struct {
			Total, Limit int
			NextCursor   string
		}
	}
	Errors []struct {
		ID, Status, Code, Title, Detail string
		Source                          map[string]string
	}
}

type object struct {
	Type, ID      string
	Attributes    map[string]any
	Relationships map[string]map[string]any
	Links         map[string]string
}

// code is the code of the first error.
func (r reply) code() string {
	if len(r.Doc.Errors) == 0 {
		return ""
	}
	return r.Doc.Errors[0].Code
}

func (r reply) list(t *testing.T) []object {
	t.Helper()
	var list []object
	if err := json.Unmarshal(r.Doc.Data, &list); err != nil {
		t.Fatalf("status %d: data is not a list: %v", r.Status, err)
	}
	return list
}

func (r reply) one(t *testing.T) object {
	t.Helper()
	var o object
	if err := json.Unmarshal(r.Doc.Data, &o); err != nil {
		t.Fatalf("status %d %s: data is not an object: %v", r.Status, r.code(), err)
	}
	return o
}

// call sends a request with a good token of the key.
func (w *world) call(k asctest.Key, method, target, body string) reply {
	w.t.Helper()
	return w.send(w, w.sign(k, w.claimsOf(k)), method, target, body)
}

// get asks with the Admin key.
func (w *world) get(target string) reply {
	w.t.Helper()
	return w.call(w.key, http.MethodGet, target, "")
}

func (w *world) send(h http.Handler, token, method, target, body string) reply {
	w.t.Helper()
	req := httptest.NewRequest(method, escapeQuery(target), strings.NewReader(body))
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return w.read(rec.Code, rec.Header(), rec.Body.Bytes())
}

func (w *world) read(status int, header http.Header, body []byte) reply {
	w.t.Helper()
	r := reply{Status: status, Header: header, Body: body}
	if header.Get("Content-Type") == "application/json" && bytes.HasPrefix(body, []byte("{")) {
		if err := json.Unmarshal(body, &r.Doc); err != nil {
			w.t.Fatalf("status %d: the answer is not JSON: %v", status, err)
		}
	}
	return r
}

// escapeQuery lets tests write brackets as people do.
func escapeQuery(target string) string {
	path, raw, ok := strings.Cut(target, "?")
	if !ok {
		return path
	}
	q, err := url.ParseQuery(raw)
	if err != nil {
		panic(err)
	}
	return path + "?" + q.Encode()
}

// mustCSR makes a signing request, with a key of the size.
func mustCSR(t *testing.T, bits int) string {
	t.Helper()
	key := must(rsa.GenerateKey(rand.Reader, bits))(t)
	template := &x509.CertificateRequest{Subject: pkix.Name{CommonName: "PEM", Country: []string{"US"}}}
	der := must(x509.CreateCertificateRequest(rand.Reader, template, key))(t)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	return string(must(json.Marshal(v))(t))
}

func mustRead(t *testing.T, r io.Reader) []byte {
	t.Helper()
	return must(io.ReadAll(r))(t)
}
