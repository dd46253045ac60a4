package appstoreconnect

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A RateLimit is what the X-Rate-Limit header says of a key's rolling hour.
// The numbers vary from key to key [APPLE, FIELD].
type RateLimit struct {
	Limit     int // requests in an hour; 0 when Apple did not say
	Remaining int
}

// low tells whether so little is left that optional requests should wait:
// below 5 %. The customer's own programs may live on the same key.
func (r RateLimit) low() bool { return r.Limit > 0 && r.Remaining*20 < r.Limit }

// parseRateLimit reads "user-hour-lim:3500;user-hour-rem:500;" in any order,
// with unknown parts ignored. Without both numbers it says nothing.
func parseRateLimit(header string) RateLimit {
	limit, remaining := -1, -1
	for part := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(part, ":")
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || n < 0 || n > 1_000_000_000 {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "user-hour-lim":
			limit = n
		case "user-hour-rem":
			remaining = n
		}
	}
	if limit <= 0 || remaining < 0 {
		return RateLimit{}
	}
	return RateLimit{Limit: limit, Remaining: remaining}
}

// maxRetryAfter is the longest wait that is believed: a rolling hour is what
// Apple documents.
const maxRetryAfter = 24 * time.Hour

// parseRetryAfter reads seconds or an HTTP date. Zero means that the header
// says nothing, or a time that is past.
func parseRetryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseInt(header, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(maxRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
