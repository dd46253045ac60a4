package appstoreconnect

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// minter counts what it mints.
func minter(n *atomic.Int64, now time.Time) func() (Token, error) {
	return func() (Token, error) {
		text := fmt.Sprintf("token %d", n.Add(1))
		return Token{text: func() string { return text }, expires: now.Add(10 * time.Minute)}, nil
	}
}

func TestTokenCacheReusesUntilTheMargin(t *testing.T) {
	for name, tc := range map[string]struct {
		after time.Duration
		want  string
	}{
		"at once":             {0, "token 1"},
		"before the margin":   {9*time.Minute - time.Second, "token 1"},
		"in the margin":       {9 * time.Minute, "token 2"},
		"after its end":       {time.Hour, "token 2"},
		"clock a little back": {-30 * time.Second, "token 1"},
		"clock far back":      {-31 * time.Second, "token 2"},
	} {
		t.Run(name, func(t *testing.T) {
			var n atomic.Int64
			c, k := newTokenCache(8), tokenKey{keyID: "A"}
			_, _ = c.get(k, noon, minter(&n, noon))
			got, err := c.get(k, noon.Add(tc.after), minter(&n, noon.Add(tc.after)))
			if err != nil || got.Reveal() != tc.want {
				t.Errorf("got %q, %v; want %q", got.Reveal(), err, tc.want)
			}
		})
	}
}

func TestTokenCacheDropsOnlyTheRefused(t *testing.T) {
	var n atomic.Int64
	c, k := newTokenCache(8), tokenKey{keyID: "A"}
	first, _ := c.get(k, noon, minter(&n, noon))
	second, _ := c.fresh(k, noon, minter(&n, noon))
	c.drop(k, first) // late: a newer one is there
	if got, _ := c.get(k, noon, minter(&n, noon)); got.Reveal() != second.Reveal() {
		t.Errorf("got %q: a late refusal dropped a newer token", got.Reveal())
	}
	c.drop(k, second)
	if got, _ := c.get(k, noon, minter(&n, noon)); got.Reveal() != "token 3" {
		t.Errorf("got %q: the refused token was used again", got.Reveal())
	}
}

func TestTokenCacheKeepsKeysApart(t *testing.T) {
	base := teamCreds(t)
	other := base
	other.Key = mustKey(t)
	kinds := base
	kinds.Kind = "individual"
	programs := base
	programs.Program = "enterprise"
	issuers := base
	issuers.IssuerID = "another"
	keys := map[tokenKey]bool{base.tokenKey(""): true, base.tokenKey("GET /v1/apps"): true}
	for _, c := range []Credentials{other, kinds, programs, issuers} {
		keys[c.tokenKey("")] = true
	}
	if len(keys) != 6 {
		t.Errorf("%d cache keys for 6 different tokens", len(keys))
	}
}

func TestTokenCacheIsBounded(t *testing.T) {
	var n atomic.Int64
	c := newTokenCache(100)
	hot := tokenKey{keyID: "hot"}
	for i := range 10_000 {
		_, _ = c.get(tokenKey{keyID: fmt.Sprint(i)}, noon, minter(&n, noon))
		_, _ = c.get(hot, noon, minter(&n, noon))
	}
	if size := len(c.young) + len(c.old); size > 100 {
		t.Errorf("%d tokens held, want at most 100", size)
	}
	if got := n.Load(); got != 10_001 {
		t.Errorf("minted %d, want 10001: what is in use must stay", got)
	}
}

func TestTokenCacheKeepsWhatHasRoom(t *testing.T) {
	var n atomic.Int64
	c := newTokenCache(8)
	for range 3 {
		for _, id := range []string{"A", "B", "C", "D"} {
			_, _ = c.get(tokenKey{keyID: id}, noon, minter(&n, noon))
		}
	}
	if got := n.Load(); got != 4 {
		t.Errorf("minted %d tokens for four keys", got)
	}
}

func TestTokenCacheMintsOnceForMany(t *testing.T) {
	var n atomic.Int64
	c := newTokenCache(8)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { _, _ = c.get(tokenKey{keyID: "A"}, noon, minter(&n, noon)) })
	}
	wg.Wait()
	if n.Load() != 1 {
		t.Errorf("minted %d tokens for one key", n.Load())
	}
}
