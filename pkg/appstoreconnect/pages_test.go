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
		"always more": {func(n int) string { return fmt.Sprintf("?cursor=%d", n) }, 50},
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

// pageOf is a page of certificates with the IDs, as part of a list of total.
func pageOf(total, next string, ids ...string) *http.Response {
	var items []string
	for _, id := range ids {
		items = append(items, fmt.Sprintf(`{"type":"certificates","id":%q,"attributes":{}}`, id))
	}
	return answer(200, fmt.Sprintf(`{"data":[%s],"links":{"self":"x","next":%q},"meta":{"paging":{"total":%s,"limit":200}}}`, strings.Join(items, ","), next, total))
}

func TestListsAreComplete(t *testing.T) {
	for name, tc := range map[string]struct {
		pages []*http.Response
		want  int // −1: an error
	}{
		"nothing":                       {[]*http.Response{pageOf("0", "")}, 0},
		"all of them":                   {[]*http.Response{pageOf("3", "", "A", "B", "C")}, 3},
		"two pages":                     {[]*http.Response{pageOf("3", "?cursor=2", "A", "B"), pageOf("3", "", "C")}, 3},
		"an empty page between":         {[]*http.Response{pageOf("2", "?cursor=2", "A"), pageOf("2", "?cursor=3"), pageOf("2", "", "B")}, 2},
		"no total":                      {[]*http.Response{pageOf("null", "", "A")}, 1},
		"a total that is none":          {[]*http.Response{pageOf(`"many"`, "", "A")}, 1},
		"more than the total":           {[]*http.Response{pageOf("1", "", "A", "B")}, 2},
		"one of three":                  {[]*http.Response{pageOf("3", "", "A")}, -1},
		"none of three":                 {[]*http.Response{pageOf("3", "")}, -1},
		"the second page is missing":    {[]*http.Response{pageOf("3", "?cursor=2", "A", "B"), pageOf("3", "")}, -1},
		"one twice, for another":        {[]*http.Response{pageOf("3", "", "A", "B", "B")}, -1},
		"one twice, no total":           {[]*http.Response{pageOf("null", "?cursor=2", "A", "B"), pageOf("null", "", "B", "C")}, -1},
		"one twice beside all":          {[]*http.Response{pageOf("2", "", "A", "B", "B")}, -1},
		"one without an ID":             {[]*http.Response{pageOf("2", "", "A", "")}, -1},
		"the total grows":               {[]*http.Response{pageOf("2", "?cursor=2", "A", "B"), pageOf("4", "", "C")}, -1},
		"the total shrinks":             {[]*http.Response{pageOf("4", "?cursor=2", "A", "B"), pageOf("3", "", "C")}, -1},
		"the next page is 400":          {[]*http.Response{pageOf("3", "?cursor=2", "A", "B"), answer(400, badCursor)}, -1},
		"the next page is not Apple's":  {[]*http.Response{pageOf("3", "?cursor=2", "A", "B"), answer(200, `{"message":"ok"}`)}, -1},
		"the next page is nobody's 403": {[]*http.Response{pageOf("3", "?cursor=2", "A", "B"), answer(403, "")}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: handlers{"*": func(n int) (*http.Response, error) { return tc.pages[n-1], nil }}}
			list, err := clientOf(s).Certificates(t.Context(), teamCreds(t))
			if tc.want < 0 {
				if verdict, _ := Classify(err); verdict != integration.Inconclusive || list != nil {
					t.Errorf("got %d certificates, %v; want an inconclusive error", len(list), err)
				}
				return
			}
			if err != nil || len(list) != tc.want {
				t.Errorf("got %d certificates, %v; want %d", len(list), err, tc.want)
			}
		})
	}
}

const badCursor = `{"errors":[{"status":"400","code":"PARAMETER_ERROR.INVALID","title":"t","detail":"d","source":{"parameter":"cursor"}}]}`

// An incomplete list says nothing of who is not on it either: of the vendor's
// user, and of apps.
func TestIncompleteListsProveNoAbsence(t *testing.T) {
	list := func(total, next, items string) string {
		return fmt.Sprintf(`{"data":[%s],"links":{"self":"x","next":%q},"meta":{"paging":{"total":%s}}}`, items, next, total)
	}
	for name, answers := range map[string]handlers{
		"fewer users than there are":       {"/v1/users": says(200, list("2", "", `{"id":"1","attributes":{}}`))},
		"fewer invitations than there are": {"/v1/userInvitations": says(200, list("1", "", ""))},
		"users go on for ever":             {"/v1/users": says(200, list("9", "?cursor=2", `{"id":"1","attributes":{}}`))},
	} {
		o := clientOf(&script{answers: answers}).Check(t.Context(), teamCreds(t), Plan{Level: asking("apps"), Depth: Full})
		if o.User.Access == integration.UserMissing || o.User.Access == integration.UserActive {
			t.Errorf("%s: the user is %s", name, o.User.Access)
		}
	}
	needsApp := level("apps")
	needsApp.NeedsApp = true
	s := &script{answers: handlers{"/v1/apps": says(200, list("3", "", ""))}}
	if o := clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: needsApp, Depth: Full}); o.Verdict != integration.Inconclusive {
		t.Errorf("no app of three: %s, %s", o.Verdict, o.Reason)
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
