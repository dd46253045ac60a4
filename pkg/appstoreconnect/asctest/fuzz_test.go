package asctest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
)

// FuzzBearer sends tokens that nobody signed: none opens anything.
func FuzzBearer(f *testing.F) {
	for _, s := range []string{
		"", "Bearer ", "Bearer a.b.c", "Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer eyJhbGciOiJFUzI1NiIsImtpZCI6IkEifQ.eyJhdWQiOlsiYXBwc3RvcmVjb25uZWN0LXYxIl19.AAAA",
		"Basic QTpC", "Bearer " + strings.Repeat("a.", 5000), "bearer x", "Bearer eyJhbGciOiJIUzI1NiJ9.bnVsbA." + strings.Repeat("A", 86),
	} {
		f.Add(s)
	}
	s := asctest.New(asctest.Config{Now: time.Now})
	s.AddTeam(asctest.Team{})
	f.Fuzz(func(t *testing.T, authorization string) {
		r := httptest.NewRequest(http.MethodGet, "/v1/apps", nil)
		r.Header["Authorization"] = []string{authorization}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("status %d", w.Code)
		}
	})
}
