package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keyward/infra/e2e/eventpattern"
	"keyward/infra/e2e/template"
)

// A streamMapping takes the changes of a table to a function, in their order.
type streamMapping struct {
	host    *Host
	id      string
	to      *function
	batch   int
	filters []eventpattern.Pattern
	partial bool          // ReportBatchItemFailures
	bisect  bool          // BisectBatchOnFunctionError
	retries int           // MaximumRetryAttempts; -1: as long as the records live
	maxAge  time.Duration // MaximumRecordAgeInSeconds; 0: a day, which is all that a stream keeps
	failed  string        // ARN of the on-failure destination; empty: none
	call    func(ctx context.Context, event []byte) ([]byte, error)
	tell    func(ctx context.Context, queue, message string) error

	mu     sync.Mutex
	stream *stream
	units  []unit // read, not dealt with; the first blocks the others
}

// A unit is a batch on its way, or a part of one.
type unit struct {
	records []record
	tries   int
	from    time.Time // not before
}

func (h *Host) newStreamMapping(r template.Resource, table template.Resource) (*streamMapping, error) {
	p := r.Properties
	if err := known(p, "BatchSize", "EventSourceArn", "FunctionName", "FunctionResponseTypes", "FilterCriteria", "StartingPosition", "Enabled", "Tags",
		"MaximumRetryAttempts", "MaximumRecordAgeInSeconds", "BisectBatchOnFunctionError", "DestinationConfig", "ParallelizationFactor", "MaximumBatchingWindowInSeconds"); err != nil {
		return nil, err
	}
	to, err := h.functionOf(str(p["FunctionName"]))
	if err != nil {
		return nil, err
	}
	m := &streamMapping{
		host: h, id: r.ID, to: to, batch: number(p["BatchSize"], 100), retries: number(p["MaximumRetryAttempts"], -1),
		partial: slices.Contains(list(p["FunctionResponseTypes"]), any("ReportBatchItemFailures")), bisect: p["BisectBatchOnFunctionError"] == true,
		maxAge: seconds(p["MaximumRecordAgeInSeconds"], -1), failed: str(object(object(p["DestinationConfig"])["OnFailure"])["Destination"]),
		stream: &stream{moto: h.cfg.Moto, table: table, arn: str(p["EventSourceArn"]), dirty: true},
		call:   func(ctx context.Context, event []byte) ([]byte, error) { return h.invoke(ctx, to, event) },
		tell:   func(ctx context.Context, queue, message string) error { return h.failTo(ctx, to, queue, message) },
	}
	if m.maxAge <= 0 {
		m.maxAge = 24 * time.Hour
	}
	for _, f := range list(object(p["FilterCriteria"])["Filters"]) {
		pattern, err := eventpattern.Parse([]byte(str(object(f)["Pattern"])))
		if err != nil {
			return nil, err
		}
		m.filters = append(m.filters, pattern)
	}
	arn := m.stream.arn
	return m, errors.Join( // Lambda looks at these when the mapping is made
		h.may(to.role, "dynamodb:DescribeStream", arn), h.may(to.role, "dynamodb:GetRecords", arn), h.may(to.role, "dynamodb:GetShardIterator", arn),
		h.may(to.role, "dynamodb:ListStreams", arn),
	)
}

func (m *streamMapping) name() string { return m.id }

// wrote notes that the stream may have something new.
func (m *streamMapping) wrote(table string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stream.dirty = m.stream.dirty || table == m.stream.table.Ref
}

// next is when a unit may be tried again; zero when none waits.
func (m *streamMapping) next() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.units) == 0 {
		return time.Time{}
	}
	return m.units[0].from
}

// step reads what is new, and hands over one unit.
func (m *streamMapping) step(ctx context.Context) (moved bool, err error) {
	if err := m.read(ctx); err != nil {
		return false, err
	}
	m.mu.Lock()
	now := m.host.cfg.Clock.Now()
	if len(m.units) == 0 || m.units[0].from.After(now) {
		m.mu.Unlock()
		return false, nil
	}
	u := m.units[0]
	m.units = m.units[1:]
	m.mu.Unlock()
	again, err := m.deliver(ctx, u, now)
	m.mu.Lock()
	m.units = append(again, m.units...)
	m.mu.Unlock()
	return true, err
}

