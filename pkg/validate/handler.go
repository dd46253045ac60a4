package validate

import (
	"context"
	"encoding/json"
	"regexp"

	"github.com/aws/aws-lambda-go/events"

	"keyward/pkg/batch"
	"keyward/pkg/correlation"
	"keyward/pkg/integration"
)

// inFlight bounds the checks of one batch that are done together: each waits
// for Apple most of its time.
const inFlight = 64

// Handler takes batches of integration.CheckMessage from validate's queue. The
// messages that failed are reported by their IDs, and come again. One that
// cannot be read is logged by a code and dropped: its check's lease runs out,
// and the sweep queues another.
func Handler(s *Service) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return batch.Handler(s.Logger, inFlight, s.handle)
}

// idShape is that of the IDs of integrations and checks. What has another is
// no message of ours, and its text has no business in the log.
var idShape = regexp.MustCompile(`^(int|chk)_[0-9a-z]{1,40}$`)

// handle tells whether the message is done with.
func (s *Service) handle(ctx context.Context, m events.SQSMessage) bool {
	var msg integration.CheckMessage
	if err := json.Unmarshal([]byte(m.Body), &msg); err != nil || !idShape.MatchString(string(msg.Integration)) || !idShape.MatchString(string(msg.Check)) {
		s.Logger.ErrorContext(ctx, "message dropped", "message", m.MessageId, "because", "not_a_check_message")
		return true
	}
	ctx = correlation.With(ctx, msg.Correlation)
	if err := s.Check(ctx, msg); err != nil {
		s.Logger.ErrorContext(ctx, "check not done", "message", m.MessageId, "integration", msg.Integration, "check", msg.Check, "error", err)
		return false
	}
	return true
}
