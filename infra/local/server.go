package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/console"
	"keyward/pkg/embedded"
	"keyward/pkg/operator"
	"keyward/pkg/pages"
)

// ServerConfig says where a Server listens and keeps its state.
type ServerConfig struct {
	Dir       string // must: for the state and the credentials
	Addresses Addresses
	Vendor    app.Vendor
	// Apple may be the URL of a real App Store Connect; empty: a simulator
	// runs beside Keyward.
	Apple  string
	Logger *slog.Logger // must
}

// Addresses are where the parts listen, all on this machine.
type Addresses struct{ Portal, Console, Uploads, Simulator string }

// A Server is a Host with its web servers: what `keyward local` runs.
type Server struct {
	cfg     ServerConfig
	Host    *Host
	Apple   *asctest.Server         // nil with a real App Store Connect
	doors   map[string]net.Listener // by flag
	servers []served
}

// served is a web server and the door that it serves.
type served struct {
	*http.Server
	door net.Listener
}

// An AddressError says that a part cannot listen where it should, and which
// flag says where.
type AddressError struct {
	Flag, Address string
	Err           error
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("cannot listen on %s: %v. Choose another address with --%s, such as --%s=127.0.0.1:0 for any that is free",
		e.Address, e.Err, e.Flag, e.Flag)
}

func (e *AddressError) Unwrap() error { return e.Err }

var errNotLoopback = errors.New("keys would travel unencrypted: only addresses of this machine are allowed, such as 127.0.0.1:8080")

// NewServer opens the state and the doors; nothing is served yet.
func NewServer(ctx context.Context, cfg ServerConfig) (*Server, error) {
	s := &Server{cfg: cfg, doors: map[string]net.Listener{}}
	if err := s.open(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) open(ctx context.Context) error {
	if err := s.free(); err != nil {
		return err
	}
	a := s.cfg.Addresses
	portal, err := s.listen("portal", a.Portal)
	if err != nil {
		return err
	}
	desk, err := s.listen("console", a.Console)
	if err != nil {
		return err
	}
	uploads, err := s.listen("uploads", a.Uploads)
	if err != nil {
		return err
	}
	clock := NewClock(0)
	apple := Apple{URL: s.cfg.Apple}
	if s.cfg.Apple == "" {
		door, err := s.listen("simulator", a.Simulator)
		if err != nil {
			return err
		}
		s.Apple = asctest.New(asctest.Config{Now: clock.Now, OnChange: s.keepApple})
		apple = Apple{URL: origin(door), EnterpriseURL: origin(door) + "/enterprise"}
		s.serve(door, onlyHere(door, s.Apple.Site()))
	}
	s.Host, err = New(Config{
		Path: s.StatePath(), Clock: clock, Vendor: s.cfg.Vendor, Apple: apple, Logger: s.cfg.Logger,
		PortalURL: origin(portal), UploadsURL: origin(uploads) + "/", ConsoleURL: origin(desk),
	})
	if err != nil {
		return err
	}
	if err := s.remember(ctx, clock); err != nil {
		return err
	}
	front, err := s.front(desk)
	if err != nil {
		return err
	}
	s.serve(portal, onlyHere(portal, s.Host.Portal()))
	s.serve(uploads, onlyHere(uploads, s.Host.Uploads()))
	s.serve(desk, onlyHere(desk, front))
	return nil
}

// free tells whether nobody else uses the state: whoever starts Keyward twice
// learns that before anything of ports.
func (s *Server) free() error {
	db, err := embedded.Open(embedded.Config{Path: s.StatePath()})
	if err != nil {
		return err
	}
	return db.Close()
}

// StatePath is the one file that holds the state.
func (s *Server) StatePath() string { return filepath.Join(s.cfg.Dir, "keyward.db") }

func (s *Server) listen(flag, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &AddressError{flag, address, err}
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, &AddressError{flag, address, errNotLoopback}
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return nil, &AddressError{flag, address, err}
	}
	s.doors[flag] = l
	return l, nil
}

