package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"keyward/infra/e2e/gate"
)

// happen keeps an event until EventBridge is moved.
func (h *Host) happen(event map[string]any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, event)
}

func (h *Host) publishAll(ctx context.Context) (moved bool, err error) {
	h.mu.Lock()
	events := h.events
	h.events = nil
	h.mu.Unlock()
	for _, e := range events {
		if err := h.publish(ctx, e); err != nil {
			return true, err
		}
	}
	return len(events) > 0, nil
}

func (h *Host) wrote(w gate.Write) {
	h.due.wrote(w)
	for _, s := range h.streams {
		s.wrote(w.Table)
	}
}

func (h *Host) sent(m gate.Mail) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.mails = append(h.mails, m)
}

// Mails are all that SES took, the oldest first.
func (h *Host) Mails() []gate.Mail {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.mails)
}

// maxTroubles bounds what is kept of them.
const maxTroubles = 50

// trouble notes what went wrong between AWS and the functions: the first of it
// is most often why a story fails.
func (h *Host) trouble(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if text := fmt.Sprintf(format, args...); len(h.troubles) < maxTroubles && !slices.Contains(h.troubles, text) {
		h.troubles = append(h.troubles, text)
	}
}

// Troubles are what was denied, failed or lost, each once, in order.
func (h *Host) Troubles() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.troubles)
}

// logged reads a line that a function printed: JSON by slog.
func (h *Host) logged(function, line string) {
	var l struct{ Level, Msg, Integration, Error string }
	if json.Unmarshal([]byte(line), &l) != nil {
		return
	}
	if l.Msg == "checked" {
		h.mu.Lock()
		h.tally[l.Integration]++
		h.mu.Unlock()
	}
	if l.Level == "ERROR" {
		h.trouble("%s says: %s: %s", function, l.Msg, l.Error)
	}
}

// Checks tells how many checks each integration has had.
func (h *Host) Checks() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.tally)
}
