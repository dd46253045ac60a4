package appstoreconnect

import (
	"net/http"
	"testing"
	"time"
)

func TestParseRateLimit(t *testing.T) {
	for header, want := range map[string]RateLimit{
		"user-hour-lim:3500;user-hour-rem:500;":        {3500, 500},
		"user-hour-rem:0; user-hour-lim:3600":          {3600, 0},
		" User-Hour-Lim : 10 ;other:x;user-hour-rem:9": {10, 9},
		"":                                 {},
		"user-hour-lim:3500;":              {},
		"user-hour-lim:x;user-hour-rem:1;": {},
		"user-hour-lim:0;user-hour-rem:0;": {},
		"user-hour-lim:0;user-hour-rem:5;": {},
		"user-hour-lim:1000000000;user-hour-rem:1000000000":  {1_000_000_000, 1_000_000_000},
		"user-hour-lim:1000000001;user-hour-rem:1":           {},
		"user-hour-lim:-5;user-hour-rem:-1":                  {},
		"user-hour-lim:99999999999999999999;user-hour-rem:1": {},
	} {
		if got := parseRateLimit(header); got != want {
			t.Errorf("%q: got %+v, want %+v", header, got, want)
		}
	}
}

func TestRateLimitLow(t *testing.T) {
	for limit, want := range map[RateLimit]bool{
		{}: false, {3500, 3500}: false, {3500, 175}: false, {3500, 174}: true, {3500, 0}: true,
	} {
		if got := limit.low(); got != want {
			t.Errorf("%+v: low is %v", limit, got)
		}
	}
}

func TestParseRetryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"":                 0,
		"30":               30 * time.Second,
		" 5 ":              5 * time.Second,
		"-1":               0,
		"soon":             0,
		"1.5":              0,
		"3600":             time.Hour,
		"7200":             time.Hour,
		"86400":            time.Hour,
		"86401":            0,
		"9999999999999999": 0,
		// noon is 1772366400.
		"1772366430":              30 * time.Second,
		"1772366430000":           30 * time.Second,
		"1772373600":              time.Hour,
		"1772373600000":           time.Hour,
		"1772366370":              0,
		"1772366370000":           0,
		"1804000000":              0,
		"-1772366430":             0,
		"99999999999999999999999": 0,
		"0":                       0,
		"30s":                     0,
		"2026-03-01T12:01:00Z":    0,
		noon.Add(time.Minute).Format(http.TimeFormat):  time.Minute,
		noon.Add(-time.Minute).Format(http.TimeFormat): 0,
		"Sun, 01 Mar 2026 18:00:00 GMT":                time.Hour,
		"Fri, 31 Dec 9999 23:59:59 GMT":                0,
	} {
		if got := parseRetryAfter(header, noon); got != want {
			t.Errorf("%q: got %v, want %v", header, got, want)
		}
	}
}

// A date is meant by Apple's clock, whatever ours says.
func TestRetryAfterGoesByApplesClock(t *testing.T) {
	err := appsError(t, &script{answers: handlers{"*": always(func() *http.Response {
		return answer(429, limited, "Date", "Sun, 01 Mar 2026 12:10:00 GMT", "Retry-After", "Sun, 01 Mar 2026 12:10:50 GMT")
	})}})
	if got := answerIn(err).RetryAfter; got != 50*time.Second {
		t.Errorf("waits %v, want 50s", got)
	}
}

func FuzzHeaders(f *testing.F) {
	for _, seed := range []string{"user-hour-lim:3500;user-hour-rem:500;", "120", "Sun, 01 Mar 2026 12:01:00 GMT", ";;::", "-0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if r := parseRateLimit(header); r != (RateLimit{}) && (r.Limit <= 0 || r.Remaining < 0) {
			t.Errorf("rate limit %+v", r)
		}
		if d := parseRetryAfter(header, noon); d < 0 || d > time.Hour {
			t.Errorf("retry after %v", d)
		}
	})
}

func TestJitterStaysInBounds(t *testing.T) {
	c := New(Config{})
	different := map[time.Duration]bool{}
	for range 200 {
		asked, unasked := c.jitter(4*time.Second), c.jitter(0)
		if asked < 4*time.Second || asked >= 5*time.Second || unasked < time.Second || unasked >= 3*time.Second {
			t.Fatalf("jitter gave %v and %v", asked, unasked)
		}
		different[asked] = true
	}
	if len(different) < 100 {
		t.Errorf("only %d different waits of 200", len(different))
	}
}
