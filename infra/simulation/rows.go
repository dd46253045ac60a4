package simulation

import (
	"time"

	"keyward/pkg/integration"
)

// A rowVersion is which version of Keyward writes just now.
type rowVersion int

const (
	thisVersion rowVersion = iota
	olderVersion
	newerVersion
)

// written is the change as the version at hand writes it: an older one leaves
// out what it does not know, which this one must read as zero. What a newer
// one adds comes below the store (see twist).
func (w *World) written(c integration.Change) integration.Change {
	if w.version != olderVersion || w.still() || c.Integration.After == nil {
		return c
	}
	after := *c.Integration.After
	after.Unanswered.Because, after.Check.OKAt, after.Access.Title = "", time.Time{}, ""
	w.tally.Injected[oldRow]++
	c.Integration.After = &after
	return c
}
