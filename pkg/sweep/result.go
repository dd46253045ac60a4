package sweep

import (
	"log/slog"
	"sync"
)

// A Result counts what one run did.
type Result struct {
	Checks       int  // leased and queued
	Certificates int  // looks leased and queued
	Ticks        int  // integrations for which time had passed
	Emptied      int  // secrets deleted
	Notices      int  // shown to notify again
	Dropped      int  // notices too old to be sent
	Objects      int  // left behind in the bucket, queued for intake
	Redriven     int  // dead letters moved back
	Stuck        int  // dead letters that stay
	Skipped      int  // lines of the index that needed nothing
	Failed       int  // pieces of work that ended in an error
	Unfinished   bool // the run ended before everything due was looked at
}

// LogValue makes a group of the counts, leaving out those that are zero.
func (r Result) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, c := range []struct {
		name string
		n    int
	}{
		{"checks", r.Checks}, {"certificates", r.Certificates}, {"ticks", r.Ticks}, {"emptied", r.Emptied},
		{"notices", r.Notices}, {"dropped", r.Dropped}, {"objects", r.Objects}, {"redriven", r.Redriven},
		{"stuck", r.Stuck}, {"skipped", r.Skipped}, {"failed", r.Failed},
	} {
		if c.n != 0 {
			attrs = append(attrs, slog.Int(c.name, c.n))
		}
	}
	if r.Unfinished {
		attrs = append(attrs, slog.Bool("unfinished", true))
	}
	return slog.GroupValue(attrs...)
}

// A tally is a Result that several goroutines add to.
type tally struct {
	mu sync.Mutex
	r  Result
}

func (t *tally) add(count func(*Result)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	count(&t.r)
}

func (t *tally) result() Result {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.r
}
