package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
)

// A keyward is the validate function on the embedded adapters, wired as
// anywhere else.
type keyward struct {
	db        *embedded.DB
	apple     *appleProcess
	transport http.RoundTripper
	handler   lambda.Handler

	ids    []integration.ID
	checks []integration.CheckID // leased for the present round
	events [][]byte              // one message each
}

func newKeyward(db *embedded.DB, apple *appleProcess) (*keyward, error) {
	k := &keyward{db: db, apple: apple, transport: apple.transport()}
	for i := range apple.Keys {
		k.ids = append(k.ids, nameOf(i))
	}
	k.checks, k.events = make([]integration.CheckID, len(k.ids)), make([][]byte, len(k.ids))
	return k, k.renew()
}

// renew starts the function with an empty token cache: a healthy integration
// is checked every six hours, and no token lives that long. Connections stay.
func (k *keyward) renew() error {
	client := appstoreconnect.New(appstoreconnect.Config{BaseURL: k.apple.URL, HTTPClient: &http.Client{Transport: k.transport}})
	handler, err := app.Validate(app.Ports{
		Store: k.db.Store(), Vault: k.db.Vault(), Apple: client, Now: time.Now,
		Logger: slog.New(slog.NewJSONHandler(io.Discard, nil)), // writing a log line is part of the work
	}, app.Settings{})
	if err != nil {
		return err
	}
	k.handler = lambda.NewHandler(handler)
	return nil
}

func (k *keyward) side() side { return side{ready: k.lease, check: k.check, proof: k.prove} }

// lease does what the sweep does before it queues checks.
func (k *keyward) lease(ctx context.Context, n int) error {
	_, err := together(ctx, n, inFlight, func(ctx context.Context, i int) error {
		k.checks[i] = integration.NewCheckID(rand.Reader)
		k.events[i] = sqsEvent(integration.CheckMessage{Integration: k.ids[i], Check: k.checks[i]})
		return decide(ctx, k.db.Store(), k.ids[i], integration.CheckLeased{Check: k.checks[i], Until: time.Now().Add(15 * time.Minute)})
	})
	return errors.Join(err, k.renew())
}

// timeout is validate's in AWS.
const timeout = 60 * time.Second

// check hands the i-th message to the function, as Lambda does.
func (k *keyward) check(ctx context.Context, i int) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, err := k.handler.Invoke(ctx, k.events[i])
	if err != nil {
		return err
	}
	var r events.SQSEventResponse
	if err := json.Unmarshal(answer, &r); err != nil {
		return err
	}
	if len(r.BatchItemFailures) > 0 {
		return fmt.Errorf("the check of %s failed", k.ids[i])
	}
	return nil
}

// prove looks whether the checks of the round were done, and found all well.
func (k *keyward) prove(ctx context.Context, n int) error {
	for i, id := range k.ids[:n] {
		it, err := k.db.Store().Integration(ctx, id)
		if err != nil {
			return err
		}
		if it.State != integration.Active || it.Check.LastID != k.checks[i] || it.Check.Verdict != integration.OK {
			return fmt.Errorf("%s is %s after %s, %s", id, it.State, it.Check.Verdict, it.Check.Reason)
		}
	}
	return nil
}

// sqsEvent is the event of one message, with the fields that SQS sets.
func sqsEvent(m integration.CheckMessage) []byte {
	body, err := json.Marshal(m)
	if err != nil {
		panic("bench: a message of texts cannot be encoded")
	}
	sent := fmt.Sprint(time.Now().UnixMilli())
	event, err := json.Marshal(events.SQSEvent{Records: []events.SQSMessage{{
		MessageId: "059f36b4-87a3-44ab-83d2-661975830a7d", ReceiptHandle: "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
		Body: string(body), Md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
		Attributes: map[string]string{
			"ApproximateReceiveCount": "1", "SentTimestamp": sent,
			"SenderId": "AIDAIENQZJOLO23YVJ4VO", "ApproximateFirstReceiveTimestamp": sent,
		},
		EventSource: "aws:sqs", EventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:validate", AWSRegion: "eu-central-1",
	}}})
	if err != nil {
		panic("bench: an event of texts cannot be encoded")
	}
	return event
}
