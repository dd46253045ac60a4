package appstoreconnect

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"keyward/pkg/integration"
)

func TestRateLimitIsWaitedForOnce(t *testing.T) {
	appsLevel := level(integration.Apps)
	recovers := func(header ...string) func(int) (*http.Response, error) {
		return func(n int) (*http.Response, error) {
			if n == 1 {
				return answer(429, limited, header...), nil
			}
			return answer(200, oneApp), nil
		}
	}
	stays := func(header ...string) func(int) (*http.Response, error) {
		return always(func() *http.Response { return answer(429, limited, header...) })
	}
	for name, tc := range map[string]struct {
		apps     func(int) (*http.Response, error)
		deadline time.Duration
		calls    int
		verdict  integration.Verdict
		retryIn  time.Duration
		min, max time.Duration // how long the check takes
	}{
		"no header":                 {recovers(), time.Minute, 2, integration.OK, 0, time.Second, 3 * time.Second},
		"as Apple asks":             {recovers("Retry-After", "4"), time.Minute, 2, integration.OK, 0, 4 * time.Second, 5 * time.Second},
		"stays":                     {stays("Retry-After", "4"), time.Minute, 2, integration.Inconclusive, 4 * time.Second, 4 * time.Second, 5 * time.Second},
		"stays, no header":          {stays(), time.Minute, 2, integration.Inconclusive, 0, time.Second, 3 * time.Second},
		"too long to wait":          {stays("Retry-After", "60"), 5 * time.Minute, 1, integration.Inconclusive, time.Minute, 0, 0},
		"longer than there is time": {stays("Retry-After", "4"), 3 * time.Second, 1, integration.Inconclusive, 4 * time.Second, 0, 0},
		"hour is used up":           {stays("X-Rate-Limit", "user-hour-lim:3500;user-hour-rem:0;"), time.Minute, 1, integration.Inconclusive, 0, 0, 0},
		"burst limit":               {recovers("X-Rate-Limit", "user-hour-lim:3500;user-hour-rem:700;"), time.Minute, 2, integration.OK, 0, time.Second, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			creds := teamCreds(t)
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), tc.deadline)
				defer cancel()
				s := &script{answers: handlers{"/v1/apps": tc.apps}}
				begin := time.Now()
				o := clientOf(s).Check(ctx, creds, Plan{Level: appsLevel})
				took := time.Since(begin)
				if o.Verdict != tc.verdict || o.RetryIn != tc.retryIn || len(s.requests) != tc.calls {
					t.Errorf("got %s, retry in %v after %d calls", o.Verdict, o.RetryIn, len(s.requests))
				}
				if o.Verdict != integration.OK && o.Reason != integration.RateLimited {
					t.Errorf("reason is %s", o.Reason)
				}
				if took < tc.min || took > tc.max {
					t.Errorf("took %v, want %v to %v", took, tc.min, tc.max)
				}
			})
		})
	}
}

// zeros is a source of randomness that adds nothing to what Apple asks for.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A call waits at most ten seconds, and only where it has more time than that.
func TestTheLongestWaitForARateLimit(t *testing.T) {
	for name, tc := range map[string]struct {
		asked    string
		deadline time.Duration
		calls    int
		took     time.Duration
	}{
		"ten seconds":                        {"10", time.Minute, 2, 10 * time.Second},
		"more":                               {"11", time.Minute, 1, 0},
		"as long as the call may last":       {"4", 4 * time.Second, 1, 0},
		"hardly less than the call may last": {"4", 4*time.Second + time.Millisecond, 2, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			creds := teamCreds(t)
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), tc.deadline)
				defer cancel()
				s := &script{answers: handlers{"*": always(func() *http.Response { return answer(429, limited, "Retry-After", tc.asked) })}}
				begin := time.Now()
				c := New(Config{HTTPClient: &http.Client{Transport: s}, Random: zeros{}})
				c.Check(ctx, creds, Plan{Level: level(integration.Apps)})
				if took := time.Since(begin); took != tc.took || len(s.requests) != tc.calls {
					t.Errorf("took %v and %d requests, want %v and %d", took, len(s.requests), tc.took, tc.calls)
				}
			})
		})
	}
}

