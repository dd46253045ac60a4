package appstoreconnect

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"keyward/pkg/integration"
)

func BenchmarkMint(b *testing.B) {
	creds := teamCreds(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Mint(creds, TokenOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCheck is a healthy quick check over TLS, with the server in the
// same process, token at hand.
func BenchmarkCheck(b *testing.B) {
	benchmarkCheck(b, Plan{Level: level(integration.Apps)})
}

// BenchmarkCheckFreshToken mints for each check, as most scheduled checks do:
// they are further apart than a token lives.
func BenchmarkCheckFreshToken(b *testing.B) {
	benchmarkCheck(b, Plan{Level: level(integration.Apps), FreshToken: true})
}

func benchmarkCheck(b *testing.B, plan Plan) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(oneApp))
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	c := New(Config{BaseURL: s.URL, HTTPClient: &http.Client{
		Transport: NewTransport(s.Client().Transport.(*http.Transport).TLSClientConfig),
	}})
	creds := teamCreds(b)
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if o := c.Check(b.Context(), creds, plan); o.Verdict != integration.OK {
				b.Errorf("got %s, %s", o.Verdict, o.Reason)
			}
		}
	})
}
