package e2e

import (
	"sync"
	"time"

	"keyward/infra/e2e/gate"
)

// due knows when the sweep has something to do, so that it need not run for
// nothing, 50,000 times in the demonstration. It watches the attribute by which
// the sweep finds work; what else the sweep looks after waits for that.
type due struct {
	table string

	mu   sync.Mutex
	rows map[string]time.Time // by key
}

// dueAt is the sort key of the index of due work; see pkg/aws/dynamo.
const dueAt = "DUE_AT"

func (d *due) wrote(w gate.Write) {
	if w.Table != d.table {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, row := range w.Deletes {
		delete(d.rows, keyOf(row))
	}
	for _, row := range w.Puts {
		at, err := time.Parse(time.RFC3339Nano, row[dueAt].S)
		if err != nil { // not due: the index is sparse
			delete(d.rows, keyOf(row))
			continue
		}
		d.rows[keyOf(row)] = at
	}
}

func keyOf(row gate.Row) string { return row["PK"].S + " " + row["SK"].S }

// first is when the first row is due; zero when none is.
func (d *due) first() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	var first time.Time
	for _, at := range d.rows {
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first
}
