package asctest

import (
	"sync"
	"time"
)

// window counts a key's requests of the last hour, by the minute: cheap, and
// at most a minute off. The zero value is empty.
type window struct {
	mu     sync.Mutex
	counts [60]int
	newest int64 // minute since the epoch that was counted last
	sum    int
}

// take counts a request where the limit allows it, and tells how many are
// left. A negative limit is none.
func (w *window) take(now time.Time, limit int) (left int, ok bool) {
	if limit < 0 {
		return 3500, true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forget(now.Unix() / 60)
	if w.sum >= limit {
		return 0, false
	}
	w.counts[w.newest%60]++
	w.sum++
	return limit - w.sum, true
}

// forget drops what is older than an hour. A clock that goes back counts into
// the newest minute.
func (w *window) forget(minute int64) {
	if minute-w.newest >= 60 {
		w.counts, w.sum, w.newest = [60]int{}, 0, minute
		return
	}
	for w.newest < minute {
		w.newest++
		w.sum -= w.counts[w.newest%60]
		w.counts[w.newest%60] = 0
	}
}
