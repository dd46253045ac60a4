package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"keyward/infra/e2e/eventpattern"
	"keyward/infra/e2e/template"
	"keyward/infra/local"
)

// newStreamMapping reads the changes of a table for a function.
func (h *Host) newStreamMapping(r template.Resource, table template.Resource) (*local.StreamMapping, error) {
	p := r.Properties
	if err := known(p, "BatchSize", "EventSourceArn", "FunctionName", "FunctionResponseTypes", "FilterCriteria", "StartingPosition", "Enabled", "Tags",
		"MaximumRetryAttempts", "MaximumRecordAgeInSeconds", "BisectBatchOnFunctionError", "DestinationConfig", "ParallelizationFactor", "MaximumBatchingWindowInSeconds"); err != nil {
		return nil, err
	}
	to, err := h.functionOf(str(p["FunctionName"]))
	if err != nil {
		return nil, err
	}
	s := &stream{moto: h.cfg.Moto, now: h.cfg.Clock.Now, table: table, arn: str(p["EventSourceArn"]), dirty: true}
	h.streams = append(h.streams, s)
	m := &local.StreamMapping{
		ID: r.ID, Read: s.read, To: h.invoker(to), Batch: number(p["BatchSize"], 100), Now: h.cfg.Clock.Now,
		Whole:   !slices.Contains(list(p["FunctionResponseTypes"]), any("ReportBatchItemFailures")),
		Bisect:  p["BisectBatchOnFunctionError"] == true,
		Retries: number(p["MaximumRetryAttempts"], -1), MaxAge: seconds(p["MaximumRecordAgeInSeconds"], -1),
	}
	if m.MaxAge <= 0 {
		m.MaxAge = 24 * time.Hour // all that a stream keeps
	}
	if dead := str(object(object(p["DestinationConfig"])["OnFailure"])["Destination"]); dead != "" {
		m.GaveUp = func(ctx context.Context, rest []local.StreamRecord, tries int, now time.Time) error {
			message, err := s.passedOver(to.arn, rest, tries, now)
			if err != nil {
				return err
			}
			return h.failTo(ctx, to, dead, message)
		}
	}
	var filters []eventpattern.Pattern
	for _, f := range list(object(p["FilterCriteria"])["Filters"]) {
		pattern, err := eventpattern.Parse([]byte(str(object(f)["Pattern"])))
		if err != nil {
			return nil, err
		}
		filters = append(filters, pattern)
	}
	if len(filters) > 0 {
		m.Wanted = func(r local.StreamRecord) (bool, error) { return anyMatches(filters, r.Event) }
	}
	return m, errors.Join( // Lambda looks at these when the mapping is made
		h.may(to.role, "dynamodb:DescribeStream", s.arn), h.may(to.role, "dynamodb:GetRecords", s.arn), h.may(to.role, "dynamodb:GetShardIterator", s.arn),
		h.may(to.role, "dynamodb:ListStreams", s.arn),
	)
}

func anyMatches(filters []eventpattern.Pattern, event []byte) (bool, error) {
	for _, f := range filters {
		if ok, err := f.Match(event); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// passedOver tells an on-failure destination which part of the stream was
// given up: metadata only, as Lambda does.
func (s *stream) passedOver(function string, rest []local.StreamRecord, tries int, now time.Time) (string, error) {
	message, err := json.Marshal(map[string]any{
		"requestContext":  map[string]any{"functionArn": function, "condition": "RetryAttemptsExhausted", "approximateInvokeCount": tries},
		"responseContext": map[string]any{"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
		"version":         "1.0",
		"timestamp":       now.UTC().Format(time.RFC3339),
		"DDBStreamBatchInfo": map[string]any{
			"shardId": s.shard.id, "startSequenceNumber": rest[0].Sequence, "endSequenceNumber": rest[len(rest)-1].Sequence,
			"batchSize": len(rest), "streamArn": s.arn,
		},
	})
	return string(message), err
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
