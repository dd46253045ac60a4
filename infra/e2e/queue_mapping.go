package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-lambda-go/events"

	"keyward/infra/e2e/moto"
	"keyward/infra/e2e/queues"
	"keyward/infra/e2e/template"
	"keyward/infra/local"
)

func (h *Host) newQueueMapping(r template.Resource, queue template.Resource) (*local.QueueMapping, error) {
	p := r.Properties
	if err := known(p, "BatchSize", "EventSourceArn", "FunctionName", "FunctionResponseTypes", "ScalingConfig", "Enabled", "Tags", "MaximumBatchingWindowInSeconds"); err != nil {
		return nil, err
	}
	to, err := h.functionOf(str(p["FunctionName"]))
	if err != nil {
		return nil, err
	}
	m := &local.QueueMapping{
		ID: r.ID, Batch: number(p["BatchSize"], 10), AtOnce: number(object(p["ScalingConfig"])["MaximumConcurrency"], 5),
		Whole: !slices.Contains(list(p["FunctionResponseTypes"]), any("ReportBatchItemFailures")),
		To:    h.invoker(to),
		Receive: func(ctx context.Context, most int) ([]events.SQSMessage, error) {
			batch, err := h.queues.Receive(ctx, queue.Ref, most)
			return sqsMessages(queue.ARN, batch), err
		},
		Delete:     func(ctx context.Context, receipts []string) error { return h.queues.Delete(ctx, queue.Ref, receipts) },
		Unreadable: func(answer []byte) { h.trouble("%s: an answer that Lambda could not read: %.200s", r.ID, answer) },
	}
	// Lambda looks at these when the mapping is made.
	errs := []error{
		h.may(to.role, "sqs:ReceiveMessage", queue.ARN), h.may(to.role, "sqs:DeleteMessage", queue.ARN), h.may(to.role, "sqs:GetQueueAttributes", queue.ARN),
	}
	if visibility := seconds(queue.Properties["VisibilityTimeout"], 30); visibility < to.timeout {
		errs = append(errs, fmt.Errorf("queue visibility timeout: %s is less than function timeout: %s", visibility, to.timeout))
	}
	if m.AtOnce < 2 || m.AtOnce > 1000 {
		errs = append(errs, fmt.Errorf("MaximumConcurrency of %d is not from 2 to 1000", m.AtOnce))
	}
	return m, errors.Join(errs...)
}

func sqsMessages(arn string, batch []queues.Message) (out []events.SQSMessage) {
	for _, one := range batch {
		attributes := map[string]events.SQSMessageAttribute{}
		for k, a := range one.MessageAttributes {
			attributes[k] = events.SQSMessageAttribute{StringValue: &a.StringValue, DataType: a.DataType}
		}
		out = append(out, events.SQSMessage{
			MessageId: one.ID, ReceiptHandle: one.Receipt, Body: one.Body, Md5OfBody: one.MD5, Attributes: one.Attributes,
			MessageAttributes: attributes, EventSource: "aws:sqs", EventSourceARN: arn, AWSRegion: moto.Region,
		})
	}
	return out
}
