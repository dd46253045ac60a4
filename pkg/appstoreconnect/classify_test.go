package appstoreconnect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"keyward/pkg/integration"
)

const page = "<!DOCTYPE html><html><body><h1>Forbidden</h1>" + secretName + "</body></html>"

// answers are what Apple, or something in front of it, may say; row is the
// row of the table that must decide.
var answers = []struct {
	name    string
	status  int
	body    string
	header  []string
	row     string
	verdict integration.Verdict
	reason  integration.Reason
}{
	{name: "401 of every kind", status: 401, body: unauthorized, row: "not authorized", verdict: integration.Rejected, reason: integration.NotAuthorized},
	{name: "401 unknown code", status: 401, body: apiErrors("401", "EXPIRED.NEW", ""), row: "not authorized", verdict: integration.Rejected, reason: integration.NotAuthorized},
	{name: "401 HTML", status: 401, body: page, header: []string{"Content-Type", "text/html"}, row: "HTML page", verdict: integration.Inconclusive, reason: integration.Outage},

	{name: "role too low", status: 403, body: roleTooLow, row: "role too low", verdict: integration.Blocked, reason: integration.Role},
	{name: "403 unknown code", status: 403, body: apiErrors("403", "FORBIDDEN.NEW_THING", ""), row: "role too low", verdict: integration.Blocked, reason: integration.Role},
	{name: "agreement missing or expired", status: 403, body: noAgreement, row: "agreement missing or expired", verdict: integration.Blocked, reason: integration.Agreement},
	{name: "agreement, narrower code", status: 403, body: apiErrors("403", "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED.PAID_APPS", ""), row: "agreement missing or expired", verdict: integration.Blocked, reason: integration.Agreement},
	{name: "agreement in the second object", status: 403, body: `{"errors":[{"status":"403","code":"FORBIDDEN_ERROR"},{"status":"403","code":"FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED"}]}`, row: "agreement missing or expired", verdict: integration.Blocked, reason: integration.Agreement},
	{name: "licence agreement", status: 403, body: apiErrors("403", "FORBIDDEN_ERROR.PLA_NOT_ACCEPTED", secretName), row: "licence agreement not accepted", verdict: integration.Blocked, reason: integration.Agreement},
	{name: "licence agreement, older form", status: 403, body: `{"errors":[{"status":"403","code":"FORBIDDEN","title":"Access Unavailable"}]}`, row: "access unavailable", verdict: integration.Blocked, reason: integration.Agreement},
	{name: "membership lapsed", status: 403, body: apiErrors("403", "FORBIDDEN_ERROR", "The team of "+secretName+" is not associated with an active membership."), row: "membership lapsed", verdict: integration.Blocked, reason: integration.Membership},
	{name: "membership lapsed, wrapped", status: 403, body: apiErrors("403", "FORBIDDEN_ERROR", "... with an ACTIVE\\n  membership"), row: "membership lapsed", verdict: integration.Blocked, reason: integration.Membership},
	{name: "membership prose in another code", status: 403, body: apiErrors("403", "STATE_ERROR", "active membership"), row: "role too low", verdict: integration.Blocked, reason: integration.Role},
	{name: "403 one error object of several is Apple's", status: 403, body: `{"errors":[{"message":"no"},{"status":"403","code":"FORBIDDEN_ERROR"}]}`, row: "role too low", verdict: integration.Blocked, reason: integration.Role},
	{name: "403 HTML of the edge", status: 403, body: page, row: "HTML page", verdict: integration.Inconclusive, reason: integration.Outage},

	{name: "rate limit", status: 429, body: limited, row: "rate limit", verdict: integration.Inconclusive, reason: integration.RateLimited},
	{name: "rate limit HTML", status: 429, body: page, row: "rate limit", verdict: integration.Inconclusive, reason: integration.RateLimited},
	{name: "500", status: 500, body: apiErrors("500", "UNEXPECTED_ERROR", ""), row: "server error", verdict: integration.Inconclusive, reason: integration.Outage},
	{name: "502 HTML", status: 502, body: page, row: "server error", verdict: integration.Inconclusive, reason: integration.Outage},
	{name: "503 empty", status: 503, row: "server error", verdict: integration.Inconclusive, reason: integration.Outage},
	{name: "504 that says 401 inside", status: 504, body: unauthorized, row: "server error", verdict: integration.Inconclusive, reason: integration.Outage},
	{name: "408", status: 408, row: "request time-out", verdict: integration.Inconclusive, reason: integration.Timeout},
	{name: "redirect", status: 302, header: []string{"Location", "https://evil.example/"}, row: "redirect", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "300 with a list", status: 300, body: emptyList, row: "redirect", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "redirect with a page", status: 307, body: page, row: "redirect", verdict: integration.Inconclusive, reason: integration.Nonsense},

	{name: "certificate limit reached", status: 409, body: apiErrors("409", "ENTITY_ERROR", "You already have a current Distribution certificate"), row: "anything else", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "unsupported filter value", status: 400, body: apiErrors("400", "PARAMETER_ERROR.INVALID", ""), row: "anything else", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "404", status: 404, body: apiErrors("404", "NOT_FOUND", ""), row: "anything else", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "200 HTML", status: 200, body: page, row: "HTML page", verdict: integration.Inconclusive, reason: integration.Outage},
	{name: "200 JSON called HTML", status: 200, body: emptyList, header: []string{"Content-Type", "text/html; charset=utf-8"}, row: "HTML page", verdict: integration.Inconclusive, reason: integration.Outage},
	{name: "200 empty", status: 200, row: "anything else", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "204", status: 204, row: "anything else", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "200 truncated", status: 200, body: oneApp[:50], row: "anything else", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "200 no data", status: 200, body: `{"links":{}}`, row: "anything else", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "200 data is no list", status: 200, body: `{"data":{"id":"1"}}`, row: "anything else", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "200 data is null", status: 200, body: `{"data":null}`, row: "anything else", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "200 error objects", status: 200, body: unauthorized, row: "anything else", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "200 two documents", status: 200, body: emptyList + emptyList, row: "anything else", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "200 too large", status: 200, body: emptyList + strings.Repeat(" ", 8<<20), row: "anything else", verdict: integration.Inconclusive, reason: integration.Nonsense},
}

