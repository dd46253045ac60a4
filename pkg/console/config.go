package console

import (
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"keyward/pkg/operator"
	"keyward/pkg/pages"
	"keyward/pkg/required"
)

//go:embed templates/* assets/*
var files embed.FS

// Config configures the console.
type Config struct {
	// Client must be given; its role must be support.
	Client *operator.Client
	// Now must be given: the clock that times are told against.
	Now func() time.Time
	// Hosts may name the hosts, without port, that the console is reached
	// under. Default: localhost and the loopback addresses.
	Hosts []string
	// Nav may add links to the header of every page.
	Nav []pages.Link
	// Random may replace crypto/rand.Reader.
	Random io.Reader
	// Logger may replace slog.Default().
	Logger *slog.Logger
}

// A Console serves the pages. It must be at the root of its origin.
type Console struct {
	Config
	assets   *pages.Assets
	renderer *pages.Renderer
}

// New makes a console. The error names all that is missing.
func New(cfg Config) (*Console, error) {
	err := required.Check("console",
		required.Field{Name: "Client", Absent: cfg.Client == nil},
		required.Field{Name: "Now", Absent: cfg.Now == nil},
	)
	if err != nil {
		return nil, err
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	c := &Console{Config: cfg}
	return c, c.load()
}

func (c *Console) load() error {
	base, err1 := fs.ReadFile(pages.Base(), "base.css")
	own, err2 := files.ReadFile("assets/console.css")
	templates, err3 := fs.Sub(files, "templates")
	assets, err4 := pages.NewAssets(pages.Base())
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return fmt.Errorf("opening the console's files: %w", err)
	}
	// The layout links base.css alone, so that the console's own goes into it.
	err := assets.Add("base.css", slices.Concat(base, own))
	if err != nil {
		return err
	}
	c.assets = assets
	c.renderer, err = pages.NewRenderer(pages.RendererConfig{
		Assets: c.assets, Templates: templates, Funcs: c.funcs(), Log: c.Logger,
	})
	return err
}

// knownHost keeps out names that somebody else has pointed at this address:
// a page of theirs would count as ours.
func (c *Console) knownHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if len(c.Hosts) > 0 {
		return slices.Contains(c.Hosts, host)
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// guard refuses unknown hosts, and changes that other sites' pages ask for.
func (c *Console) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		changes := r.Method != http.MethodGet && r.Method != http.MethodHead
		switch {
		case !c.knownHost(r.Host):
			c.fail(w, r, http.StatusMisdirectedRequest)
		case changes && !pages.SameOrigin(r, origin(r)):
			c.fail(w, r, http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func origin(r *http.Request) string {
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
