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
func (r RateLimit) low() bool { return r.Remaining*20 < r.Limit }

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

const (
	// maxRetryAfter is the longest wait that Apple can ask for: the rate limit
	// is about a rolling hour [APPLE].
	maxRetryAfter = time.Hour
	// nonsenseAfter is a wait that nobody means: it is ignored.
	nonsenseAfter = 24 * time.Hour
)

// parseRetryAfter reads seconds or an HTTP date, as HTTP defines them, or the
// time itself as seconds or milliseconds since 1970, as some servers write it.
// Zero means that the header says nothing, a time that is past, or nonsense.
// The time now is Apple's.
func parseRetryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	wait := time.Duration(0)
	if n, err := strconv.ParseInt(header, 10, 64); err == nil {
		wait = waitOf(n, now)
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(now)
	}
	if wait > nonsenseAfter {
		return 0
	}
	return min(max(wait, 0), maxRetryAfter)
}

// The smallest numbers that can be a time: in 2001, which is no number of
// seconds that anybody is asked to wait.
const (
	epochSeconds = 1_000_000_000
	epochMillis  = 1000 * epochSeconds
)

// waitOf tells the meaning of a number by its size.
func waitOf(n int64, now time.Time) time.Duration {
	switch {
	case n >= epochMillis:
		return time.UnixMilli(n).Sub(now)
	case n >= epochSeconds:
		return time.Unix(n, 0).Sub(now)
	}
	return time.Duration(n) * time.Second
}

// clockSkew is how far Apple's clock is ahead of ours, by the answer's Date.
func clockSkew(header string, now time.Time) time.Duration {
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return at.Sub(now)
}
