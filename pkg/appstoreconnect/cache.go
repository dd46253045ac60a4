package appstoreconnect

import (
	"sync"
	"time"

	"keyward/pkg/integration"
)

const (
	// tokenCacheSize bounds the tokens held: about 700 bytes each.
	tokenCacheSize = 4096
	// expiryMargin is how long before its end a token is used no more: the
	// request needs time, and Apple's clock may be ahead.
	expiryMargin = time.Minute
	// clockMargin is how far the clock may have gone back since a token was
	// minted: less than iat is backdated.
	clockMargin = 30 * time.Second
)

// A tokenKey names what a token depends on. The fingerprint keeps two keys
// apart that claim the same ID.
type tokenKey struct {
	keyID, issuerID, fingerprint string
	kind                         integration.KeyKind
	program                      integration.Program
	scope                        string
}

func (c Credentials) tokenKey(scope string) tokenKey {
	return tokenKey{
		keyID: c.KeyID, issuerID: c.IssuerID, fingerprint: c.Key.Fingerprint(),
		kind: c.kind(), program: c.program(), scope: scope,
	}
}

// A tokenCache reuses tokens, as Apple asks [APPLE]. It is two generations of
// a map: when the young one is full it becomes the old one, and what was old
// and not asked for meanwhile is forgotten.
type tokenCache struct {
	limit int // of one generation

	mu    sync.Mutex
	young map[tokenKey]*tokenSlot
	old   map[tokenKey]*tokenSlot
}

// A tokenSlot holds one key's token. Its own lock lets one caller mint while
// the others of that key wait, and nobody else does.
type tokenSlot struct {
	mu     sync.Mutex
	token  Token
	minted time.Time
}

func newTokenCache(size int) *tokenCache {
	return &tokenCache{limit: max(size/2, 1), young: make(map[tokenKey]*tokenSlot)}
}

// get gives a token that is good at the time now, minted if need be.
func (c *tokenCache) get(k tokenKey, now time.Time, mint func() (Token, error)) (Token, error) {
	s := c.slot(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.good(now) {
		return s.token, nil
	}
	return s.renew(now, mint)
}

// fresh mints a token whatever is there, and keeps it.
func (c *tokenCache) fresh(k tokenKey, now time.Time, mint func() (Token, error)) (Token, error) {
	s := c.slot(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.renew(now, mint)
}

// drop forgets a token that Apple refused, unless a newer one is there.
func (c *tokenCache) drop(k tokenKey, refused Token) {
	s := c.slot(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token.Reveal() == refused.Reveal() {
		s.token = Token{}
	}
}

func (c *tokenCache) slot(k tokenKey) *tokenSlot {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.young[k]; s != nil {
		return s
	}
	s := c.old[k]
	if s == nil {
		s = &tokenSlot{}
	}
	if len(c.young) >= c.limit {
		c.old, c.young = c.young, make(map[tokenKey]*tokenSlot)
	}
	c.young[k] = s
	return s
}

func (s *tokenSlot) good(now time.Time) bool {
	return s.token.text != nil && now.Before(s.token.expires.Add(-expiryMargin)) && !now.Before(s.minted.Add(-clockMargin))
}

func (s *tokenSlot) renew(now time.Time, mint func() (Token, error)) (Token, error) {
	t, err := mint()
	if err != nil {
		return Token{}, err
	}
	s.token, s.minted = t, now
	return t, nil
}
