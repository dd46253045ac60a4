package feedback

import (
	"context"
	"errors"

	"github.com/aws/aws-lambda-go/events"

	"keyward/pkg/batch"
	"keyward/pkg/correlation"
	"keyward/pkg/integration"
)

// Handler takes batches of the feedback queue and reports failures by
// message ID, so that the others are not repeated.
//
// A body that is not an event of SES can never be handled. It is reported as
// failed, too, so that after the queue's last attempt it lands in the
// dead-letter queue, where a person can see it, rather than vanish.
func Handler(s *Service) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return batch.Handler(s.Logger, 1, s.handle)
}

// handle tells whether the message is done with.
func (s *Service) handle(ctx context.Context, m events.SQSMessage) bool {
	e, err := Parse([]byte(m.Body))
	ctx = correlation.With(ctx, e.tag("correlation"))
	if err == nil {
		err = s.Handle(ctx, e)
	}
	if err != nil {
		s.Logger.ErrorContext(ctx, "feedback failed", "message", m.MessageId, "code", code(err))
	}
	return err == nil
}

// code names an error without its text.
func code(err error) string {
	switch {
	case errors.Is(err, ErrNotAnEvent):
		return "not_an_event"
	case errors.Is(err, integration.ErrConflict):
		return "conflict"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "timeout"
	default:
		return "store"
	}
}
