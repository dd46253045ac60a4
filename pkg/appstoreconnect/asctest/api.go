package asctest

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// An api is one of the two hosts: the same store seen by one program.
type api struct {
	server   *Server
	program  Program
	audience string
}

// A call is one request on its way through.
type call struct {
	*api
	r      *http.Request
	now    time.Time
	prefix string // scheme, host and mount path: what links begin with
	path   string // from /v1/ on
	query  url.Values

	key     Key   // of the token; zero where that was refused
	refused error // why the token was
	left    int   // requests left in the hour; −1 where there is no key
	fault   string
}

// A response is an answer in full, before it is written.
type response struct {
	status      int
	contentType string // default application/json
	body        []byte
	header      http.Header // further ones; may be nil
}

// ServeHTTP answers one request.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := a.newCall(r)
	limiter := c.identify()
	f := a.server.faults.take(c)
	if f != nil {
		c.fault = string(f.Effect)
	}
	resp := c.respond(f, limiter)
	a.server.journal.record(c, resp.status)
	deliver(w, r, c, f, resp)
}

func (a *api) newCall(r *http.Request) *call {
	c := &call{api: a, r: r, now: a.server.Now(), left: -1, path: r.URL.Path}
	if i := strings.Index(c.path, "/v1/"); i > 0 {
		c.path = c.path[i:]
	}
	// A handler under http.StripPrefix still finds the whole path in the
	// request line; links must have it.
	full, _, _ := strings.Cut(r.RequestURI, "?")
	mount := ""
	if i := strings.Index(full, "/v1/"); i > 0 && strings.HasPrefix(full, "/") {
		mount = full[:i]
	}
	scheme := "http://"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https://"
	}
	c.prefix = scheme + r.Host + mount
	c.query, _ = url.ParseQuery(r.URL.RawQuery) // what cannot be parsed is left out, as net/http does
	return c
}

// identify finds out whose request it is, or why that cannot be told.
func (c *call) identify() *window {
	scheme, token, ok := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		c.refused = errNoToken
		return nil
	}
	cred, err := c.server.verify(strings.TrimSpace(token))
	if err != nil {
		c.refused = err
		return nil
	}
	info := c.server.current(cred.key)
	if c.refused = c.admit(cred, info, c.now); c.refused != nil {
		return nil
	}
	if !cred.claims.inScope(c.r.Method, [2]string{c.path, c.r.URL.Path}, c.query) {
		c.refused = errScope
		return nil
	}
	c.key = info
	return &cred.key.window
}

// respond makes the answer, f's where there is a fault that replaces it.
func (c *call) respond(f *Fault, limiter *window) response {
	if f != nil && f.instead() {
		return f.response(c)
	}
	resp, err := c.answer(limiter)
	var e *apiError
	switch {
	case errors.As(err, &e):
		resp = c.failure(e)
	case err != nil:
		resp = c.failure(&apiError{status: 500, code: "UNEXPECTED_ERROR", title: "An unexpected error occurred.",
			detail: "An unexpected error occurred on the server side."})
	}
	if f != nil {
		return f.mangle(c, resp)
	}
	return resp
}

func (c *call) failure(e *apiError) response {
	return response{status: e.status, body: e.body(c.server.randomUUID())}
}

// answer takes the request through everything that can refuse it, in Apple's
// order, to the store.
func (c *call) answer(limiter *window) (response, error) {
	if c.refused != nil {
		return response{}, errNotAuthorized()
	}
	var ok bool
	if c.left, ok = limiter.take(c.now, c.server.cfg.RateLimit); !ok {
		return response{}, errRateLimit()
	}
	if err := c.blocked(); err != nil {
		return response{}, err
	}
	rt, err := c.route()
	if err != nil {
		return response{}, err
	}
	if !c.allowed(rt) {
		return response{}, errForbidden()
	}
	q, err := c.server.parseQuery(rt, c.query)
	if err != nil {
		return response{}, err
	}
	return c.serve(rt, q)
}

func (c *call) blocked() error {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	tm := c.server.teams[c.key.TeamID]
	if tm == nil {
		return errNotAuthorized()
	}
	if e := tm.blocked(); e != nil {
		return e
	}
	return nil
}

// allowed tells whether the key's kind and roles may do this.
func (c *call) allowed(rt route) bool {
	want := Write
	if c.r.Method == http.MethodGet {
		want = Read
	}
	for _, resource := range []string{rt.kind, rt.target} {
		if c.key.Kind == IndividualKey && individualRefuses(resource) {
			return false
		}
	}
	// What a relationship leads to decides; its owner only has to be readable.
	return c.server.cfg.Roles.allows(c.key.Roles, rt.target, want) &&
		c.server.cfg.Roles.allows(c.key.Roles, rt.kind, Read)
}

// deliver writes the answer, as badly as the fault asks.
func deliver(w http.ResponseWriter, r *http.Request, c *call, f *Fault, resp response) {
	if f != nil && f.Latency > 0 && !sleep(r.Context(), f.Latency) {
		return
	}
	h := w.Header()
	h.Set("Date", c.now.UTC().Format(http.TimeFormat))
	for name, values := range resp.header {
		h[name] = values
	}
	if c.left >= 0 {
		h.Set("X-Rate-Limit", "user-hour-lim:"+strconv.Itoa(c.shownLimit())+";user-hour-rem:"+strconv.Itoa(c.left)+";")
	}
	if resp.contentType == "" {
		resp.contentType = "application/json"
	}
	if len(resp.body) > 0 {
		h.Set("Content-Type", resp.contentType)
	}
	if resp.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(resp.body)))
	}
	w.WriteHeader(resp.status)
	if f != nil && f.Effect == CloseMidBody {
		f.closeMidBody(w, resp.body)
	}
	w.Write(resp.body) // a client that is gone is no concern
}

// shownLimit is the limit that the header names; without one it is Apple's.
func (c *call) shownLimit() int {
	if c.server.cfg.RateLimit < 0 {
		return 3500
	}
	return c.server.cfg.RateLimit
}
