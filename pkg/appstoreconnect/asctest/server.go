package asctest

import (
	"crypto/rand"
	"io"
	"net/http"
	"sync"
	"time"

	"keyward/pkg/appstoreconnect/asctest/internal/digest"
)

// Config configures a Server. The zero value is ready for use.
type Config struct {
	// Now is Apple's clock. May be nil: time.Now. Server.Advance moves the
	// simulator on from there.
	Now func() time.Time
	// Random is where IDs and serial numbers come from. May be nil:
	// crypto/rand.Reader. Private keys are always from crypto/rand.
	Random io.Reader
	// RateLimit is how many requests a key has per rolling hour. May be 0:
	// 3500, as Apple's documentation shows. Negative: no limit.
	RateLimit int
	// SlotLimit is how many distribution certificates of one type a team may
	// have at a time; DISTRIBUTION and IOS_DISTRIBUTION are counted apart.
	// May be 0: 3 [FIELD: sources disagree, 1 to 3].
	SlotLimit int
	// TokenLeeway is how far in the future a token's iat may be. May be 0:
	// 30 s [GUESS]. There is no leeway for exp.
	TokenLeeway time.Duration
	// Roles says what each role may do. May be nil: DefaultRoles.
	Roles RoleTable
	// RefusedCertificateTypes are values of filter[certificateType] that are
	// refused with PARAMETER_ERROR.INVALID although the document lists them. May
	// be nil: the two second generations of Developer ID, which Apple has refused
	// since June 2025 [FIELD: codemagic-ci-cd/cli-tools#467].
	RefusedCertificateTypes []string
	// OCSPURL goes into issued certificates. May be empty: they name none.
	OCSPURL string
	// OnChange is called after every change of what Snapshot holds, on the
	// goroutine that made it and without a lock, so it may call Snapshot.
	// May be nil.
	OnChange func()
}

// A Server is a simulated App Store Connect. It serves the API of the standard
// program; every method is safe for concurrent use.
type Server struct {
	cfg      Config
	shapes   *digest.Digest
	schemas  map[string]schema // by resource type
	standard *api
	tokens   tokenCache
	faults   faultSet
	journal  journal
	ca       authority

	randMu sync.Mutex // guards cfg.Random

	mu      sync.RWMutex // guards everything below; never held while encoding
	offset  time.Duration
	teams   map[string]*team
	order   []string // of team IDs, as added
	keys    map[string]*key
	samples []SampleFile
}

// New makes a Server without teams.
func New(cfg Config) *Server {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.RateLimit == 0 {
		cfg.RateLimit = 3500
	}
	if cfg.SlotLimit == 0 {
		cfg.SlotLimit = 3
	}
	if cfg.TokenLeeway == 0 {
		cfg.TokenLeeway = 30 * time.Second
	}
	if cfg.RefusedCertificateTypes == nil {
		cfg.RefusedCertificateTypes = []string{"DEVELOPER_ID_APPLICATION_G2", "DEVELOPER_ID_KEXT_G2"}
	}
	if cfg.Roles == nil {
		cfg.Roles = DefaultRoles()
	}
	shapes := digest.Load()
	s := &Server{cfg: cfg, shapes: shapes, schemas: schemasOf(shapes), teams: map[string]*team{}, keys: map[string]*key{}}
	s.standard = &api{server: s, program: Standard, audience: "appstoreconnect-v1"}
	return s
}

// ServeHTTP answers a request of the standard program, whatever path the
// handler is mounted under: the API begins at the first /v1/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.standard.ServeHTTP(w, r) }

// Enterprise is the API of the Apple Developer Enterprise Program, which has a
// host, an audience and teams of its own [FIELD]. It shares the store.
func (s *Server) Enterprise() http.Handler {
	return &api{server: s, program: Enterprise, audience: "apple-developer-enterprise-v1"}
}

// Site serves everything under one origin: /v1/ is the standard program,
// /enterprise/v1/ the enterprise program, /simulator/ the page that controls
// both; / leads to the page.
func (s *Server) Site() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/", s)
	mux.Handle("/enterprise/v1/", s.Enterprise())
	mux.Handle("/simulator/", http.StripPrefix("/simulator", s.Admin()))
	mux.Handle("GET /{$}", http.RedirectHandler("/simulator/", http.StatusFound))
	return mux
}

// Now is the simulator's time: Config.Now and what Advance added.
func (s *Server) Now() time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.cfg.Now().Add(s.offset)
}

// Advance moves the simulator's clock on, or back where d is negative. Its
// clients' clocks stay: beyond a few minutes their tokens are refused.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	s.offset += d
	s.mu.Unlock()
	s.changed()
}

// changed tells the host that there is something new to store.
func (s *Server) changed() {
	if s.cfg.OnChange != nil {
		s.cfg.OnChange()
	}
}
