package appstoreconnect

import (
	"context"
	"errors"
	"net/http"
	"time"

	"keyward/pkg/integration"
)

// A row of the table says what one kind of failure means. The error is given
// as the *APIError in it too, or an empty one where no answer came.
type row struct {
	name    string
	matches func(err error, answer *APIError) bool
	verdict integration.Verdict
	reason  integration.Reason
}

// table is the whole classification, in order: the first row that matches
// counts. Apple's rule is to decide by status, then by prefix of the code
// [APPLE]; in front of that comes what is no answer, or not Apple's.
var table = []row{
	{"cancelled by the caller", isErr(context.Canceled), integration.Inconclusive, integration.Timeout},
	{"no answer in time", noAnswerInTime, integration.Inconclusive, integration.Timeout},
	{"request never made", isErr(integration.ErrInvalid), integration.Inconclusive, integration.Nonsense},
	{"connection failed", noAnswerAtAll, integration.Inconclusive, integration.Outage},

	{"rate limit", status(http.StatusTooManyRequests), integration.Inconclusive, integration.RateLimited},
	{"server error", statusFrom(500, 599), integration.Inconclusive, integration.Outage},
	{"request time-out", status(http.StatusRequestTimeout), integration.Inconclusive, integration.Timeout},
	{"redirect", statusFrom(300, 399), integration.Inconclusive, integration.Nonsense},
	// Apple's edge, a proxy or a captive portal speaks; not the API.
	{"HTML page", has(formPage), integration.Inconclusive, integration.Outage},
	{"refusal that is not Apple's", foreignRefusal, integration.Inconclusive, integration.Outage},

	// A token that is good by our clock is not yet, or not any more, by Apple's.
	{"our clock", clockOff, integration.Inconclusive, integration.OurClock},
	// One code for every reason, and now and then a valid key's [FIELD].
	{"not authorized", status(http.StatusUnauthorized), integration.Rejected, integration.NotAuthorized},

	{"agreement missing or expired", forbidden(code("FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED")), integration.Blocked, integration.Agreement},
	{"licence agreement not accepted", forbidden(code("FORBIDDEN_ERROR.PLA_NOT_ACCEPTED")), integration.Blocked, integration.Agreement},
	{"membership lapsed", forbidden(membershipLapsed), integration.Blocked, integration.Membership},
	// The older form of a licence agreement that is not accepted [FIELD].
	{"access unavailable", forbidden(exactCode("FORBIDDEN")), integration.Blocked, integration.Agreement},
	// FORBIDDEN_ERROR, or codes that nobody knows yet: the status decides.
	// judge.go tells a role too low from a revoked key, and from what Apple
	// refuses to every role.
	{"role too low", status(http.StatusForbidden), integration.Blocked, integration.Role},

	// 400 PARAMETER_ERROR, 404, 409 ENTITY_ERROR and the rest of 4xx are about
	// the request; a 2xx gets here for its body. Neither is about the key.
	{"anything else", anything, integration.Inconclusive, integration.Nonsense},
}

// Classify says what an error of this package means, by the table. No error
// is OK.
func Classify(err error) (integration.Verdict, integration.Reason) {
	if err == nil {
		return integration.OK, ""
	}
	r := rowOf(err)
	return r.verdict, r.reason
}

// Explain makes an outcome of an error of this package, or OK of none: for
// callers of Certificates. It has no findings, so that a Role says nothing of
// what is missing, and cannot be told from a revoked key; Check can.
func (c *Client) Explain(err error) integration.Outcome {
	verdict, reason := Classify(err)
	return integration.Outcome{Verdict: verdict, Reason: reason, RetryIn: answerIn(err).RetryAfter}
}

func rowOf(err error) row {
	answer := answerIn(err)
	for _, r := range table {
		if r.matches(err, answer) {
			return r
		}
	}
	panic("appstoreconnect: the last row matches everything")
}

func answerIn(err error) *APIError {
	var e *APIError
	if errors.As(err, &e) {
		return e
	}
	return &APIError{}
}

type matcher = func(error, *APIError) bool

func anything(error, *APIError) bool { return true }

func isErr(target error) matcher {
	return func(err error, _ *APIError) bool { return errors.Is(err, target) }
}

func noAnswerInTime(err error, _ *APIError) bool { return timedOut(err) }

func noAnswerAtAll(_ error, answer *APIError) bool { return answer.Status == 0 }

func status(code int) matcher { return statusFrom(code, code) }

func statusFrom(low, high int) matcher {
	return func(_ error, answer *APIError) bool { return answer.Status >= low && answer.Status <= high }
}

func has(f form) matcher {
	return func(_ error, answer *APIError) bool { return answer.form == f }
}

func forbidden(also matcher) matcher {
	return func(err error, answer *APIError) bool {
		return answer.Status == http.StatusForbidden && also(err, answer)
	}
}

func code(prefix string) matcher {
	return func(_ error, answer *APIError) bool { return answer.HasCode(prefix) }
}

func exactCode(want string) matcher {
	return func(_ error, answer *APIError) bool {
		for _, c := range answer.Codes {
			if c == want {
				return true
			}
		}
		return false
	}
}

// foreignRefusal matches a 401 or 403 without an error object of Apple's: a
// proxy, a gateway or nobody in particular refuses, and Apple has said nothing.
func foreignRefusal(_ error, answer *APIError) bool {
	return (answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden) && answer.form != formErrors
}

// clockTolerance is how far Apple's clock may be from ours: tokens are
// backdated by as much, and the cache gives none that ends sooner.
const clockTolerance = time.Minute

func clockOff(_ error, answer *APIError) bool {
	return answer.Status == http.StatusUnauthorized && answer.skew.Abs() > clockTolerance
}

func membershipLapsed(_ error, answer *APIError) bool { return answer.lapsed }
