package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-lambda-go/events"
	"golang.org/x/sync/errgroup"

	"keyward/infra/e2e/moto"
	"keyward/infra/e2e/queues"
	"keyward/infra/e2e/template"
)

// A queueMapping takes batches of a queue to a function.
type queueMapping struct {
	host    *Host
	id      string
	queue   template.Resource
	to      *function
	batch   int
	most    int  // batches at once
	partial bool // ReportBatchItemFailures
}

func (h *Host) newQueueMapping(r template.Resource, queue template.Resource) (*queueMapping, error) {
	p := r.Properties
	if err := known(p, "BatchSize", "EventSourceArn", "FunctionName", "FunctionResponseTypes", "ScalingConfig", "Enabled", "Tags", "MaximumBatchingWindowInSeconds"); err != nil {
		return nil, err
	}
	to, err := h.functionOf(str(p["FunctionName"]))
	if err != nil {
		return nil, err
	}
	m := &queueMapping{
		host: h, id: r.ID, queue: queue, to: to, batch: number(p["BatchSize"], 10),
		most:    number(object(p["ScalingConfig"])["MaximumConcurrency"], 5),
		partial: slices.Contains(list(p["FunctionResponseTypes"]), any("ReportBatchItemFailures")),
	}
	// Lambda looks at these when the mapping is made.
	errs := []error{
		h.may(to.role, "sqs:ReceiveMessage", queue.ARN), h.may(to.role, "sqs:DeleteMessage", queue.ARN), h.may(to.role, "sqs:GetQueueAttributes", queue.ARN),
	}
	if visibility := seconds(queue.Properties["VisibilityTimeout"], 30); visibility < to.timeout {
		errs = append(errs, fmt.Errorf("queue visibility timeout: %s is less than function timeout: %s", visibility, to.timeout))
	}
	if m.most < 2 || m.most > 1000 {
		errs = append(errs, fmt.Errorf("MaximumConcurrency of %d is not from 2 to 1000", m.most))
	}
	return m, errors.Join(errs...)
}

func (m *queueMapping) name() string { return m.id }

// step takes what is visible, in as many batches at once as there may be. An
// error is one of the queue; a function's failure leaves its batch hidden.
func (m *queueMapping) step(ctx context.Context) (moved bool, err error) {
	var work errgroup.Group
	for range m.most {
		batch, receiveErr := m.host.queues.Receive(ctx, m.queue.Ref, m.batch)
		if receiveErr != nil || len(batch) == 0 {
			err = receiveErr
			break
		}
		moved = true
		work.Go(func() error { return m.deliver(ctx, batch) })
	}
	return moved, errors.Join(err, work.Wait())
}

func (m *queueMapping) deliver(ctx context.Context, batch []queues.Message) error {
	event, err := json.Marshal(m.event(batch))
	if err != nil {
		return err
	}
	answer, err := m.host.invoke(ctx, m.to, event)
	if err != nil {
		return ctx.Err() // the whole batch comes again
	}
	failed, ok := m.failures(answer, batch)
	if !ok {
		m.host.trouble("%s: an answer that Lambda could not read: %.200s", m.id, answer)
		return nil
	}
	var done []string
	for _, one := range batch {
		if !slices.Contains(failed, one.ID) {
			done = append(done, one.Receipt)
		}
	}
	return m.host.queues.Delete(ctx, m.queue.Ref, done)
}

// failures are the messages that come again. An answer that cannot be read,
// and one that names an unknown message, fail the whole batch.
func (m *queueMapping) failures(answer []byte, batch []queues.Message) (failed []string, ok bool) {
	if !m.partial {
		return nil, true
	}
	var r events.SQSEventResponse
	if len(answer) > 0 && json.Unmarshal(answer, &r) != nil {
		return nil, false
	}
	for _, f := range r.BatchItemFailures {
		if !slices.ContainsFunc(batch, func(b queues.Message) bool { return b.ID == f.ItemIdentifier }) {
			return nil, false
		}
		failed = append(failed, f.ItemIdentifier)
	}
	return failed, true
}

func (m *queueMapping) event(batch []queues.Message) map[string]any {
	var records []map[string]any
	for _, one := range batch {
		attributes := map[string]any{}
		for k, a := range one.MessageAttributes {
			attributes[k] = map[string]any{"stringValue": a.StringValue, "dataType": a.DataType, "stringListValues": []any{}, "binaryListValues": []any{}}
		}
		records = append(records, map[string]any{
			"messageId": one.ID, "receiptHandle": one.Receipt, "body": one.Body, "md5OfBody": one.MD5, "attributes": one.Attributes,
			"messageAttributes": attributes, "eventSource": "aws:sqs", "eventSourceARN": m.queue.ARN, "awsRegion": moto.Region,
		})
	}
	return map[string]any{"Records": records}
}
