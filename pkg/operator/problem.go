package operator

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// A Code names what went wrong, for programs. Codes do not change.
type Code string

// The codes of the API.
const (
	CodeUnauthenticated Code = "unauthenticated"   // 401
	CodeForbidden       Code = "forbidden"         // 403: the role does not allow it
	CodeNotFound        Code = "not_found"         // 404
	CodeMethod          Code = "method"            // 405
	CodeReferenceTaken  Code = "reference_taken"   // 409; Integration names the one that has it
	CodeWrongState      Code = "wrong_state"       // 409: the integration's state does not allow it
	CodeNoHold          Code = "no_hold"           // 409: there is no fleet hold to end
	CodeHoldYoung       Code = "hold_young"        // 409: the fleet hold is not old enough to be ended
	CodeLastAdmin       Code = "last_admin"        // 409: say that you mean it
	CodeContactExists   Code = "contact_exists"    // 409: the address is there already
	CodeChanged         Code = "changed"           // 412: somebody else wrote first
	CodeSlow            Code = "too_slow"          // 408
	CodeTooLarge        Code = "too_large"         // 413
	CodeContentType     Code = "content_type"      // 415
	CodeMalformed       Code = "malformed"         // 400: not the JSON, or the query, that was expected
	CodeInvalid         Code = "invalid"           // 422: Field names what is wrong
	CodeKeyReused       Code = "idempotency_reuse" // 422: the Idempotency-Key belongs to another request
	CodeNoToken         Code = "no_token"          // 409: no token in this state
	CodeVault           Code = "vault_unavailable" // 503
	CodeBusy            Code = "busy"              // 503: try again
	CodeInternal        Code = "internal"          // 500
)

// A Problem is a failure as RFC 9457 writes it. It is the service's answer and
// the client's error.
type Problem struct {
	Type   string `json:"type"` // about:blank, always
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail says in a sentence what to do. It is safe to show.
	Detail string `json:"detail"`
	Code   Code   `json:"code"`
	// Field is the member of the request that is wrong, if one is.
	Field string `json:"field,omitempty"`
	// Integration is the one that the problem is about, where it helps.
	Integration string `json:"integration,omitempty"`
	RequestID   string `json:"request_id,omitempty"`

	retryAfter int // seconds; 0: say nothing
}

// Error is the detail and the code.
func (p *Problem) Error() string { return fmt.Sprintf("%s (%s)", p.Detail, p.Code) }

func problem(status int, code Code, format string, args ...any) *Problem {
	return &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code,
		Detail: fmt.Sprintf(format, args...),
	}
}

// invalid is about one member of the request, which is never echoed.
func invalid(field, format string, args ...any) *Problem {
	p := problem(http.StatusUnprocessableEntity, CodeInvalid, format, args...)
	p.Field = field
	return p
}

func notFound() *Problem {
	return problem(http.StatusNotFound, CodeNotFound,
		"There is no such integration. Look for it with POST /v1/find, or list them with GET /v1/integrations.")
}

func busy() *Problem {
	p := problem(http.StatusServiceUnavailable, CodeBusy, "Too much is going on at once. Please try again in a few seconds.")
	p.retryAfter = 2
	return p
}

func (p *Problem) write(w http.ResponseWriter, requestID string) {
	out := *p
	out.RequestID = requestID
	w.Header().Set("Content-Type", "application/problem+json")
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(p.retryAfter))
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(out) // the caller has gone
}
