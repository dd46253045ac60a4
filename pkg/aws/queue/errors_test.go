package queue_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/aws/queue"
	"keyward/pkg/integration"
)

func on(t *testing.T, answers ...awstest.Answer) (*queue.Queue, *awstest.Script) {
	t.Helper()
	script := awstest.NewScript(answers...)
	q, err := queue.New(queue.Config{Client: sqs.NewFromConfig(script.Once()), URL: "https://sqs.example/1/q"})
	if err != nil {
		t.Fatal(err)
	}
	return q, script
}

func TestErrors(t *testing.T) {
	for code, want := range map[string]error{
		"RequestThrottled": integration.ErrThrottled, "ThrottlingException": integration.ErrThrottled, "KmsThrottled": integration.ErrThrottled,
		"InvalidMessageContents": integration.ErrInvalid, "QueueDoesNotExist": nil, "KmsDisabled": nil, "AccessDenied": nil,
	} {
		t.Run(code, func(t *testing.T) {
			q, _ := on(t, awstest.Refused(400, code))
			err := q.Send(t.Context(), "m", 0)
			if err == nil {
				t.Fatal("no error")
			}
			for _, s := range []error{integration.ErrThrottled, integration.ErrInvalid, integration.ErrNotFound} {
				if got := errors.Is(err, s); got != (s == want) {
					t.Errorf("errors.Is(%q, %q) is %t", err, s, got)
				}
			}
			if awstest.Leaks(err) {
				t.Errorf("the error quotes AWS's text: %v", err)
			}
		})
	}
}

func TestDelaysAreRoundedUp(t *testing.T) {
	for delay, want := range map[time.Duration]int{0: 0, time.Millisecond: 1, time.Second: 1, 1500 * time.Millisecond: 2, 15 * time.Minute: 900} {
		q, script := on(t, awstest.Answer{Status: 200, Body: "{}"})
		if err := q.Send(t.Context(), "m", delay); err != nil && !strings.Contains(err.Error(), "MD5") {
			t.Fatal(err)
		}
		var in struct{ DelaySeconds int }
		if err := json.Unmarshal([]byte(script.Requests()[0].Body), &in); err != nil || in.DelaySeconds != want {
			t.Errorf("%s is sent as %d s, error %v; want %d", delay, in.DelaySeconds, err, want)
		}
	}
}

func TestAMessageThatIsTooBig(t *testing.T) {
	q, script := on(t, awstest.Answer{Status: 200})
	if err := q.Send(t.Context(), strings.Repeat("x", 256<<10), 0); !errors.Is(err, integration.ErrInvalid) || len(script.Requests()) > 0 {
		t.Errorf("%v, after %d requests", err, len(script.Requests()))
	}
	if _, err := queue.New(queue.Config{}); err == nil || !strings.Contains(err.Error(), "URL") {
		t.Errorf("New: %v", err)
	}
}
