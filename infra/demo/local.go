package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"slices"
	"time"

	"keyward/infra/local"
	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// LocalConfig configures a Local.
type LocalConfig struct {
	Start  time.Time    // may: the virtual time at which it begins; default 2 March 2026, 09:00 UTC
	Random io.Reader    // may: default crypto/rand.Reader; see Seeded
	Logger *slog.Logger // may: default none
}

// A Local is a World in one process: all of Keyward on embedded adapters, in
// memory, and web servers on free ports of 127.0.0.1.
type Local struct {
	host     *local.Host
	clock    *local.Clock
	apple    *asctest.Server
	tally    *tally
	servers  []*http.Server
	portal   string
	operator string
	site     string // the simulator's
}

const supportAddress = "support@vendor.example"

// NewLocal builds the world and begins to serve.
func NewLocal(cfg LocalConfig) (*Local, error) {
	if cfg.Start.IsZero() {
		cfg.Start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	l := &Local{clock: local.NewFrozenClock(cfg.Start), tally: newTally(cfg.Logger.Handler())}
	if err := l.build(cfg); err != nil {
		l.Close()
		return nil, fmt.Errorf("building a world: %w", err)
	}
	return l, nil
}

func (l *Local) build(cfg LocalConfig) error {
	doors := make([]net.Listener, 4)
	for i := range doors {
		door, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		doors[i] = door
		l.servers = append(l.servers, &http.Server{ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(l.tally, slog.LevelWarn)})
	}
	origin := func(i int) string { return "http://" + doors[i].Addr().String() }
	l.portal, l.operator, l.site = origin(0), origin(1), origin(2)
	l.apple = asctest.New(asctest.Config{Now: l.clock.Now, Random: cfg.Random})
	host, err := local.New(local.Config{
		Clock: l.clock, Vendor: app.Vendor{Name: "Example Apps", Support: supportAddress, Sender: "keyward@vendor.example"},
		Apple:     local.Apple{URL: l.site, EnterpriseURL: l.site + "/enterprise"},
		PortalURL: l.portal, UploadsURL: origin(3) + "/", Random: cfg.Random, Logger: slog.New(l.tally),
	})
	if err != nil {
		return errors.Join(err, closeAll(doors))
	}
	l.host = host
	for i, h := range []http.Handler{host.Portal(), host.Operator(), l.apple.Site(), host.Uploads()} {
		l.servers[i].Handler = h
		go l.servers[i].Serve(doors[i])
	}
	return nil
}

func closeAll(doors []net.Listener) (err error) {
	for _, d := range doors {
		err = errors.Join(err, d.Close())
	}
	return err
}

// Close stops serving and forgets everything.
func (l *Local) Close() error {
	var errs []error
	for _, s := range l.servers {
		errs = append(errs, s.Close())
	}
	if l.host != nil {
		errs = append(errs, l.host.Close())
	}
	return errors.Join(errs...)
}

// Now is the virtual time.
func (l *Local) Now() time.Time { return l.clock.Now() }

// Advance lets time pass.
func (l *Local) Advance(ctx context.Context, d time.Duration) error { return l.host.Advance(ctx, d) }

// Mails are all in the inbox, the oldest first.
func (l *Local) Mails(ctx context.Context) ([]Mail, error) {
	list, err := l.host.Inbox().List(ctx, math.MaxInt)
	if err != nil {
		return nil, err
	}
	var out []Mail
	for _, m := range slices.Backward(list) {
		out = append(out, Mail{At: m.At, Mail: m.Mail})
	}
	return out, nil
}

// Operator speaks in the role.
func (l *Local) Operator(r operator.Role) (*operator.Client, error) {
	return operator.NewClient(operator.ClientConfig{
		BaseURL: l.operator, Authorize: operator.Bearer(l.host.Credentials()[r]), UserAgent: "keyward-demo",
	})
}

// PortalURL is the portal's origin.
func (l *Local) PortalURL() string { return l.portal }

// SupportAddress is where mails to support go.
func (l *Local) SupportAddress() string { return supportAddress }

// Secrets are the names of all secrets.
func (l *Local) Secrets(ctx context.Context) ([]string, error) { return l.host.Vault().Names(ctx) }

// Objects is how many files lie in the bucket.
func (l *Local) Objects(ctx context.Context) (int, error) {
	list, err := l.host.Objects().List(ctx, l.Now().Add(time.Second), 100)
	return len(list), err
}

// Deliver puts a message into the queue of validate.
func (l *Local) Deliver(ctx context.Context, m integration.CheckMessage) error {
	return l.host.DeliverCheck(ctx, m)
}

// Checks tells how many checks each integration has had.
func (l *Local) Checks() map[integration.ID]int { return l.tally.counts() }

// Apple is the simulator.
func (l *Local) Apple() Apple { return l.apple }

// AppleURL is where the simulator answers.
func (l *Local) AppleURL() string { return l.site }