// foreign are bodies that are not Apple's error object: of proxies, gateways
// and other programs, or of nobody.
var foreign = map[string]string{
	"no body":                   "",
	"blanks":                    " \r\n ",
	"plain text":                "Unauthenticated\n\nRequest ID: X.0.0\n",
	"HTML":                      page,
	"XML":                       `<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>`,
	"truncated":                 unauthorized[:70],
	"a gateway's message":       `{"message":"Forbidden"}`,
	"no error objects":          `{"errors":[]}`,
	"errors is null":            `{"errors":null}`,
	"errors is an object":       `{"errors":{"status":"403","code":"FORBIDDEN_ERROR"}}`,
	"an empty error object":     `{"errors":[{}]}`,
	"errors without a code":     `{"errors":[{"status":"403","title":"Forbidden"},{"status":"401","title":"Unauthorized"}]}`,
	"errors without a status":   `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}`,
	"errors of another status":  `{"errors":[{"status":"500","code":"UNEXPECTED_ERROR","title":"t"}]}`,
	"a status that is a number": `{"errors":[{"status":403,"code":"FORBIDDEN_ERROR"},{"status":401,"code":"NOT_AUTHORIZED"}]}`,
	"a code that is prose":      `{"errors":[{"status":"403","code":"you may not"},{"status":"401","code":"you may not"}]}`,
	"a code that is a number":   `{"errors":[{"status":"403","code":403},{"status":"401","code":401}]}`,
	"strings for error objects": `{"errors":["FORBIDDEN_ERROR"]}`,
	"an array":                  `[{"status":"403","code":"FORBIDDEN_ERROR"}]`,
	"one error":                 `{"error":{"status":"403","code":"FORBIDDEN_ERROR"}}`,
	"a number":                  `403`,
	"a string":                  `"FORBIDDEN_ERROR"`,
	"null":                      `null`,
	"more than is read":         `{"errors":[{"status":"403","code":"FORBIDDEN_ERROR","detail":"` + strings.Repeat("x", 64<<10) + `"}]}`,
}

// Whoever else says 401 or 403, in whatever form, Apple has said nothing:
// neither a check, nor a list, nor a look for the key's kind may count it.
func TestOnlyApplesRefusalsCount(t *testing.T) {
	for _, status := range []int{401, 403} {
		for name, body := range foreign {
			t.Run(fmt.Sprintf("%d %s", status, name), func(t *testing.T) {
				c := clientOf(&script{answers: handlers{"*": says(status, body)}})
				for _, depth := range []Depth{Quick, Full} {
					o := c.Check(t.Context(), teamCreds(t), Plan{Level: asking("apps", "certificates"), Depth: depth})
					if o.Verdict != integration.Inconclusive || o.Reason != integration.Outage || o.User.Access != "" {
						t.Errorf("%s check: %s, %s, user %q", depth, o.Verdict, o.Reason, o.User.Access)
					}
				}
				_, err := c.Certificates(t.Context(), teamCreds(t))
				if o := c.Explain(err); o.Verdict != integration.Inconclusive || o.Reason != integration.Outage {
					t.Errorf("certificates: %s, %s", o.Verdict, o.Reason)
				}
				creds := teamCreds(t)
				if found, o := c.Identify(t.Context(), creds); o.Verdict != integration.Inconclusive || o.Reason != integration.Outage || found.Kind != creds.Kind {
					t.Errorf("identify: %s, %s, as %s", o.Verdict, o.Reason, found.Kind)
				}
			})
		}
	}
}

