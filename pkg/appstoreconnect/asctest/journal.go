package asctest

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// journalSize is how many requests the log keeps.
const journalSize = 500

// A Request is one line of the request log. It has no tokens, and values of
// filters, which can be addresses, are left out.
type Request struct {
	Time    time.Time
	Program Program
	Method  string
	Path    string
	Query   string
	TeamID  string // empty where the token was refused
	KeyID   string // likewise
	Status  int
	Refused string // why the token was refused; empty where it was not
	Fault   Effect // that struck; may be empty
}

// Counts tell how often the API was called.
type Counts struct {
	Total  int
	ByKey  map[string]int // by key ID; "" where the token was refused
	ByPath map[string]int // by method and template, such as "GET /v1/apps/{id}"
}

// journal counts requests and remembers the last ones.
type journal struct {
	mu     sync.Mutex
	counts Counts
	ring   [journalSize]Request
}

func (j *journal) record(c *call, status int) {
	_, template, ok := parsePath(c.path)
	if !ok {
		template = "other"
	}
	r := Request{
		Time: c.now, Program: c.program, Method: c.r.Method, Path: c.path, Query: c.r.URL.RawQuery,
		TeamID: c.key.TeamID, KeyID: c.key.KeyID, Status: status, Fault: Effect(c.fault),
	}
	if c.refused != nil {
		r.Refused = c.refused.Error()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.counts.ByKey == nil {
		j.counts.ByKey, j.counts.ByPath = map[string]int{}, map[string]int{}
	}
	j.ring[j.counts.Total%journalSize] = r
	j.counts.Total++
	j.counts.ByKey[c.key.KeyID]++
	// Paths that nobody serves come in any number; they share one counter.
	if _, known := c.server.shapes.Operations[c.r.Method+" "+template]; known {
		j.counts.ByPath[c.r.Method+" "+template]++
	} else {
		j.counts.ByPath["other"]++
	}
}

// Calls is how many requests the API has had, of both programs.
func (s *Server) Calls() int {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return s.journal.counts.Total
}

// Counts are the numbers of requests so far.
func (s *Server) Counts() Counts {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	c := s.journal.counts
	c.ByKey, c.ByPath = maps.Clone(c.ByKey), maps.Clone(c.ByPath)
	return c
}

// Requests are the last requests, newest first, at most 500.
func (s *Server) Requests() []Request {
	j := &s.journal
	j.mu.Lock()
	n := min(j.counts.Total, journalSize)
	out := make([]Request, 0, n)
	for i := range n {
		out = append(out, j.ring[(j.counts.Total-1-i)%journalSize])
	}
	j.mu.Unlock()
	for i := range out {
		out[i].Query = maskFilters(out[i].Query)
	}
	return out
}

// maskFilters makes a query fit to be shown: decoded, in order, and without
// the values of filters and of what is unknown.
func maskFilters(raw string) string {
	q, err := url.ParseQuery(raw)
	if err != nil || len(q) == 0 {
		return ""
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(q)) {
		value := "…"
		family, _, _ := strings.Cut(name, "[")
		if oneOf(family, []string{"fields", "limit", "include", "sort", "cursor"}) {
			value = strings.Join(q[name], ",")
		}
		parts = append(parts, name+"="+value)
	}
	return strings.Join(parts, "&")
}
