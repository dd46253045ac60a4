package portal

import (
	"container/list"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A Rate allows Burst requests at once, and one more after each Every.
type Rate struct {
	Every time.Duration
	Burst int
}

// Limits say how often things may be done. Zero values mean the defaults.
type Limits struct {
	PerAddress Rate          // pages behind the cookie and Continue; default 2 a second, 240 at once: offices share addresses
	PerLink    Rate          // forms sent; default one in 3 s, 40 at once
	Requests   Rate          // requests for a new link, by address; default one in 10 min, 5 at once
	AnswerTime time.Duration // the least time that a request for a new link takes, whatever comes of it; default 400 ms
}

func (l Limits) withDefaults() Limits {
	or := func(r, other Rate) Rate {
		if r.Burst == 0 {
			return other
		}
		return r
	}
	l.PerAddress = or(l.PerAddress, Rate{time.Second / 2, 240})
	l.PerLink = or(l.PerLink, Rate{3 * time.Second, 40})
	l.Requests = or(l.Requests, Rate{10 * time.Minute, 5})
	if l.AnswerTime == 0 {
		l.AnswerTime = 400 * time.Millisecond
	}
	return l
}

// A Limiter counts what was done under a key. It can be called concurrently.
type Limiter interface {
	// Allow tells whether it may be done once more, and counts it if so. A
	// key always comes with the same rate.
	Allow(key string, r Rate) bool
}

// A MemoryLimiter is a Limiter of one process. It remembers a bounded number
// of keys and forgets the one unused for longest, which then starts anew.
type MemoryLimiter struct {
	now  func() time.Time
	size int

	mu     sync.Mutex
	recent *list.List // of *bucket, latest first
	byKey  map[string]*list.Element
}

type bucket struct {
	key     string
	limiter *rate.Limiter
}

// NewMemoryLimiter remembers size keys; 0 means 10,000, some 2 MB.
func NewMemoryLimiter(now func() time.Time, size int) *MemoryLimiter {
	if size == 0 {
		size = 10_000
	}
	return &MemoryLimiter{now: now, size: size, recent: list.New(), byKey: map[string]*list.Element{}}
}

// Allow is Limiter's.
func (m *MemoryLimiter) Allow(key string, r Rate) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.byKey[key]
	if ok {
		m.recent.MoveToFront(e)
	} else {
		e = m.recent.PushFront(&bucket{key: key, limiter: rate.NewLimiter(rate.Every(r.Every), r.Burst)})
		m.byKey[key] = e
	}
	if m.recent.Len() > m.size {
		oldest := m.recent.Back()
		delete(m.byKey, m.recent.Remove(oldest).(*bucket).key)
	}
	return e.Value.(*bucket).limiter.AllowN(m.now(), 1)
}

// allowAddress counts a request of this address.
func (s *Service) allowAddress(r *http.Request, what string, limit Rate) bool {
	return s.Limiter.Allow(what+" "+network(s.Address(r)), limit)
}

// network is the part of an address that stands for one subscriber: all of
// IPv4, the first 64 bits of IPv6.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	if ip = ip.Unmap().WithZone(""); ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(64)
	if err != nil {
		return "unknown"
	}
	return prefix.String()
}
