package lambdahost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"keyward/infra/local"
	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/console"
	"keyward/pkg/operator"
	"keyward/pkg/pages"
)

// ServerConfig says where a Server listens.
type ServerConfig struct {
	Kit       *Kit            // must
	Dir       string          // must: for the credentials that the command line finds
	Addresses local.Addresses // must
	Vendor    app.Vendor      // must
	Logger    *slog.Logger    // must
	Log       func(function, line string)
}

// A Server is a Host by the wall clock, with a simulated App Store Connect,
// the console, an inbox and a clock beside it. Its state is moto's: gone when
// it ends.
type Server struct {
	Host  *Host
	Apple *asctest.Server
	cfg   ServerConfig
	doors []net.Listener // console, simulator
	web   []*http.Server
}

// NewServer deploys and begins to serve.
func NewServer(ctx context.Context, cfg ServerConfig) (*Server, error) {
	s := &Server{cfg: cfg}
	if err := s.open(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) open(ctx context.Context) error {
	for _, at := range [][2]string{{"console", s.cfg.Addresses.Console}, {"simulator", s.cfg.Addresses.Simulator}} {
		door, err := listen(at[0], at[1])
		if err != nil {
			return err
		}
		s.doors = append(s.doors, door)
	}
	clock := local.NewClock(0)
	s.Apple = asctest.New(asctest.Config{Now: clock.Now})
	if err := asctest.SampleTeams(s.Apple); err != nil {
		return err
	}
	var err error
	s.Host, err = New(ctx, Config{
		Template: s.cfg.Kit.Template, Build: s.cfg.Kit.Build, Moto: s.cfg.Kit.Moto, Clock: clock, Vendor: s.cfg.Vendor, Log: s.cfg.Log,
		Apple:      local.Apple{URL: s.appleURL(), EnterpriseURL: s.appleURL() + "/enterprise"},
		Addresses:  Addresses{Portal: s.cfg.Addresses.Portal, Uploads: s.cfg.Addresses.Uploads},
		Parameters: map[string]string{"ConsoleUrl": s.ConsoleURL()},
	})
	if err != nil {
		return err
	}
	front, err := s.front()
	if err != nil {
		return err
	}
	s.serve(s.doors[0], front)
	s.serve(s.doors[1], s.Apple.Site())
	return s.writeCredentials()
}

func (s *Server) serve(door net.Listener, handler http.Handler) {
	web := &http.Server{Handler: onlyAs(door.Addr().String(), handler), ReadHeaderTimeout: 10 * time.Second}
	s.web = append(s.web, web)
	go web.Serve(door)
}

// onlyAs refuses requests under another name: a page elsewhere whose name was
// made to lead to this machine.
func onlyAs(address string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != address {
			http.Error(w, "This server answers to its own address only.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// front is the console, with inbox and clock.
func (s *Server) front() (http.Handler, error) {
	client, err := operator.NewClient(operator.ClientConfig{
		BaseURL: s.Host.OperatorURL(), Authorize: operator.Bearer(s.Host.Credentials()[operator.Support]), UserAgent: "keyward-console",
	})
	if err != nil {
		return nil, err
	}
	c, err := console.New(console.Config{
		Client: client, Now: s.Host.cfg.Clock.Now, Logger: s.cfg.Logger,
		Nav: []pages.Link{{Text: "Inbox", URL: "/inbox"}, {Text: "Clock", URL: "/clock"}, {Text: "Simulated Apple", URL: s.AppleURL()}},
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /inbox", s.Host.inbox)
	mux.HandleFunc("GET /clock", s.Host.clock)
	mux.HandleFunc("POST /clock", s.Host.moveClock)
	mux.Handle("/", c.Handler())
	return http.NewCrossOriginProtection().Handler(mux), nil
}

// writeCredentials leaves the roles' tokens where the command line finds them.
func (s *Server) writeCredentials() error {
	c := s.Host.Credentials()
	text, err := json.MarshalIndent(map[string]string{
		"url": s.Host.OperatorURL(), "support": c[operator.Support], "automation": c[operator.Automation], "export": c[operator.Export],
	}, "", "  ")
	if err == nil {
		err = os.MkdirAll(s.cfg.Dir, 0o700)
	}
	path := filepath.Join(s.cfg.Dir, "credentials.json")
	if err == nil {
		if err = os.Remove(path); errors.Is(err, os.ErrNotExist) {
			err = nil
		}
	}
	if err == nil {
		err = os.WriteFile(path, append(text, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("writing the credentials: %w", err)
	}
	return nil
}

func (s *Server) appleURL() string { return "http://" + s.doors[1].Addr().String() }

// AppleURL is the simulator's page.
func (s *Server) AppleURL() string { return s.appleURL() + "/simulator/" }

// ConsoleURL is support's home.
func (s *Server) ConsoleURL() string { return "http://" + s.doors[0].Addr().String() }

// PortalURL is where customers' links lead.
func (s *Server) PortalURL() string { return s.Host.PortalURL() }

// Run lives until the context ends.
func (s *Server) Run(ctx context.Context) error { return s.Host.Run(ctx) }

// Close ends all processes and shuts the doors.
func (s *Server) Close() error {
	var errs []error
	for _, w := range s.web {
		errs = append(errs, w.Close())
	}
	for _, d := range s.doors {
		d.Close() // its server did so, if it has one
	}
	if s.Host != nil {
		errs = append(errs, s.Host.Close())
	}
	return errors.Join(errs...)
}
