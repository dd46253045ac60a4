package appstoreconnect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"
)

// An APIError is an answer of Apple's that does not give what was asked for:
// any status but 2xx, or a 2xx whose body is not what it should be. It holds
// codes only; Apple's title and detail, which can contain names, are dropped
// when the body is read.
type APIError struct {
	Status     int
	Codes      []string      // errors[].code, in Apple's order; unknown ones are kept
	RetryAfter time.Duration // 0 when Apple did not say
	RateLimit  RateLimit

	form   form
	lapsed bool          // see saysMembershipLapsed
	skew   time.Duration // how far Apple's clock is ahead of ours; 0 when Apple did not say
}

// Error names status and codes, and nothing that could be about a person.
func (e *APIError) Error() string {
	switch {
	case len(e.Codes) > 0:
		return fmt.Sprintf("Apple answered %d (%s)", e.Status, strings.Join(e.Codes, ", "))
	case e.form != formErrors:
		return fmt.Sprintf("Apple answered %d with %s", e.Status, e.form)
	}
	return fmt.Sprintf("Apple answered %d", e.Status)
}

// HasCode tells whether one of the codes is the prefix or begins with it.
// Apple asks clients to compare prefixes: "FORBIDDEN_ERROR" is also
// "FORBIDDEN_ERROR.PLA_NOT_ACCEPTED" [APPLE]. A prefix ends at a dot:
// "FORBIDDEN" is not "FORBIDDEN_ERROR".
func (e *APIError) HasCode(prefix string) bool {
	for _, c := range e.Codes {
		if rest, ok := strings.CutPrefix(c, prefix); ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return false
}

// A form is what kind of body an answer has.
type form string

const (
	formErrors  form = "error objects"
	formEmpty   form = "no body"
	formText    form = "plain text"
	formPage    form = "an HTML page"
	formGarbled form = "a body that cannot be read"
	formForeign form = "a link to another page than its own"
	formEndless form = "pages without end"
	formPartial form = "a list that is not complete"
)

// A transportError says that no answer came. Its text is ours: the texts of
// net/http can repeat URLs and parts of answers. Unwrap has the rest.
type transportError struct {
	what string
	err  error
}

func (e *transportError) Error() string { return "no answer from Apple: " + e.what }
func (e *transportError) Unwrap() error { return e.err }

func noAnswer(err error) error { return &transportError{what: whatFailed(err), err: err} }

// whatFailed names the commonest failures for whoever reads the log.
func whatFailed(err error) string {
	var (
		dns     *net.DNSError
		record  tls.RecordHeaderError
		verify  *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		alert   tls.AlertError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case timedOut(err):
		return "timed out"
	case errors.As(err, &dns):
		return "name not resolved"
	case errors.As(err, &verify), errors.As(err, &record), errors.As(err, &unknown), errors.As(err, &alert):
		return "TLS failed"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection broken off"
	}
	return "connection failed"
}

func timedOut(err error) bool {
	var t net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}
