package asctest

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// An Effect is what a fault does to an answer.
type Effect string

const (
	// Instead of the answer; the request has no effect.
	Spurious401 Effect = "unauthorized" // 401 NOT_AUTHORIZED, though the key is good [FIELD]
	Forbid403   Effect = "forbidden"    // 403 FORBIDDEN_ERROR on everything: how a revoked key may look [GUESS]
	Limit429    Effect = "rate_limit"   // 429, with Retry-After where RetryAfter is set
	Outage      Effect = "outage"       // Status (default 503) with Apple's error object
	HTMLError   Effect = "html"         // Status (default 503) with a page of HTML
	EmptyBody   Effect = "empty"        // Status (default 502) and nothing else
	HugeBody    Effect = "huge"         // 64 MiB of JSON
	OtherJSON   Effect = "other_json"   // Status (default 403) with JSON that is not Apple's, such as a gateway's
	EmptyList   Effect = "empty_list"   // 200 and a complete list of nothing
	// To the answer, which took place.
	Truncated        Effect = "truncated"          // half of the JSON
	CloseMidBody     Effect = "close"              // half of the body, then the connection closes
	HostileNext      Effect = "hostile_next"       // links.next leads to another host
	BadCursor        Effect = "bad_cursor"         // every list goes on, and its next page is 400 PARAMETER_ERROR.INVALID [FIELD]
	ShortList        Effect = "short_list"         // a list without its last resource, with the whole list's total
	RepeatedList     Effect = "repeated_list"      // every resource of a list twice
	WrongContentType Effect = "wrong_content_type" // text/html around the JSON
	Slow             Effect = "slow"               // Latency alone
)

// Effects lists every effect.
func Effects() []Effect {
	return []Effect{Spurious401, Forbid403, Limit429, Outage, HTMLError, EmptyBody, HugeBody, OtherJSON, EmptyList,
		Truncated, CloseMidBody, HostileNext, BadCursor, ShortList, RepeatedList, WrongContentType, Slow}
}

// A Fault makes the simulator misbehave. What is empty in the first block
// matches everything; what is zero in the second does not end it.
type Fault struct {
	ID string // given by Fail

	TeamID string
	KeyID  string
	Method string
	Path   string // prefix, such as /v1/certificates

	Count       int       // how many requests it strikes
	Until       time.Time // on the simulator's clock
	Probability float64   // of striking a request that matches; 0 is always
	Seed        uint64    // of the probability, so that a run can be repeated

	Effect     Effect
	Status     int           // for Outage, HTMLError and EmptyBody
	RetryAfter time.Duration // for Limit429 and Outage; 0 sends no header
	Latency    time.Duration // before any effect, in real time
	NextHost   string        // for HostileNext; default evil.example
}

// Fail adds a fault and gives its ID. When several match a request, the
// oldest strikes. It fails for an unknown effect.
func (s *Server) Fail(f Fault) (string, error) {
	if f.Effect == "" && f.Latency > 0 {
		f.Effect = Slow
	}
	if !oneOf(f.Effect, Effects()) {
		return "", errors.New("asctest: no effect " + strconv.Quote(string(f.Effect)))
	}
	if f.ID = "flt-" + lower(s.randomID(8)); f.NextHost == "" {
		f.NextHost = "evil.example"
	}
	s.faults.add(f)
	s.changed()
	return f.ID, nil
}

// ClearFault ends one fault; one that has ended already is no mistake.
func (s *Server) ClearFault(id string) {
	s.faults.remove(func(f *Fault) bool { return f.ID == id })
	s.changed()
}

// ClearFaults ends all faults.
func (s *Server) ClearFaults() {
	s.faults.remove(func(*Fault) bool { return true })
	s.changed()
}

// Faults lists the faults in force; Count is what is left.
func (s *Server) Faults() []Fault {
	now := s.Now()
	s.faults.remove(func(f *Fault) bool { return f.over(now) })
	return s.faults.list()
}

type faultSet struct {
	mu    sync.Mutex
	items []*activeFault
}

type activeFault struct {
	Fault
	dice *rand.Rand
}

func (set *faultSet) add(f Fault) {
	set.mu.Lock()
	defer set.mu.Unlock()
	set.items = append(set.items, &activeFault{f, rand.New(rand.NewPCG(f.Seed, 0))})
}

func (set *faultSet) remove(which func(*Fault) bool) {
	set.mu.Lock()
	defer set.mu.Unlock()
	set.items = slices.DeleteFunc(set.items, func(f *activeFault) bool { return which(&f.Fault) })
}

func (set *faultSet) list() []Fault {
	set.mu.Lock()
	defer set.mu.Unlock()
	out := make([]Fault, len(set.items))
	for i, f := range set.items {
		out[i] = f.Fault
	}
	return out
}

// take finds the fault that strikes the call, and counts it.
func (set *faultSet) take(c *call) *Fault {
	set.mu.Lock()
	defer set.mu.Unlock()
	for i, f := range set.items {
		if f.over(c.now) || !f.matches(c) || (f.Probability > 0 && f.dice.Float64() >= f.Probability) {
			continue
		}
		hit := f.Fault
		if f.Count == 1 {
			set.items = slices.Delete(set.items, i, i+1)
		} else if f.Count > 0 {
			f.Count--
		}
		return &hit
	}
	return nil
}

func (f *Fault) over(now time.Time) bool { return !f.Until.IsZero() && !now.Before(f.Until) }

func (f *Fault) matches(c *call) bool {
	return (f.TeamID == "" || f.TeamID == c.key.TeamID) &&
		(f.KeyID == "" || f.KeyID == c.key.KeyID) &&
		(f.Method == "" || f.Method == c.r.Method) &&
		strings.HasPrefix(c.path, f.Path)
}

// sleep waits; it tells whether the client is still there.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