// read takes new records through the filters into units.
func (m *streamMapping) read(ctx context.Context) error {
	m.mu.Lock()
	dirty := m.stream.dirty
	m.stream.dirty = false
	m.mu.Unlock()
	if !dirty {
		return nil
	}
	records, err := m.stream.read(ctx, m.host.cfg.Clock.Now())
	if err != nil {
		return err
	}
	wanted, err := m.filter(records)
	m.mu.Lock()
	defer m.mu.Unlock()
	for batch := range slices.Chunk(wanted, m.batch) {
		m.units = append(m.units, unit{records: batch})
	}
	return err
}

func (m *streamMapping) filter(records []record) ([]record, error) {
	if len(m.filters) == 0 {
		return records, nil
	}
	var out []record
	for _, r := range records {
		text, err := json.Marshal(r.event)
		if err != nil {
			return nil, err
		}
		for _, f := range m.filters {
			ok, err := f.Match(text)
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, r)
				break
			}
		}
	}
	return out, nil
}

// deliver hands a unit over, and returns what of it is to be tried again.
// Source: Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB",
// batching behaviour and error handling [AWS].
func (m *streamMapping) deliver(ctx context.Context, u unit, now time.Time) ([]unit, error) {
	event, err := body(u.records)
	if err != nil {
		return nil, err
	}
	answer, err := m.call(ctx, event)
	if ctx.Err() != nil {
		return []unit{u}, ctx.Err()
	}
	first := m.firstFailure(u.records, answer, err)
	rest := u.records[first:]
	switch n := len(rest); {
	case n == 0:
		return nil, nil
	case m.bisect && first == 0 && n > 1:
		return []unit{{rest[:n/2], u.tries, now}, {rest[n/2:], u.tries, now}}, nil
	case m.retries >= 0 && u.tries >= m.retries, now.Sub(rest[0].at) > m.maxAge:
		return nil, m.giveUp(ctx, rest, u.tries+1, now)
	}
	return []unit{{rest, u.tries + 1, now.Add(time.Second << u.tries)}}, nil
}

// firstFailure is the index of the first record that is to come again;
// len(records) for none.
func (m *streamMapping) firstFailure(records []record, answer []byte, err error) int {
	var r events.DynamoDBEventResponse
	switch {
	case err != nil:
		return 0
	case !m.partial || len(answer) == 0:
		return len(records)
	case json.Unmarshal(answer, &r) != nil:
		return 0
	}
	first := len(records)
	for _, f := range r.BatchItemFailures {
		i := slices.IndexFunc(records, func(r record) bool { return r.sequence == f.ItemIdentifier })
		if i < 0 {
			return 0 // an identifier that is none fails the whole batch
		}
		first = min(first, i)
	}
	return first
}

// giveUp tells the on-failure destination which part of the stream was passed
// over: metadata only, as Lambda does.
func (m *streamMapping) giveUp(ctx context.Context, rest []record, tries int, now time.Time) error {
	if m.failed == "" {
		return nil
	}
	message, err := json.Marshal(map[string]any{
		"requestContext":  map[string]any{"functionArn": m.to.arn, "condition": "RetryAttemptsExhausted", "approximateInvokeCount": tries},
		"responseContext": map[string]any{"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
		"version":         "1.0",
		"timestamp":       now.UTC().Format(time.RFC3339),
		"DDBStreamBatchInfo": map[string]any{
			"shardId": m.stream.shard.id, "startSequenceNumber": rest[0].sequence, "endSequenceNumber": rest[len(rest)-1].sequence,
			"batchSize": len(rest), "streamArn": m.stream.arn,
		},
	})
	if err != nil {
		return err
	}
	return m.tell(ctx, m.failed, string(message))
}

// failTo puts a message into an on-failure destination, with the function's
// own rights.
func (h *Host) failTo(ctx context.Context, f *function, queue, message string) error {
	if err := h.may(f.role, "sqs:SendMessage", queue); err != nil {
		h.trouble("on-failure destination of %s: %v", f.id, err)
		return nil
	}
	return h.sendTo(ctx, queue, message)
}

// sendTo puts a message into a queue of the stack, by its ARN.
func (h *Host) sendTo(ctx context.Context, arn, message string) error {
	for _, q := range h.stack.OfType("AWS::SQS::Queue") {
		if q.ARN == arn {
			return h.queues.Send(ctx, q.Ref, message)
		}
	}
	return fmt.Errorf("there is no queue %s", arn)
}

// send puts a value into a queue, as JSON.
func (h *Host) send(ctx context.Context, queue template.Resource, message any) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	return h.queues.Send(ctx, queue.Ref, string(text))
}
