// Package queue sends messages by SQS, and gives dead letters another chance.
// Receiving is Lambda's work. Clients with the SDK's standard retryer are
// expected; a message whose answer was lost is sent again, which consumers
// must bear anyway.
package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"keyward/pkg/aws/internal/fault"
	"keyward/pkg/integration"
	"keyward/pkg/required"
)

// SQS's own limits. It takes more than 256 KB by now; nothing of Keyward's
// needs it.
const (
	maxDelay = 15 * time.Minute
	maxBody  = 256 << 10
)

// Client is what a queue needs of SQS's client.
type Client interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// Config is what a queue needs.
type Config struct {
	Client Client // must
	URL    string // must; the queue's
}

// A Queue carries messages to one consumer; see conformance.Queue.
type Queue struct{ cfg Config }

// New makes a queue. The error lists every field that is missing.
func New(c Config) (*Queue, error) {
	return &Queue{c}, required.Check("queue",
		required.Field{Name: "Client", Absent: c.Client == nil},
		required.Field{Name: "URL", Absent: c.URL == ""},
	)
}

var meanings = fault.Meanings{
	"InvalidMessageContents": integration.ErrInvalid, "AWS.SimpleQueueService.InvalidMessageContents": integration.ErrInvalid,
	"InvalidParameterValue": integration.ErrInvalid,
}

// Send queues the JSON form of the message, which becomes visible after the
// delay, rounded up to a second; at most 15 minutes, else ErrInvalid.
func (q *Queue) Send(ctx context.Context, message any, delay time.Duration) error {
	const op = "queue.Send"
	if delay < 0 || delay > maxDelay {
		return fmt.Errorf("%s: %w: a delay of %s", op, integration.ErrInvalid, delay)
	}
	b, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("%s: %w: a message that JSON cannot hold", op, integration.ErrInvalid)
	}
	if len(b) > maxBody {
		return fmt.Errorf("%s: %w: a message of %d bytes is too big", op, integration.ErrInvalid, len(b))
	}
	body, seconds := string(b), (delay+time.Second-1)/time.Second
	_, err = q.cfg.Client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &q.cfg.URL, MessageBody: &body, DelaySeconds: int32(seconds),
	})
	return fault.New(op, err, meanings)
}