// An answer of more than 64 KiB, or 8 MiB where it is a list, is not read to
// its end, so that it says nothing.
func TestTheLargestAnswers(t *testing.T) {
	padded := func(body string, size int) string { return body + strings.Repeat(" ", size-len(body)) }
	for name, tc := range map[string]struct {
		status  int
		body    string
		verdict integration.Verdict
		reason  integration.Reason
	}{
		"a refusal that just fits": {401, padded(unauthorized, 65_536), integration.Rejected, integration.NotAuthorized},
		"a refusal that does not":  {401, padded(unauthorized, 65_537), integration.Inconclusive, integration.Outage},
		"a list that just fits":    {200, padded(oneApp, 8_388_608), integration.OK, ""},
		"a list that does not":     {200, padded(oneApp, 8_388_609), integration.Inconclusive, integration.Nonsense},
	} {
		verdict, reason := Classify(appsError(t, &script{answers: handlers{"*": says(tc.status, tc.body)}}))
		if verdict != tc.verdict || reason != tc.reason {
			t.Errorf("%s: %s, %s; want %s, %s", name, verdict, reason, tc.verdict, tc.reason)
		}
	}
}

// What operators read names status and codes, or else what the body was.
func TestTheTextOfAnErrorNamesTheAnswer(t *testing.T) {
	codes := func(n int) string {
		return `{"errors":[` + strings.TrimSuffix(strings.Repeat(`{"status":"403","code":"A"},`, n), ",") + `]}`
	}
	for body, want := range map[string]string{
		roleTooLow:         "Apple answered 403 (FORBIDDEN_ERROR)",
		codes(17):          "Apple answered 403 (A" + strings.Repeat(", A", 15) + ")",
		"":                 "Apple answered 403 with no body",
		"Forbidden":        "Apple answered 403 with plain text",
		page:               "Apple answered 403 with an HTML page",
		`{"message":"no"}`: "Apple answered 403 with a body that cannot be read",
		`["FORBIDDEN"]`:    "Apple answered 403 with a body that cannot be read",
		`{"errors":`:       "Apple answered 403 with a body that cannot be read",
	} {
		if err := appsError(t, &script{answers: handlers{"*": says(403, body)}}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A refusal that is not Apple's on one endpoint is no word about the role.
func TestForeignRefusalOfOneCapability(t *testing.T) {
	for name, body := range foreign {
		s := &script{answers: handlers{"/v1/apps": says(200, oneApp), "/v1/certificates": says(403, body)}}
		o := clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: level("apps", "certificates"), Depth: Full})
		if o.Verdict != integration.Inconclusive || o.Reason != integration.Outage {
			t.Errorf("%s: %s, %s", name, o.Verdict, o.Reason)
		}
	}
}

// Apple's Date says what time it is there: a token of a clock that differs is
// refused, whoever's key it is.
func TestClocksThatDiffer(t *testing.T) {
	for name, tc := range map[string]struct {
		date   string
		status int
		body   string
		want   integration.Reason
	}{
		"ten minutes ahead":     {"Sun, 01 Mar 2026 12:10:00 GMT", 401, unauthorized, integration.OurClock},
		"ten minutes behind":    {"Sun, 01 Mar 2026 11:50:00 GMT", 401, unauthorized, integration.OurClock},
		"two minutes behind":    {"Sun, 01 Mar 2026 11:58:00 GMT", 401, unauthorized, integration.OurClock},
		"years behind":          {"Thu, 01 Jan 1970 00:00:00 GMT", 401, unauthorized, integration.OurClock},
		"a minute":              {"Sun, 01 Mar 2026 12:01:00 GMT", 401, unauthorized, integration.NotAuthorized},
		"more than a minute":    {"Sun, 01 Mar 2026 12:01:01 GMT", 401, unauthorized, integration.OurClock},
		"half a minute":         {"Sun, 01 Mar 2026 12:00:30 GMT", 401, unauthorized, integration.NotAuthorized},
		"the same time":         {"Sun, 01 Mar 2026 12:00:00 GMT", 401, unauthorized, integration.NotAuthorized},
		"no date":               {"", 401, unauthorized, integration.NotAuthorized},
		"no date that is one":   {"yesterday", 401, unauthorized, integration.NotAuthorized},
		"a 403 was signed well": {"Sun, 01 Mar 2026 12:10:00 GMT", 403, noAgreement, integration.Agreement},
		"a 401 that is no word": {"Sun, 01 Mar 2026 12:10:00 GMT", 401, "", integration.Outage},
		"a limit is still one":  {"Sun, 01 Mar 2026 12:10:00 GMT", 429, limited, integration.RateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			err := appsError(t, &script{answers: handlers{"*": always(func() *http.Response { return answer(tc.status, tc.body, "Date", tc.date) })}})
			verdict, reason := Classify(err)
			if reason != tc.want || (reason == integration.OurClock && verdict != integration.Inconclusive) {
				t.Errorf("got %s, %s; want %s", verdict, reason, tc.want)
			}
		})
	}
}

