package asctest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
)

func TestFaultEffects(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault asctest.Fault
		want  func(reply) bool
	}{
		{"spurious 401", asctest.Fault{Effect: asctest.Spurious401}, func(r reply) bool { return r.Status == 401 && r.code() == "NOT_AUTHORIZED" }},
		{"403 for all", asctest.Fault{Effect: asctest.Forbid403}, func(r reply) bool { return r.Status == 403 && r.code() == "FORBIDDEN_ERROR" }},
		{"429", asctest.Fault{Effect: asctest.Limit429}, func(r reply) bool {
			return r.Status == 429 && r.code() == "RATE_LIMIT_EXCEEDED" && r.Header.Get("Retry-After") == ""
		}},
		{"429 with Retry-After", asctest.Fault{Effect: asctest.Limit429, RetryAfter: 1500 * time.Millisecond}, func(r reply) bool {
			return r.Status == 429 && r.Header.Get("Retry-After") == "2"
		}},
		{"503", asctest.Fault{Effect: asctest.Outage}, func(r reply) bool { return r.Status == 503 && r.code() == "SERVICE_UNAVAILABLE" }},
		{"500", asctest.Fault{Effect: asctest.Outage, Status: 500}, func(r reply) bool { return r.Status == 500 && r.code() == "UNEXPECTED_ERROR" }},
		{"504 of HTML", asctest.Fault{Effect: asctest.HTMLError, Status: 504}, func(r reply) bool {
			return r.Status == 504 && strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") && bytes.Contains(r.Body, []byte("<html>"))
		}},
		{"502 without a body", asctest.Fault{Effect: asctest.EmptyBody}, func(r reply) bool { return r.Status == 502 && len(r.Body) == 0 }},
		{"200 without a body", asctest.Fault{Effect: asctest.EmptyBody, Status: 200}, func(r reply) bool { return r.Status == 200 && len(r.Body) == 0 }},
		{"403 without a body", asctest.Fault{Effect: asctest.EmptyBody, Status: 403}, func(r reply) bool { return r.Status == 403 && len(r.Body) == 0 }},
		{"another program's JSON", asctest.Fault{Effect: asctest.OtherJSON}, func(r reply) bool {
			return r.Status == 403 && string(r.Body) == `{"message":"Forbidden"}`
		}},
		{"another program's 401", asctest.Fault{Effect: asctest.OtherJSON, Status: 401}, func(r reply) bool { return r.Status == 401 }},
		{"an empty list", asctest.Fault{Effect: asctest.EmptyList}, func(r reply) bool {
			return r.Status == 200 && string(r.Doc.Data) == "[]" && strings.Contains(string(r.Body), `"total":0`)
		}},
		{"a short list", asctest.Fault{Effect: asctest.ShortList}, func(r reply) bool {
			return len(r.list(t)) < r.Doc.Meta.Paging.Total
		}},
		{"a list that repeats itself", asctest.Fault{Effect: asctest.RepeatedList}, func(r reply) bool { return len(r.list(t)) == 2*r.Doc.Meta.Paging.Total }},
		{"a list that goes on", asctest.Fault{Effect: asctest.BadCursor}, func(r reply) bool {
			return r.Status == 200 && strings.Contains(r.Doc.Links["next"], "/v1/apps?cursor=")
		}},
		{"huge", asctest.Fault{Effect: asctest.HugeBody}, func(r reply) bool { return r.Status == 200 && len(r.Body) > 64<<20 }},
		{"wrong content type", asctest.Fault{Effect: asctest.WrongContentType}, func(r reply) bool {
			return r.Header.Get("Content-Type") == "text/html" && json.Valid(r.Body)
		}},
		{"hostile next", asctest.Fault{Effect: asctest.HostileNext}, func(r reply) bool {
			return strings.HasPrefix(r.Doc.Links["next"], "https://evil.example/")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			tt.fault.Count = 1
			must(w.Fail(tt.fault))(t)
			if r := w.get("/v1/apps"); !tt.want(r) {
				t.Errorf("got %d %v %.300s", r.Status, r.Header, r.Body)
			}
			if got := w.Requests()[0]; got.Fault != tt.fault.Effect {
				t.Errorf("the log says %q", got.Fault)
			}
			if r := w.get("/v1/apps"); r.Status != 200 || len(w.Faults()) != 0 {
				t.Errorf("the next request: %d, faults %v", r.Status, w.Faults())
			}
		})
	}
	if _, err := newWorld(t).Fail(asctest.Fault{Effect: "odd"}); err == nil {
		t.Error("an unknown effect is no error")
	}
}