func origin(l net.Listener) string { return "http://" + l.Addr().String() }

func (s *Server) serve(l net.Listener, h http.Handler) {
	s.servers = append(s.servers, served{door: l, Server: &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(s.cfg.Logger.Handler(), slog.LevelWarn),
	}})
}

// onlyHere refuses requests under another name than the listener's own: a
// page elsewhere whose name was made to lead to this machine.
func onlyHere(l net.Listener, next http.Handler) http.Handler {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	refuse := pages.Headers(nil)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "This server answers to its own address only.", http.StatusMisdirectedRequest)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, p, err := net.SplitHostPort(r.Host)
		if ip := net.ParseIP(host); err != nil || p != port || (host != "localhost" && (ip == nil || !ip.IsLoopback())) {
			refuse.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// front puts console, desk and the operator's API behind one door.
func (s *Server) front(l net.Listener) (http.Handler, error) {
	base := origin(l)
	client, err := operator.NewClient(operator.ClientConfig{
		BaseURL: base + apiPath, Authorize: operator.Bearer(s.Host.Credentials()[operator.Support]), UserAgent: "keyward-console",
	})
	if err != nil {
		return nil, err
	}
	nav := []pages.Link{{Text: "Inbox", URL: "/inbox"}, {Text: "Clock", URL: "/clock"}}
	if s.Apple != nil {
		nav = append(nav, pages.Link{Text: "Simulated Apple", URL: s.AppleURL()})
	}
	c, err := console.New(console.Config{Client: client, Nav: nav, Now: s.Host.cfg.Clock.Now, Logger: s.cfg.Logger})
	if err != nil {
		return nil, err
	}
	fixed := ""
	if s.Apple == nil {
		fixed = "Keyward speaks to the real App Store Connect"
	}
	desk, err := NewDesk(DeskConfig{Host: s.Host, Origin: base, Nav: append(slices.Clone(support), nav...), Fixed: fixed})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(apiPath+"/", http.StripPrefix(apiPath, s.Host.Operator()))
	for _, path := range []string{"/inbox", "/inbox/", "/clock"} {
		mux.Handle(path, desk.Handler())
	}
	mux.Handle("/", c.Handler())
	return pages.Headers(nil)(mux), nil // of the redirects to cleaner paths, too
}

// support are the console's own pages, for the head of the desk's.
var support = []pages.Link{{Text: "Overview", URL: "/"}, {Text: "Integrations", URL: "/integrations"}, {Text: "Invite", URL: "/invite"}}

// apiPath is where the operator's API is, beside the console.
const apiPath = "/api"

// PortalURL is where customers' links lead.
func (s *Server) PortalURL() string { return origin(s.doors["portal"]) }

// ConsoleURL is support's home.
func (s *Server) ConsoleURL() string { return origin(s.doors["console"]) }

// OperatorURL is the operator's API.
func (s *Server) OperatorURL() string { return s.ConsoleURL() + apiPath }

// AppleURL is the simulator's page; empty with a real App Store Connect.
func (s *Server) AppleURL() string {
	if s.Apple == nil {
		return ""
	}
	return origin(s.doors["simulator"]) + "/simulator/"
}

// Run serves until the context ends, then lets requests under way finish.
func (s *Server) Run(ctx context.Context) error {
	if err := s.writeCredentials(); err != nil {
		return err
	}
	failed := make(chan error, len(s.servers))
	for _, server := range s.servers {
		go func() { failed <- server.Serve(server.door) }()
	}
	done := make(chan error, 1)
	running, stop := context.WithCancel(ctx)
	defer stop()
	go func() { done <- s.Host.Run(running) }()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for _, server := range s.servers {
		server.Shutdown(end)
	}
	<-done
	return err
}

// Close shuts the doors and lets go of the state.
func (s *Server) Close() error {
	for _, l := range s.doors {
		l.Close()
	}
	if s.Host == nil {
		return nil
	}
	return s.Host.Close()
}
