package appstoreconnect

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"keyward/pkg/integration"
)

func pageWith(id, next string) *http.Response {
	return answer(200, fmt.Sprintf(`{"data":[{"type":"certificates","id":%q,"attributes":{}}],"links":{"self":"x","next":%q}}`, id, next))
}

func TestAllPages(t *testing.T) {
	for name, link := range map[string]string{
		"absolute":         "https://api.appstoreconnect.apple.com/v1/certificates?cursor=2&limit=200",
		"relative":         "/v1/certificates?cursor=2&limit=200",
		"query alone":      "?cursor=2&limit=200",
		"host in capitals": "https://API.appstoreconnect.apple.com/v1/certificates?cursor=2&limit=200",
		"with a fragment":  "/v1/certificates?cursor=2&limit=200#top",
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: handlers{"*": func(n int) (*http.Response, error) {
				return pageWith(fmt.Sprint(n), map[bool]string{true: link}[n == 1]), nil
			}}}
			list, err := clientOf(s).Certificates(t.Context(), teamCreds(t))
			if err != nil || len(list) != 2 || list[1].ID != "2" {
				t.Fatalf("got %v, %v", list, err)
			}
			if got := s.requests[1].URL.String(); got != "https://api.appstoreconnect.apple.com/v1/certificates?cursor=2&limit=200" {
				t.Errorf("second page from %s", got)
			}
		})
	}
}

func TestHostileNextLinks(t *testing.T) {
	for _, link := range []string{
		"https://evil.example/v1/certificates?cursor=2",
		"http://api.appstoreconnect.apple.com/v1/certificates?cursor=2",
		"https://api.appstoreconnect.apple.com:8443/v1/certificates?cursor=2",
		"https://api.appstoreconnect.apple.com.evil.example/v1/certificates",
		"https://api.appstoreconnect.apple.com@evil.example/v1/certificates",
		"https://user:pass@api.appstoreconnect.apple.com/v1/certificates",
		"//evil.example/v1/certificates",
		"https://api.appstoreconnect.apple.com/v1/users",
		"/v1/certificates/../users",
		"/v1/%63ertificates",
		"file:///v1/certificates",
		"https://api.appstoreconnect.apple.com/v1/certificates\x7f",
	} {
		t.Run(link, func(t *testing.T) {
			s := &script{answers: handlers{"*": always(func() *http.Response { return pageWith("1", link) })}}
			list, err := clientOf(s).Certificates(t.Context(), teamCreds(t))
			if verdict, reason := Classify(err); verdict != integration.Inconclusive || reason != integration.Nonsense || list != nil {
				t.Errorf("got %d certificates, %v", len(list), err)
			}
			if len(s.requests) != 1 {
				t.Errorf("followed to %s", s.requests[1].URL)
			}
			if err != nil && strings.Contains(err.Error(), "evil") {
				t.Errorf("error repeats the link: %v", err)
			}
		})
	}
}

func TestPagesWithoutEnd(t *testing.T) {
	for name, tc := range map[string]struct {
		next  func(n int) string
		calls int
	}{
		"a loop":      {func(n int) string { return fmt.Sprintf("?cursor=%d", n%3) }, 4},
		"always more": {func(n int) string { return fmt.Sprintf("?cursor=%d", n) }, maxPages},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: handlers{"*": func(n int) (*http.Response, error) { return pageWith("1", tc.next(n)), nil }}}
			list, err := clientOf(s).Certificates(t.Context(), teamCreds(t))
			if _, reason := Classify(err); reason != integration.Nonsense || list != nil || len(s.requests) != tc.calls {
				t.Errorf("got %d certificates, %v after %d calls, want %d", len(list), err, len(s.requests), tc.calls)
			}
		})
	}
}

// A list that breaks off must not look like a shorter list: what is missing
// would be taken for revoked.
func TestABrokenPageFailsTheList(t *testing.T) {
	s := &script{answers: handlers{"*": func(n int) (*http.Response, error) {
		if n == 1 {
			return pageWith("1", "?cursor=2"), nil
		}
		return answer(500, ""), nil
	}}}
	list, err := clientOf(s).Certificates(t.Context(), teamCreds(t))
	if err == nil || list != nil {
		t.Errorf("got %v, %v", list, err)
	}
}