// What goes wrong on the wire needs one.
func TestFaultsOnTheWire(t *testing.T) {
	w := newWorld(t)
	srv := httptest.NewServer(w.Server)
	defer srv.Close()
	get := func() ([]byte, error) {
		req := must(http.NewRequest(http.MethodGet, srv.URL+"/v1/apps", nil))(t)
		req.Header.Set("Authorization", "Bearer "+w.sign(w.key, w.claimsOf(w.key)))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		return io.ReadAll(resp.Body)
	}
	must(w.Fail(asctest.Fault{Effect: asctest.CloseMidBody, Count: 1}))(t)
	if b, err := get(); err == nil || json.Valid(b) {
		t.Errorf("a connection that closed in the middle gave %d bytes and %v", len(b), err)
	}
	must(w.Fail(asctest.Fault{Effect: asctest.Truncated, Count: 1}))(t)
	if b, err := get(); err != nil || json.Valid(b) || len(b) == 0 {
		t.Errorf("truncated JSON gave %d bytes and %v", len(b), err)
	}
	if b, err := get(); err != nil || !json.Valid(b) {
		t.Errorf("afterwards: %v", err)
	}
}

func TestLatencyEndsWithTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		must(w.Fail(asctest.Fault{Latency: 30 * time.Second, Count: 2}))(t)
		start := time.Now()
		if r := w.get("/v1/apps"); r.Status != 200 || time.Since(start) != 30*time.Second {
			t.Errorf("%d after %v", r.Status, time.Since(start))
		}
		req := httptest.NewRequest("GET", "/v1/apps", nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		w.ServeHTTP(httptest.NewRecorder(), req.WithContext(ctx))
		if took := time.Since(start); took != time.Second {
			t.Errorf("it took %v to see that the client is gone", took)
		}
	})
}

func TestFaultsMatch(t *testing.T) {
	w := newWorld(t)
	other := must(w.NewKey(w.team.TeamID))(t)
	for _, tt := range []struct {
		name  string
		fault asctest.Fault
		hits  bool
	}{
		{"everything", asctest.Fault{}, true},
		{"its team", asctest.Fault{TeamID: w.team.TeamID}, true},
		{"another team", asctest.Fault{TeamID: "OTHERTEAM1"}, false},
		{"its key", asctest.Fault{KeyID: w.key.KeyID}, true},
		{"another key", asctest.Fault{KeyID: other.KeyID}, false},
		{"its path", asctest.Fault{Path: "/v1/app"}, true},
		{"another path", asctest.Fault{Path: "/v1/certificates"}, false},
		{"its method", asctest.Fault{Method: "GET"}, true},
		{"another method", asctest.Fault{Method: "POST"}, false},
		{"until later", asctest.Fault{Until: w.now.Add(time.Second)}, true},
		{"until now", asctest.Fault{Until: w.now}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.ClearFaults()
			tt.fault.Effect = asctest.Outage
			must(w.Fail(tt.fault))(t)
			if r := w.get("/v1/apps"); (r.Status == 503) != tt.hits {
				t.Errorf("got %d", r.Status)
			}
		})
	}
}

// The same seed gives the same run.
func TestFaultProbability(t *testing.T) {
	run := func() (pattern string) {
		w := newWorld(t)
		must(w.Fail(asctest.Fault{Effect: asctest.Outage, Probability: .5, Seed: 7}))(t)
		for range 64 {
			if w.get("/v1/apps").Status == 503 {
				pattern += "x"
			} else {
				pattern += "."
			}
		}
		return pattern
	}
	first, again := run(), run()
	if n := strings.Count(first, "x"); first != again || n < 16 || n > 48 {
		t.Errorf("%s, then %s", first, again)
	}
}

func TestRateLimit(t *testing.T) {
	w := newWorld(t, func(c *asctest.Config) { c.RateLimit = 3 })
	other := must(w.NewKey(w.team.TeamID))(t)
	for i, left := range []string{"2", "1", "0"} {
		r := w.get("/v1/apps")
		if r.Status != 200 || r.Header.Get("X-Rate-Limit") != "user-hour-lim:3;user-hour-rem:"+left+";" {
			t.Errorf("request %d: %d, %s", i, r.Status, r.Header.Get("X-Rate-Limit"))
		}
		w.now = w.now.Add(10 * time.Minute)
	}
	r := w.get("/v1/apps")
	if r.Status != 429 || r.code() != "RATE_LIMIT_EXCEEDED" || r.Header.Get("X-Rate-Limit") != "user-hour-lim:3;user-hour-rem:0;" {
		t.Errorf("the fourth: %d %s", r.Status, r.code())
	}
	if r := w.call(other, "GET", "/v1/apps", ""); r.Status != 200 {
		t.Errorf("another key: %d", r.Status)
	}
	w.now = w.now.Add(31 * time.Minute) // the first is more than an hour ago, the second is not
	if a, b := w.get("/v1/apps").Status, w.get("/v1/apps").Status; a != 200 || b != 429 {
		t.Errorf("an hour after the first: %d, then %d", a, b)
	}
	w.now = w.now.Add(100 * time.Hour)
	if r := w.get("/v1/apps"); r.Header.Get("X-Rate-Limit") != "user-hour-lim:3;user-hour-rem:2;" {
		t.Errorf("days later: %s", r.Header.Get("X-Rate-Limit"))
	}
}
