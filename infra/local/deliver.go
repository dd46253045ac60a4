package local

import (
	"context"

	"keyward/pkg/integration"
)

// DeliverCheck puts a message into the queue of validate, as a queue does that
// delivers late or twice.
func (h *Host) DeliverCheck(ctx context.Context, m integration.CheckMessage) error {
	return h.queues["validate"].Send(ctx, m, 0)
}
