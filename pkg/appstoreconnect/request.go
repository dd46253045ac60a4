package appstoreconnect

import (
	"context"
	"encoding/binary"
	"io"
	"math/bits"
	"net/http"
	"net/url"
	"time"
)

const (
	// maxPause is the longest wait for a rate limit inside a call; a caller
	// with a queue waits cheaper.
	maxPause = 10 * time.Second
	// meanPause is the wait when Apple does not say how long.
	meanPause = 2 * time.Second
)

// A session is the requests of one call with one key. It is not safe for
// concurrent use: requests go one after the other, which is kind to Apple's
// burst limit and lets each see what the one before learnt.
type session struct {
	client *Client
	creds  Credentials

	renew  map[string]bool // scopes whose token was minted in this session; nil: any good one will do
	rate   RateLimit       // as last heard
	paused bool            // the one pause is used up
}

func (c *Client) session(creds Credentials, fresh bool) *session {
	s := &session{client: c, creds: creds}
	if fresh {
		s.renew = make(map[string]bool)
	}
	return s
}

// get asks once; a 401 is asked again with a token minted for it, and a 429
// after a pause, where there is time.
func (s *session) get(ctx context.Context, u *url.URL) ([]byte, error) {
	body, used, err := s.try(ctx, u)
	if answerIn(err).Status == http.StatusUnauthorized {
		s.client.tokens.drop(s.creds.tokenKey(s.scope(u)), used)
		body, _, err = s.try(ctx, u)
	}
	if answerIn(err).Status == http.StatusTooManyRequests && s.pause(ctx, answerIn(err)) {
		body, _, err = s.try(ctx, u)
	}
	return body, err
}

// try makes one request.
func (s *session) try(ctx context.Context, u *url.URL) ([]byte, Token, error) {
	token, err := s.token(s.scope(u))
	if err != nil {
		return nil, token, err
	}
	req := (&http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{
		"Authorization": {"Bearer " + token.Reveal()},
		"Accept":        {"application/json"},
		"User-Agent":    {s.client.userAgent},
	}}).WithContext(ctx)
	// The transport and not the http.Client: it never follows a redirect, so
	// that no token ever travels to another host.
	resp, err := s.client.transport.RoundTrip(req)
	if err != nil {
		return nil, token, noAnswer(err)
	}
	if r := parseRateLimit(resp.Header.Get("X-Rate-Limit")); r.Limit > 0 {
		s.rate = r
	}
	body, err := readAnswer(resp, s.client.now())
	return body, token, err
}

// token gives the session's token for the scope.
func (s *session) token(scope string) (Token, error) {
	now := s.client.now()
	mint := func() (Token, error) {
		o := TokenOptions{Now: now}
		if scope != "" {
			o.Scope = []string{scope}
		}
		return Mint(s.creds, o)
	}
	if err := s.creds.validate(); err != nil { // before the fingerprint of no key is asked for
		return Token{}, err
	}
	key := s.creds.tokenKey(scope)
	if s.renew != nil && !s.renew[scope] {
		s.renew[scope] = true
		return s.client.tokens.fresh(key, now, mint)
	}
	return s.client.tokens.get(key, now, mint)
}

// scope is what the token for the URL is limited to; empty means nothing.
func (s *session) scope(u *url.URL) string {
	if s.client.scoping != PerTarget {
		return ""
	}
	return scopeOf(u, s.client.hosts[s.creds.program()].url.Path)
}

// pause waits for a rate limit to pass, once in a session. It does not where
// waiting cannot help: the hour's requests are used up, Apple asks for longer
// than a call should take, or the context ends before.
func (s *session) pause(ctx context.Context, answer *APIError) bool {
	wait := s.client.jitter(answer.RetryAfter)
	usedUp := answer.RateLimit.Limit > 0 && answer.RateLimit.Remaining == 0
	if s.paused || usedUp || wait > maxPause {
		return false
	}
	// A context's deadline is real time, whatever clock the client has.
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= wait {
		return false
	}
	s.paused = true
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// jitter spreads waits, so that those who were refused together do not come
// back together: up to a quarter more than Apple asked for, or half to one and
// a half of meanPause.
func (c *Client) jitter(asked time.Duration) time.Duration {
	if asked > 0 {
		return asked + c.below(asked/4)
	}
	return meanPause/2 + c.below(meanPause)
}

// below draws from [0, d). Without randomness there is no jitter, and no harm.
func (c *Client) below(d time.Duration) time.Duration {
	var b [8]byte
	if _, err := io.ReadFull(c.random, b[:]); err != nil {
		return 0
	}
	share, _ := bits.Mul64(binary.BigEndian.Uint64(b[:]), uint64(d))
	return time.Duration(share)
}
