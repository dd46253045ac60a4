package asctest

import (
	"crypto/sha256"
	"sync"
)

// tokenCache remembers tokens whose signature was right, by their hash. It
// keeps two generations: when the young one is full it becomes the old one,
// and what is still used moves over, so that it stays bounded without a clock.
type tokenCache struct {
	mu         sync.RWMutex
	young, old map[[sha256.Size]byte]*credential
}

const tokenCacheSize = 32768 // of a generation

func (c *tokenCache) get(sum [sha256.Size]byte) *credential {
	c.mu.RLock()
	found, fresh := c.young[sum], true
	if found == nil {
		found, fresh = c.old[sum], false
	}
	c.mu.RUnlock()
	if found != nil && !fresh {
		c.put(sum, found)
	}
	return found
}

func (c *tokenCache) put(sum [sha256.Size]byte, cred *credential) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.young == nil || len(c.young) >= tokenCacheSize {
		c.old, c.young = c.young, map[[sha256.Size]byte]*credential{}
	}
	c.young[sum] = cred
}