func TestCancelEndsTheWait(t *testing.T) {
	creds := teamCreds(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		s := &script{answers: handlers{"*": says(429, limited)}}
		begin := time.Now()
		clientOf(s).Check(ctx, creds, Plan{Level: level(integration.Apps)})
		if took := time.Since(begin); took != 100*time.Millisecond || len(s.requests) != 1 {
			t.Errorf("took %v and %d requests", took, len(s.requests))
		}
	})
}

func TestLowBudgetIsTheCustomers(t *testing.T) {
	low := handlers{"*": always(func() *http.Response {
		return answer(200, oneApp, "X-Rate-Limit", "user-hour-lim:3500;user-hour-rem:20;")
	})}
	l := level(integration.Apps, integration.Profiles)
	l.Useful = []integration.Capability{integration.Users, integration.Builds}
	s := &script{answers: low}
	o := clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: l, Depth: Full})
	if o.Verdict != integration.OK || len(s.requests) != 2 {
		t.Errorf("got %s, %s after asking for %v", o.Verdict, o.Reason, s.paths())
	}
	if len(o.Findings) != 4 || o.Findings[2] != open(integration.Users, integration.RateLimited) {
		t.Errorf("findings %v", o.Findings)
	}
}

// What Apple said of the budget holds until it says something else.
func TestLowBudgetIsRemembered(t *testing.T) {
	l := level(integration.Apps, integration.Profiles)
	l.Useful = []integration.Capability{integration.Users, integration.Builds}
	s := &script{answers: handlers{"/v1/apps": always(func() *http.Response {
		return answer(200, oneApp, "X-Rate-Limit", "user-hour-lim:3500;user-hour-rem:20;")
	})}}
	clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: l, Depth: Full})
	if got := s.paths(); len(got) != 2 || got[1] != "/v1/profiles" {
		t.Errorf("asked for %v with a low budget", got)
	}
}

// Even with a low budget, a 403 is looked into before anything is said.
func TestARefusalIsLookedIntoWithALowBudget(t *testing.T) {
	s := &script{answers: handlers{"*": always(func() *http.Response {
		return answer(403, noAgreement, "X-Rate-Limit", "user-hour-lim:3500;user-hour-rem:20;")
	})}}
	o := clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: level(), Depth: Quick})
	if o.Verdict != integration.Blocked || o.Reason != integration.Agreement {
		t.Errorf("got %s, %s after asking for %v", o.Verdict, o.Reason, s.paths())
	}
}

func TestRateLimitEndsAFullCheck(t *testing.T) {
	s := &script{answers: handlers{"/v1/bundleIds": always(func() *http.Response {
		return answer(429, limited, "Retry-After", "600")
	})}}
	o := clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: level(integration.Capabilities()...), Depth: Full})
	if o.Verdict != integration.Inconclusive || o.Reason != integration.RateLimited || o.RetryIn != 10*time.Minute {
		t.Errorf("got %+v", o)
	}
	if len(s.requests) != 2 {
		t.Errorf("went on asking: %v", s.paths())
	}
}

func TestRequestHeaders(t *testing.T) {
	s := &script{}
	c := New(Config{HTTPClient: &http.Client{Transport: s}, UserAgent: "Keyward/1 (acme)"})
	c.Check(t.Context(), teamCreds(t), Plan{Level: level(integration.Apps)})
	h := s.requests[0].Header
	if h.Get("User-Agent") != "Keyward/1 (acme)" || h.Get("Accept") != "application/json" || s.requests[0].Method != http.MethodGet {
		t.Errorf("headers %v", h["User-Agent"])
	}
}
