package local

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keyward/pkg/embedded"
)

// A pump is an event source mapping: it takes what waits at its source to a
// function, and takes away what the function has dealt with.
type pump interface {
	name() string
	// step moves one batch, and tells whether there was one. An error is one
	// of the source; a function's failure leaves its batch for later.
	step(ctx context.Context) (moved bool, err error)
	wake() <-chan struct{}
}

// A queuePump maps a queue to a function, with ReportBatchItemFailures.
type queuePump struct {
	mu    sync.Mutex
	title string
	queue *embedded.Queue
	to    Function
	batch int
}

func (p *queuePump) name() string          { return p.title }
func (p *queuePump) wake() <-chan struct{} { return p.queue.Wake() }

func (p *queuePump) step(ctx context.Context) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	batch, err := p.queue.Receive(ctx, p.batch)
	if err != nil || len(batch) == 0 {
		return false, err
	}
	payload, err := json.Marshal(sqsEvent(p.title, batch))
	if err != nil {
		return true, fmt.Errorf("encoding a batch of %s: %w", p.title, err)
	}
	answer, err := p.to.Invoke(ctx, payload)
	if err != nil {
		return true, nil // the whole batch comes again
	}
	var failed events.SQSEventResponse
	if err := json.Unmarshal(answer, &failed); err != nil {
		return true, nil // Lambda too treats an answer it cannot read as a failure
	}
	again := map[string]bool{}
	for _, f := range failed.BatchItemFailures {
		again[f.ItemIdentifier] = true
	}
	for _, m := range batch {
		if again[m.ID] {
			continue
		}
		if err := p.queue.Delete(ctx, m.Receipt); err != nil {
			return true, err
		}
	}
	return true, nil
}

func sqsEvent(queue string, batch []embedded.Message) events.SQSEvent {
	var out events.SQSEvent
	for _, m := range batch {
		out.Records = append(out.Records, events.SQSMessage{
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

// maxStreamTries is how often a record that fails is tried before it is
// passed over. The sweep finds the notice again by its due time.
const maxStreamTries = 3

// A streamPump maps the table's stream to a function.
type streamPump struct {
	mu     sync.Mutex
	stream *embedded.Stream
	to     Function
	batch  int
	stuck  string // the sequence number that failed last
	tries  int
}

func (p *streamPump) name() string          { return "stream" }
func (p *streamPump) wake() <-chan struct{} { return p.stream.Wake() }

func (p *streamPump) step(ctx context.Context) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	records, err := p.stream.Read(ctx, p.batch)
	if err != nil || len(records) == 0 {
		return false, err
	}
	var event struct{ Records []json.RawMessage }
	for _, r := range records {
		event.Records = append(event.Records, r.Event)
	}
	payload, err := json.Marshal(event)
	if err != nil {
		return true, fmt.Errorf("encoding a batch of the stream: %w", err)
	}
	through := p.done(records, p.failed(ctx, payload, records))
	if through == "" {
		return true, nil
	}
	return true, p.stream.Trim(ctx, through)
}

// failed is the index of the first record that the function did not deal
// with; len(records) when there is none.
func (p *streamPump) failed(ctx context.Context, payload []byte, records []embedded.Record) int {
	answer, err := p.to.Invoke(ctx, payload)
	var report events.DynamoDBEventResponse
	if err != nil || json.Unmarshal(answer, &report) != nil {
		return 0
	}
	first := len(records)
	for _, f := range report.BatchItemFailures {
		for i, r := range records[:first] {
			if r.Sequence == f.ItemIdentifier {
				first = i
			}
		}
	}
	return first
}

// done is the sequence number through which the stream may be trimmed.
func (p *streamPump) done(records []embedded.Record, failed int) string {
	if failed == len(records) {
		return records[failed-1].Sequence
	}
	if p.stuck != records[failed].Sequence {
		p.stuck, p.tries = records[failed].Sequence, 0
	}
	if p.tries++; p.tries >= maxStreamTries {
		return records[failed].Sequence
	}
	if failed == 0 {
		return ""
	}
	return records[failed-1].Sequence
}
