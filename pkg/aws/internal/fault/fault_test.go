package fault_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"keyward/pkg/aws/internal/fault"
	"keyward/pkg/integration"
)

const canary = "canary: what was sent"

// answered is an error as the SDK gives it.
func answered(status int, code string) error {
	resp := &smithyhttp.Response{Response: &http.Response{StatusCode: status}}
	return &smithy.OperationError{ServiceID: "S", OperationName: "O", Err: &awshttp.ResponseError{
		RequestID:     "REQUEST-1",
		ResponseError: &smithyhttp.ResponseError{Response: resp, Err: &smithy.GenericAPIError{Code: code, Message: canary}},
	}}
}

func TestErrorsSayNoMoreThanTheyMay(t *testing.T) {
	for name, err := range map[string]error{
		"an answer": answered(400, "X"), "an URL": &url.Error{Op: "Post", URL: canary, Err: errors.New(canary)},
		"a host": &net.DNSError{Err: canary, Name: canary}, "a connection": &net.OpError{Op: "read", Err: errors.New(canary)},
		"whatever": fmt.Errorf("%s: %w", canary, errors.New(canary)), "an end": fmt.Errorf("%s: %w", canary, context.Canceled),
	} {
		t.Run(name, func(t *testing.T) {
			f := fault.New("op", err, nil)
			for _, verb := range []string{"%v", "%+v", "%s", "%q"} {
				if strings.Contains(fmt.Sprintf(verb, f), "canary") {
					t.Errorf("%s quotes: "+verb, verb, f)
				}
			}
			if errors.Is(f, err) || fault.Code(f) != "" {
				t.Error("the SDK's error can be reached")
			}
		})
	}
}

func TestMeanings(t *testing.T) {
	mine := errors.New("mine")
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"listed": {answered(400, "Known"), mine}, "throttling": {answered(400, "ThrottlingException"), integration.ErrThrottled},
		"slow down": {answered(503, "SlowDown"), integration.ErrThrottled}, "KMS": {answered(400, "KmsThrottled"), integration.ErrThrottled},
		"cancelled": {fmt.Errorf("x: %w", context.Canceled), context.Canceled}, "late": {fmt.Errorf("x: %w", context.DeadlineExceeded), context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			f := fault.New("op", c.err, fault.Meanings{"Known": mine})
			if !errors.Is(f, c.want) {
				t.Errorf("%v is not %v", f, c.want)
			}
			if !strings.Contains(f.Error(), c.want.Error()) {
				t.Errorf("%q does not say %q", f, c.want)
			}
		})
	}
	if fault.Throttled(answered(400, "LimitExceededException")) {
		t.Error("a quota counts as throttling")
	}
	if err := fault.New("op", nil, nil); err != nil {
		t.Errorf("no error is %v", err)
	}
}

func TestWhatAnOperatorNeeds(t *testing.T) {
	got := fault.New("dynamo.Commit", answered(400, "ThrottlingException"), nil).Error()
	if want := "dynamo.Commit: throttled: ThrottlingException, HTTP 400, request REQUEST-1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got = fault.New("dynamo.Commit", &net.DNSError{Err: "x"}, nil).Error()
	if want := "dynamo.Commit: no answer (host lookup)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRefusedAndUnconnected(t *testing.T) {
	if !fault.Refused(answered(403, "X")) || fault.Refused(answered(500, "X")) || fault.Refused(errors.New("x")) {
		t.Error("4xx, and nothing else, is a refusal")
	}
	if !fault.Unconnected(&net.OpError{Op: "dial"}) || fault.Unconnected(&net.OpError{Op: "write"}) {
		t.Error("a failed dial, and no failed write, is no connection")
	}
}
