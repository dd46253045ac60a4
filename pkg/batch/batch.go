// Package batch hands the messages of a queue to who handles them.
package batch

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-lambda-go/events"

	"keyward/pkg/panics"
)

// Handler takes batches of a queue, and hands over at most inFlight messages
// at once. The function tells whether a message is done with. Those that are
// not are reported by their IDs, and come again; so is one whose handling
// panics, which harms no other message.
func Handler(log *slog.Logger, inFlight int, handle func(context.Context, events.SQSMessage) bool) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return func(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
		done := make([]bool, len(batch.Records))
		var next atomic.Int64
		work := func() {
			for i := int(next.Add(1)) - 1; i < len(done); i = int(next.Add(1)) - 1 {
				m := batch.Records[i]
				err := panics.Catch(func() error { done[i] = handle(ctx, m); return nil })
				if err != nil {
					log.ErrorContext(ctx, "panic in a handler", "message", m.MessageId, "error", err)
				}
			}
		}
		var others sync.WaitGroup
		for range min(inFlight, len(done)) - 1 {
			others.Go(work)
		}
		work() // on this goroutine too: its stack has grown already, and most batches are small
		others.Wait()
		var r events.SQSEventResponse
		for i, m := range batch.Records {
			if !done[i] {
				r.BatchItemFailures = append(r.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
			}
		}
		return r, nil
	}
}
