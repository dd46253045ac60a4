// Package fault says what an AWS service answered, without its words: the
// texts of AWS's errors may quote what was sent, keys and addresses included.
package fault

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"keyward/pkg/integration"
)

// An Error is a call that failed. Errors.Is finds its meaning: sentinels of
// pkg/integration, and the context's errors.
type Error struct {
	Op        string // such as "dynamo.Commit"
	Code      string // AWS's error code; empty when there was no answer
	Status    int    // HTTP's; 0 when there was no answer
	RequestID string // AWS's, for its support

	transport string // what failed, where there was no answer
	meaning   []error
}

// Error names operation, meaning, code and request. It quotes nothing.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	for _, m := range e.meaning {
		b.WriteString(": " + m.Error())
	}
	if e.Code == "" && e.Status == 0 {
		return b.String() + ": no answer (" + e.transport + ")"
	}
	fmt.Fprintf(&b, ": %s, HTTP %d, request %s", e.Code, e.Status, e.RequestID)
	return b.String()
}

// Unwrap gives the meaning; the SDK's own error stays hidden.
func (e *Error) Unwrap() []error { return e.meaning }

// Meanings says what an operation's error codes mean. Codes of throttling need
// not be listed.
type Meanings map[string]error

// New describes err, which may be nil. Where the service asked to slow down
// it is ErrThrottled.
func New(op string, err error, meanings Meanings) error {
	if err == nil {
		return nil
	}
	e := &Error{Op: op, Code: Code(err), transport: transport(err)}
	var answer interface {
		HTTPStatusCode() int
		ServiceRequestID() string
	}
	if errors.As(err, &answer) {
		e.Status, e.RequestID = answer.HTTPStatusCode(), answer.ServiceRequestID()
	}
	if m := meanings[e.Code]; m != nil {
		e.meaning = append(e.meaning, m)
	} else if Throttled(err) {
		e.meaning = append(e.meaning, integration.ErrThrottled)
	}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			e.meaning = append(e.meaning, ended)
		}
	}
	return e
}

// Is tells whether err is AWS's answer with that error code.
func Is(err error, code string) bool { return Code(err) == code }

// Code is AWS's error code; empty for anything else than its answer.
func Code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// moreThrottled are codes of services that hand on KMS's throttling, and S3's
// own, which the SDK's list lacks.
// Source: SQS's API reference, SendMessage; S3's, "List of error codes".
var moreThrottled = map[string]bool{"KmsThrottled": true, "KMS.ThrottlingException": true, "SlowDown": true}

// Throttled tells whether the service asked to slow down. A quota that is used
// up (LimitExceededException) is not throttling: waiting does not help.
func Throttled(err error) bool {
	code := Code(err)
	_, known := retry.DefaultThrottleErrorCodes[code]
	return moreThrottled[code] || known && code != "LimitExceededException"
}

// transport tells in a word or two what went wrong before an answer came.
func transport(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		return "host lookup"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.As(err, &op):
		return op.Op
	}
	for next := err; next != nil; next = errors.Unwrap(next) {
		err = next
	}
	return fmt.Sprintf("%T", err)
}

// Refused tells whether the service answered that it would not (4xx).
func Refused(err error) bool {
	var answer interface{ HTTPStatusCode() int }
	return errors.As(err, &answer) && answer.HTTPStatusCode()/100 == 4
}

// Unconnected tells whether the request never left: there was no connection.
func Unconnected(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	return errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial"
}
