package local

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdaurl"

	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
)

// functions makes the eight handlers and wires them to their sources.
func (h *Host) functions(apple *appstoreconnect.Client) error {
	now := h.cfg.Clock.Now
	f, err := app.All(app.Ports{
		Store: h.db.Store(), Vault: h.db.Vault(), Objects: h.objects, Forms: h.objects, Apple: apple, Mailer: h.db.Inbox(),
		Queues:      app.Queues{Intake: h.queues["intake"], Validate: h.queues["validate"], Certificates: h.queues["certificates"]},
		DeadLetters: h.dead, Now: now, Random: h.cfg.Random, Logger: h.cfg.Logger,
	}, app.Settings{
		Vendor: h.cfg.Vendor, PublicURL: h.cfg.PortalURL, ConsoleURL: h.cfg.ConsoleURL,
		Canary: integration.ID(h.cfg.Canary), Roles: h.callers.roles(),
	})
	if err != nil {
		return fmt.Errorf("making the functions: %w", err)
	}
	h.portal = FunctionURL{Function: host("portal", httpTimeout, lambdaurl.Wrap(f.Portal)), Now: now}
	h.operator = FunctionURL{Function: host("operator", httpTimeout, lambdaurl.Wrap(f.Operator)), Now: now, Caller: h.callers.arn}
	h.sweep = host("sweep", sweepTimeout, f.Sweep)
	h.mapQueue("intake", f.Intake)
	h.mapQueue("validate", f.Validate)
	h.mapQueue("certificates", f.Certificates)
	h.mapStream(f.Notify)
	h.mapQueue("feedback", f.Feedback)
	return nil
}

// A source is a mapping that can be woken.
type source struct {
	Mapping
	wake <-chan struct{}
}

// mapQueue maps the queue of the function's name to its handler.
func (h *Host) mapQueue(name string, handler app.QueueHandler) {
	q := h.queues[name]
	h.sources = append(h.sources, source{wake: q.Wake(), Mapping: &QueueMapping{
		ID: name, To: host(name, timeouts[name], handler).Invoke, Batch: queueBatch, AtOnce: 1,
		Receive: func(ctx context.Context, most int) ([]events.SQSMessage, error) {
			batch, err := q.Receive(ctx, most)
			return sqsMessages(name, batch), err
		},
		Delete: func(ctx context.Context, receipts []string) error {
			for _, r := range receipts {
				if err := q.Delete(ctx, r); err != nil {
					return err
				}
			}
			return nil
		},
	}})
}

func sqsMessages(queue string, batch []embedded.Message) (out []events.SQSMessage) {
	for _, m := range batch {
		out = append(out, events.SQSMessage{
			MessageId: m.ID, ReceiptHandle: m.Receipt, Body: m.Body, EventSource: "aws:sqs",
			EventSourceARN: "arn:aws:sqs:local:000000000000:keyward-" + queue, AWSRegion: "local",
			Attributes: map[string]string{
				"ApproximateReceiveCount":          strconv.Itoa(m.Receives),
				"SentTimestamp":                    millis(m.SentAt),
				"ApproximateFirstReceiveTimestamp": millis(m.FirstReceived),
			},
		})
	}
	return out
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// mapStream maps the table's stream to notify.
func (h *Host) mapStream(handler app.StreamHandler) {
	stream := h.db.Stream()
	h.notices = &StreamMapping{
		ID: "stream", To: host("notify", mailTimeout, handler).Invoke, Done: stream.Trim, Now: h.cfg.Clock.Now,
		Batch: streamBatch, Bisect: true, Retries: streamTries - 1, MaxAge: streamAge,
		Read: func(ctx context.Context) (out []StreamRecord, err error) {
			records, err := stream.Read(ctx, streamBatch)
			for _, r := range records {
				out = append(out, StreamRecord{r.Sequence, h.cfg.Clock.Now(), r.Event})
			}
			return out, err
		},
	}
	h.sources = append(h.sources, source{h.notices, stream.Wake()})
}
