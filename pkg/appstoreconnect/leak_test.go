package appstoreconnect

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// hidden are the words that no error may contain.
func hidden(t *testing.T, token Token) []string {
	t.Helper()
	parts := strings.Split(token.Reveal(), ".")
	return []string{secretName, "Accountholder", parts[1], parts[2], "fields", "limit=", "cursor"}
}

func wantNoLeak(t *testing.T, err error, words []string) {
	t.Helper()
	var api *APIError
	texts := []string{err.Error(), fmt.Sprintf("%v %+v %q", err, err, err)}
	if errors.As(err, &api) {
		texts = append(texts, fmt.Sprintf("%+v %#v", *api, *api))
	}
	for _, text := range texts {
		for _, word := range words {
			if strings.Contains(text, word) {
				t.Errorf("%q shows", word)
			}
		}
	}
}

func TestErrorsHoldNoTextOfApples(t *testing.T) {
	creds := teamCreds(t)
	bodies := []string{
		`{"errors":[{"code":"` + secretName + `","title":"` + secretName + `","detail":"` + secretName + `"}]}`,
		`{"errors":[{"code":{"` + secretName + `":1}}]}`, `{"` + secretName + `":1}`, secretName, page, `[{"` + secretName,
	}
	for _, tc := range answers {
		bodies = append(bodies, tc.body)
	}
	for _, body := range bodies {
		for _, status := range []int{200, 302, 400, 401, 403, 409, 500} {
			c := clientOf(&script{answers: handlers{"*": always(func() *http.Response {
				return answer(status, body, "Location", "https://x/?"+secretName, "X-Rate-Limit", secretName, "Retry-After", secretName)
			})}})
			token, err := c.session(creds, false).token("")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Certificates(t.Context(), creds); err != nil {
				wantNoLeak(t, err, hidden(t, token))
			}
		}
	}
}

func TestTransportErrorsHoldNoURL(t *testing.T) {
	creds := teamCreds(t)
	for _, rt := range []http.RoundTripper{
		NewTransport(nil),
		&script{answers: handlers{"*": func(int) (*http.Response, error) { return nil, errors.New("malformed: " + secretName) }}},
	} {
		c := New(Config{BaseURL: refusedURL(t), HTTPClient: &http.Client{Transport: rt}})
		token, err := c.session(creds, false).token("")
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Certificates(t.Context(), creds)
		if err == nil {
			t.Fatal("no error")
		}
		wantNoLeak(t, err, hidden(t, token))
		if !strings.Contains(err.Error(), "connection") {
			t.Errorf("error says little: %v", err)
		}
	}
}

func TestAPIErrorText(t *testing.T) {
	for want, err := range map[string]*APIError{
		"Apple answered 403 (FORBIDDEN_ERROR)": {Status: 403, Codes: []string{"FORBIDDEN_ERROR"}, form: formErrors},
		"Apple answered 403":                   {Status: 403, form: formErrors},
		"Apple answered 502 with an HTML page": {Status: 502, form: formPage, RetryAfter: time.Second},
	} {
		if err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}