// appsError asks for apps once and gives the error.
func appsError(t *testing.T, rt http.RoundTripper) error {
	t.Helper()
	s := clientOf(rt).session(teamCreds(t), false)
	s.paused = true // no waiting here
	p, _ := probeOf(integration.Apps)
	_, err := p.run(t.Context(), s, "")
	return err
}

func TestClassifyAnswers(t *testing.T) {
	for _, tc := range answers {
		t.Run(tc.name, func(t *testing.T) {
			err := appsError(t, &script{answers: map[string]func(int) (*http.Response, error){
				"*": always(func() *http.Response { return answer(tc.status, tc.body, tc.header...) }),
			}})
			if err == nil {
				t.Fatal("no error")
			}
			if row := rowOf(err).name; row != tc.row {
				t.Errorf("decided by row %q, want %q (%v)", row, tc.row, err)
			}
			if verdict, reason := Classify(err); verdict != tc.verdict || reason != tc.reason {
				t.Errorf("got %s, %s; want %s, %s", verdict, reason, tc.verdict, tc.reason)
			}
			var api *APIError
			if !errors.As(err, &api) || api.Status != tc.status {
				t.Errorf("%v is no *APIError with status %d", err, tc.status)
			}
		})
	}
}

func TestClassifyFailures(t *testing.T) {
	for _, tc := range []struct {
		name   string
		err    error
		row    string
		reason integration.Reason
	}{
		{"cancelled", noAnswer(context.Canceled), "cancelled by the caller", integration.Timeout},
		{"deadline", noAnswer(context.DeadlineExceeded), "no answer in time", integration.Timeout},
		{"cut off", noAnswer(io.ErrUnexpectedEOF), "connection failed", integration.Outage},
		{"no key", fmt.Errorf("minting: %w", integration.ErrInvalid), "request never made", integration.Nonsense},
		{"unheard of", errors.New("?"), "connection failed", integration.Outage},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := fmt.Errorf("listing: %w", tc.err)
			verdict, reason := Classify(err)
			if verdict != integration.Inconclusive || reason != tc.reason || rowOf(err).name != tc.row {
				t.Errorf("got %s, %s by row %q; want inconclusive, %s by %q", verdict, reason, rowOf(err).name, tc.reason, tc.row)
			}
		})
	}
	if verdict, reason := Classify(nil); verdict != integration.OK || reason != "" {
		t.Errorf("no error is %s, %s", verdict, reason)
	}
}

// Every row must be reached by one of the cases above.
func TestClassifyTestsEveryRow(t *testing.T) {
	reached := map[string]bool{
		"cancelled by the caller": true, "no answer in time": true, "request never made": true, "connection failed": true,
		"refusal that is not Apple's": true, // TestOnlyApplesRefusalsCount
		"our clock":                   true, // TestClocksThatDiffer
	}
	for _, tc := range answers {
		reached[tc.row] = true
	}
	for _, r := range table {
		if !reached[r.name] {
			t.Errorf("no test for row %q", r.name)
		}
	}
}

func TestHasCodeComparesWholeParts(t *testing.T) {
	e := &APIError{Codes: []string{"FORBIDDEN_ERROR.PLA_NOT_ACCEPTED"}}
	for prefix, want := range map[string]bool{
		"FORBIDDEN_ERROR": true, "FORBIDDEN_ERROR.PLA_NOT_ACCEPTED": true, "FORBIDDEN": false, "FORBIDDEN_ERROR.PLA": false,
	} {
		if e.HasCode(prefix) != want {
			t.Errorf("HasCode(%q) is not %v", prefix, want)
		}
	}
}

func TestExplain(t *testing.T) {
	err := fmt.Errorf("listing: %w", &APIError{Status: 429, RetryAfter: 7e9})
	o := New(Config{}).Explain(err)
	if o.Verdict != integration.Inconclusive || o.Reason != integration.RateLimited || o.RetryIn != 7e9 {
		t.Errorf("got %+v", o)
	}
}
