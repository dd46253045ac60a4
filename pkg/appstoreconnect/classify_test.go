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
	{name: "401 empty", status: 401, row: "not authorized", verdict: integration.Rejected, reason: integration.NotAuthorized},
	{name: "401 plain text", status: 401, body: "Unauthenticated\n\nRequest ID: X.0.0\n", header: []string{"Content-Type", "text/plain"}, row: "not authorized", verdict: integration.Rejected, reason: integration.NotAuthorized},
	{name: "401 truncated", status: 401, body: unauthorized[:40], row: "not authorized", verdict: integration.Rejected, reason: integration.NotAuthorized},
	{name: "401 unknown code", status: 401, body: apiErrors("401", "EXPIRED.NEW", ""), row: "not authorized", verdict: integration.Rejected, reason: integration.NotAuthorized},
	{name: "401 HTML", status: 401, body: page, header: []string{"Content-Type", "text/html"}, row: "HTML page", verdict: integration.Inconclusive, reason: integration.Outage},

	{name: "role too low", status: 403, body: roleTooLow, row: "role too low", verdict: integration.Blocked, reason: integration.Role},
	{name: "403 unknown code", status: 403, body: apiErrors("403", "FORBIDDEN.NEW_THING", ""), row: "role too low", verdict: integration.Blocked, reason: integration.Role},
	{name: "403 no code", status: 403, body: `{"errors":[{}]}`, row: "role too low", verdict: integration.Blocked, reason: integration.Role},
	{name: "403 empty", status: 403, row: "role too low", verdict: integration.Blocked, reason: integration.Role},
	{name: "agreement missing or expired", status: 403, body: noAgreement, row: "agreement missing or expired", verdict: integration.Blocked, reason: integration.Agreement},
	{name: "agreement, narrower code", status: 403, body: apiErrors("403", "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED.PAID_APPS", ""), row: "agreement missing or expired", verdict: integration.Blocked, reason: integration.Agreement},
	{name: "agreement in the second object", status: 403, body: `{"errors":[{"code":"FORBIDDEN_ERROR"},{"code":"FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED"}]}`, row: "agreement missing or expired", verdict: integration.Blocked, reason: integration.Agreement},
	{name: "licence agreement", status: 403, body: apiErrors("403", "FORBIDDEN_ERROR.PLA_NOT_ACCEPTED", secretName), row: "licence agreement not accepted", verdict: integration.Blocked, reason: integration.Agreement},
	{name: "licence agreement, older form", status: 403, body: `{"errors":[{"status":"403","code":"FORBIDDEN","title":"Access Unavailable"}]}`, row: "access unavailable", verdict: integration.Blocked, reason: integration.Agreement},
	{name: "membership lapsed", status: 403, body: apiErrors("403", "FORBIDDEN_ERROR", "The team of "+secretName+" is not associated with an active membership."), row: "membership lapsed", verdict: integration.Blocked, reason: integration.Membership},
	{name: "membership lapsed, wrapped", status: 403, body: apiErrors("403", "FORBIDDEN_ERROR", "... with an ACTIVE\\n  membership"), row: "membership lapsed", verdict: integration.Blocked, reason: integration.Membership},
	{name: "membership prose in another code", status: 403, body: apiErrors("403", "STATE_ERROR", "active membership"), row: "role too low", verdict: integration.Blocked, reason: integration.Role},
	{name: "403 truncated", status: 403, body: noAgreement[:70], row: "403, body garbled", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "403 without errors", status: 403, body: `{"message":"no"}`, row: "403, body garbled", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "403 too large", status: 403, body: `{"errors":[{"code":"FORBIDDEN_ERROR","detail":"` + strings.Repeat("x", maxErrorBody) + `"}]}`, row: "403, body garbled", verdict: integration.Inconclusive, reason: integration.Nonsense},
	{name: "403 HTML of the edge", status: 403, body: page, row: "HTML page", verdict: integration.Inconclusive, reason: integration.Outage},

	{name: "rate limit", status: 429, body: limited, row: "rate limit", verdict: integration.Inconclusive, reason: integration.RateLimited},
	{name: "rate limit HTML", status: 429, body: page, row: "rate limit", verdict: integration.Inconclusive, reason: integration.RateLimited},
	{name: "500", status: 500, body: apiErrors("500", "UNEXPECTED_ERROR", ""), row: "server error", verdict: integration.Inconclusive, reason: integration.Outage},
	{name: "502 HTML", status: 502, body: page, row: "server error", verdict: integration.Inconclusive, reason: integration.Outage},
	{name: "503 empty", status: 503, row: "server error", verdict: integration.Inconclusive, reason: integration.Outage},
	{name: "504 that says 401 inside", status: 504, body: unauthorized, row: "server error", verdict: integration.Inconclusive, reason: integration.Outage},
	{name: "408", status: 408, row: "request time-out", verdict: integration.Inconclusive, reason: integration.Timeout},
	{name: "redirect", status: 302, header: []string{"Location", "https://evil.example/"}, row: "redirect", verdict: integration.Inconclusive, reason: integration.Nonsense},
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
	{name: "200 too large", status: 200, body: emptyList + strings.Repeat(" ", maxBody), row: "anything else", verdict: integration.Inconclusive, reason: integration.Nonsense},
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
