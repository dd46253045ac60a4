package appstoreconnect

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// noon is when the tests' clocks start.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func mustKey(t testing.TB) keyfile.PrivateKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := keyfile.Parse(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func teamCreds(t testing.TB) Credentials {
	t.Helper()
	return Credentials{
		KeyID: "2X9R4HXF34", IssuerID: "57246542-96fe-1a63-e053-0824d011072a",
		Kind: integration.TeamKey, Program: integration.Standard, Key: mustKey(t),
	}
}

// level is one that requires and wants what the test says.
func level(required ...integration.Capability) integration.AccessLevel {
	return integration.AccessLevel{Name: "test", Required: required}
}

// A script answers requests without a network and remembers them. Answers
// come from the handler for the path, or are an empty list.
type script struct {
	mu       sync.Mutex
	requests []*http.Request
	answers  map[string]func(n int) (*http.Response, error) // by path; n counts from 1
	counts   map[string]int
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.requests = append(s.requests, r)
	if s.counts == nil {
		s.counts = map[string]int{}
	}
	s.counts[r.URL.Path]++
	n := s.counts[r.URL.Path]
	f := s.answers[r.URL.Path]
	if f == nil {
		f = s.answers["*"]
	}
	s.mu.Unlock()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if f == nil {
		return answer(200, emptyList), nil
	}
	return f(n)
}

func (s *script) paths() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var paths []string
	for _, r := range s.requests {
		paths = append(paths, r.URL.Path)
	}
	return paths
}

// bearers are the tokens that were sent.
func (s *script) bearers() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var tokens []string
	for _, r := range s.requests {
		tokens = append(tokens, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	}
	return tokens
}

// always answers the same.
func always(resp func() *http.Response) func(int) (*http.Response, error) {
	return func(int) (*http.Response, error) { return resp(), nil }
}

// says answers the same with a status and a JSON body.
func says(status int, body string) func(int) (*http.Response, error) {
	return always(func() *http.Response { return answer(status, body) })
}

const (
	emptyList = `{"data":[],"links":{"self":"https://api.appstoreconnect.apple.com/v1/apps"},"meta":{"paging":{"total":0,"limit":1}}}`
	oneApp    = `{"data":[{"type":"apps","id":"1234567890","attributes":{"bundleId":"com.example.one","name":"One"}}],"links":{"self":"x"}}`
)

func answer(status int, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// apiErrors is a body with one error object; secretName stands for the names
// that Apple's texts can contain.
func apiErrors(status, code, detail string) string {
	return `{"errors":[{"id":"x","status":"` + status + `","code":"` + code + `","title":"` + secretName +
		`","detail":"` + detail + `"}]}`
}

const secretName = "Johanna Accountholder"

var (
	unauthorized = apiErrors("401", "NOT_AUTHORIZED", "Provide a properly configured token. "+secretName)
	roleTooLow   = apiErrors("403", "FORBIDDEN_ERROR", "The API key in use does not allow this request. "+secretName)
	noAgreement  = apiErrors("403", "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED", secretName+" must sign")
	limited      = apiErrors("429", "RATE_LIMIT_EXCEEDED", secretName)
)

func clientOf(s http.RoundTripper) *Client {
	return New(Config{HTTPClient: &http.Client{Transport: s}, Now: func() time.Time { return noon }})
}
