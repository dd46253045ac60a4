package asctest_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"keyward/pkg/appstoreconnect/asctest"
)

// What a healthy check asks for: it must cost little beside the check itself.
const healthy = "/v1/apps?limit=1&fields%5Bapps%5D=bundleId"

func benchToken(b *testing.B) (*asctest.Server, string) {
	b.Helper()
	s := asctest.New(asctest.Config{RateLimit: -1})
	team := s.AddTeam(asctest.Team{})
	key, err := s.NewKey(team.TeamID)
	if err != nil {
		b.Fatal(err)
	}
	private, err := jwt.ParseECPrivateKeyFromPEM(key.PEM)
	if err != nil {
		b.Fatal(err)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"iss": key.IssuerID, "aud": "appstoreconnect-v1",
		"iat": time.Now().Unix(), "exp": time.Now().Add(10 * time.Minute).Unix()})
	token.Header["kid"] = key.KeyID
	signed, err := token.SignedString(private)
	if err != nil {
		b.Fatal(err)
	}
	return s, signed
}

func BenchmarkHealthy(b *testing.B) {
	s, token := benchToken(b)
	b.ReportAllocs()
	for b.Loop() {
		req := httptest.NewRequest(http.MethodGet, healthy, nil)
		req.Header.Set("Authorization", "Bearer "+token)
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, req)
		if rec.Code != http.StatusOK {
			b.Fatal(rec.Code)
		}
	}
}

func BenchmarkHealthyOverTLS(b *testing.B) {
	s, token := benchToken(b)
	srv := httptest.NewTLSServer(s)
	defer srv.Close()
	client := srv.Client()
	client.Transport.(*http.Transport).MaxIdleConnsPerHost = 64
	client.Transport.(*http.Transport).TLSClientConfig.ClientSessionCache = tls.NewLRUClientSessionCache(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, err := http.NewRequest(http.MethodGet, srv.URL+healthy, nil)
			if err != nil {
				b.Error(err)
				return
			}
			req.Header.Set("Authorization", "Bearer "+token)
			resp, err := client.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				b.Errorf("status %d", resp.StatusCode)
			}
		}
	})
}
