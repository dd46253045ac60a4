package intake

import (
	"context"

	"github.com/aws/aws-lambda-go/events"

	"keyward/pkg/batch"
	"keyward/pkg/correlation"
)

// inFlight bounds the messages of one batch that are worked on together.
const inFlight = 8

// Handler takes batches of "Object Created" events from intake's queue. The
// messages that failed are reported by their IDs, and come again.
//
// A message that is no such event is logged by a code and dropped: it would
// fail for ever, and no upload is lost with it, because the sweep queues a new
// message for every object that stays in the bucket.
func Handler(s *Service) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return batch.Handler(s.Logger, inFlight, s.handle)
}

// handle tells whether the message is done with.
func (s *Service) handle(ctx context.Context, m events.SQSMessage) bool {
	ref, id, ok := parseMessage(m.Body)
	if !ok {
		s.Logger.ErrorContext(ctx, "message dropped", "message", m.MessageId, "because", "not_an_object_event")
		return true
	}
	ctx = correlation.With(ctx, id)
	if err := s.Process(ctx, ref); err != nil {
		s.Logger.ErrorContext(ctx, "upload not judged", "message", m.MessageId, "error", err)
		return false
	}
	return true
}
