package portal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/pages"
	"keyward/pkg/required"
)

// A Store is what the portal needs of the store; see conformance.Store.
type Store interface {
	Commit(ctx context.Context, c integration.Change) error
	Integration(ctx context.Context, id integration.ID) (integration.Integration, error)
	Link(ctx context.Context, hash string) (integration.Link, error)
	Upload(ctx context.Context, id integration.ID, u integration.UploadID) (integration.Upload, error)
	Uploads(ctx context.Context, id integration.ID) ([]integration.Upload, error)
	Contacts(ctx context.Context, id integration.ID) ([]integration.Contact, error)
	Find(ctx context.Context, lookup string) ([]integration.ID, error)
}

// Forms makes presigned upload forms; see conformance.Objects.
type Forms interface {
	Presign(ctx context.Context, r integration.FormRequest) (integration.Form, error)
}

// A Vendor is who asks for the key.
type Vendor struct {
	Name           string // must
	SupportAddress string // may; e-mail
	SupportURL     string // may
	Logo           *Logo  // may
}

// A Logo is shown in the header of every page, 28 pixels high.
type Logo struct {
	Format string // svg, png, jpg or webp
	Data   []byte
}

// Config is what a Service needs.
type Config struct {
	Vendor Vendor // must
	Store  Store  // must
	Forms  Forms  // must

	// PublicURL is where customers reach the portal, without a path: may;
	// default is what Origin says.
	PublicURL string
	// Origin tells scheme and host of a request, such as
	// "https://keys.example.com", where PublicURL does not: may; default is
	// the request's Host header. The host knows which headers it can trust.
	Origin func(*http.Request) string
	// Address tells who sends a request, for the limits: may; default is
	// RemoteAddr without its port.
	Address func(*http.Request) string

	FormLife time.Duration    // may; how long a presigned form lives; default 15 min
	Limits   Limits           // may
	Limiter  Limiter          // may; default in memory
	Now      func() time.Time // must
	Random   io.Reader        // may; default crypto/rand.Reader
	Logger   *slog.Logger     // may; default slog.Default()
}

// MaxFile is the largest file, in bytes, that intake reads: 64 KiB. The script
// sends none that is larger, or empty.
const MaxFile = 64 << 10

// MaxForm is the largest file, in bytes, that a form lets through, and an
// empty one passes too: what a person without JavaScript chose by mistake then
// gets a sentence of ours instead of the object store's XML. Intake refuses
// what is larger than MaxFile unread and deletes it.
const MaxForm = 10 << 20

// MaxUploads bounds how many uploads one link can begin.
const MaxUploads = 200

// What a request may bring, in bytes.
const (
	maxBody = 32 << 10
	maxURI  = 2 << 10
)

// A Service is the portal. Make it with New.
type Service struct {
	Config
	render *pages.Renderer
	assets *pages.Assets
	brand  pages.Brand
}

// New makes a portal. The error lists everything that is missing.
func New(cfg Config) (*Service, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Service{Config: cfg}
	if err := s.prepare(); err != nil {
		return nil, fmt.Errorf("portal: %w", err)
	}
	return s, nil
}

func (c Config) check() error {
	missing := required.Check("portal",
		required.Field{Name: "Vendor.Name", Absent: c.Vendor.Name == ""},
		required.Field{Name: "Store", Absent: c.Store == nil},
		required.Field{Name: "Forms", Absent: c.Forms == nil},
		required.Field{Name: "Now", Absent: c.Now == nil},
	)
	if c.PublicURL != "" && pages.Origin(c.PublicURL) != c.PublicURL {
		return errors.Join(missing, errors.New("portal: Config.PublicURL must be scheme and host, such as https://keys.example.com"))
	}
	return missing
}

func (c Config) withDefaults() Config {
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	if c.Origin == nil {
		c.Origin = hostOrigin
	}
	if c.Address == nil {
		c.Address = remoteAddress
	}
	if c.FormLife == 0 {
		c.FormLife = 15 * time.Minute
	}
	c.Limits = c.Limits.withDefaults()
	if c.Limiter == nil && c.Now != nil {
		c.Limiter = NewMemoryLimiter(c.Now, 0)
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

func hostOrigin(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return pages.Origin(scheme + "://" + r.Host)
}

func remoteAddress(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr // lambdaurl gives no port
}

// origin is where the portal is, as browsers see it.
func (s *Service) origin(r *http.Request) string {
	if s.PublicURL != "" {
		return s.PublicURL
	}
	return s.Origin(r)
}

func (s *Service) https(r *http.Request) bool { return strings.HasPrefix(s.origin(r), "https://") }
