package notify

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"keyward/pkg/correlation"
	"keyward/pkg/integration"
	"keyward/pkg/panics"
)

// Handler takes batches of the table's stream. Records that are not about a
// pending notice are passed over, whatever the event source's filter lets
// through.
//
// Records that failed are reported by sequence number. Lambda then repeats
// the batch from the earliest of them on, which is harmless: what was sent is
// sent. Nothing in a record can make it fail for good, since records are only
// read for their keys; one whose table fails for as long as the event source
// retries is left to the sweep, which finds the notice by its due time.
func Handler(s *Service) func(context.Context, events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	return func(ctx context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
		var failed events.DynamoDBEventResponse
		for _, r := range e.Records {
			id, dedupe, ok := pendingNotice(r)
			if !ok {
				continue
			}
			ctx := correlation.With(ctx, text(r.Change.NewImage["correlation"]))
			if err := panics.Catch(func() error { return s.Send(ctx, id, dedupe) }); err != nil {
				if p := (*panics.Error)(nil); errors.As(err, &p) {
					s.Logger.ErrorContext(ctx, "panic in a handler", "integration", id, "error", p)
				}
				s.Logger.ErrorContext(ctx, "notice failed", "integration", id, "code", code(err))
				failed.BatchItemFailures = append(failed.BatchItemFailures,
					events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
			}
		}
		return failed, nil
	}
}

// pendingNotice reads which notice a record is about. The item's keys are
// INT#<integration> and NTC#<dedupe>; its attribute "status" is as the notice's.
func pendingNotice(r events.DynamoDBEventRecord) (integration.ID, string, bool) {
	written := r.EventName == string(events.DynamoDBOperationTypeInsert) || r.EventName == string(events.DynamoDBOperationTypeModify)
	id, ok1 := strings.CutPrefix(text(r.Change.Keys["PK"]), "INT#")
	dedupe, ok2 := strings.CutPrefix(text(r.Change.Keys["SK"]), "NTC#")
	status := text(r.Change.NewImage["status"])
	ours := id == string(integration.Fleet) || idShape.MatchString(id) // anything else would be somebody's text in our log
	return integration.ID(id), dedupe, written && ok1 && ok2 && ours && status == string(integration.Pending)
}

// idShape is that of integrations' IDs.
var idShape = regexp.MustCompile(`^int_[0-9a-z]{1,40}$`)

// text is the attribute's string; empty for every other type, on which
// String would panic.
func text(v events.DynamoDBAttributeValue) string {
	if v.DataType() != events.DataTypeString {
		return ""
	}
	return v.String()
}
