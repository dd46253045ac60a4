package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"keyward/infra/e2e/gate"
	"keyward/infra/e2e/iam"
	"keyward/infra/e2e/moto"
	"keyward/infra/e2e/queues"
	"keyward/infra/e2e/template"
	"keyward/infra/local"
	"keyward/pkg/app"
)

// Config says what a Host works with.
type Config struct {
	Template template.Document // must: after SAM's transform
	Build    Build             // must: the bootstraps
	Moto     *moto.Server      // must: empty
	Clock    *local.Clock      // must
	Vendor   app.Vendor        // must
	Apple    local.Apple       // may: where functions find App Store Connect; default Apple's own
}

// A Host is a deployed stack.
type Host struct {
	cfg       Config
	stack     *template.Stack
	authority *iam.Authority
	gate      *gate.Gate
	queues    *queues.Queues
	doors     map[string]net.Listener
	servers   []*http.Server

	gateURL, clockURL, portalURL, operatorURL string

	callers   map[string]gate.Caller // by access key ID
	tokens    tokens
	functions map[string]*function // by logical ID
	mappings  []local.Mapping
	retried   []*local.StreamMapping // those of the mappings that wait before they try again
	streams   []*stream
	rules     []rule
	timers    []timer
	due       due
	began     time.Time
	turning   sync.Mutex // one settling at a time

	mu       sync.Mutex
	events   []map[string]any // on their way to EventBridge
	arrivals int
	mails    []gate.Mail
	troubles []string
	tally    map[string]int // checks by integration
}

// New deploys the template. Its error says what AWS would not have deployed,
// or what the harness does not understand.
func New(ctx context.Context, cfg Config) (*Host, error) {
	if cfg.Template == nil || cfg.Build == nil || cfg.Moto == nil || cfg.Clock == nil {
		return nil, errors.New("e2e: Config needs Template, Build, Moto and Clock")
	}
	h := &Host{
		cfg: cfg, doors: map[string]net.Listener{}, callers: map[string]gate.Caller{}, functions: map[string]*function{}, tally: map[string]int{},
		began: cfg.Clock.Now().Truncate(time.Minute), tokens: newTokens(),
	}
	if err := h.deploy(ctx); err != nil {
		h.Close()
		return nil, fmt.Errorf("deploying: %w", err)
	}
	return h, nil
}

func (h *Host) deploy(ctx context.Context) error {
	err := h.open()
	if err != nil {
		return err
	}
	if h.stack, err = template.Resolve(h.cfg.Template, template.Options{Parameters: h.parameters(), Region: moto.Region, Account: moto.Account}); err != nil {
		return err
	}
	if h.authority, err = iam.Read(h.stack); err != nil {
		return err
	}
	if err := provision(ctx, h.cfg.Moto, h.stack); err != nil {
		return err
	}
	h.queues = queues.New(queues.Config{
		Moto: h.cfg.Moto.URL, Authorization: moto.Authorization("sqs"), Now: h.cfg.Clock.Now, Queues: h.queueFacts(),
	})
	if err := errors.Join(h.makeFunctions(), h.makeSources()); err != nil {
		return err
	}
	if err := h.makeGate(); err != nil {
		return err
	}
	urls, err := h.functionURLs()
	if err != nil {
		return err
	}
	h.serve("uploads", h.gate)
	h.serve("clock", http.HandlerFunc(h.tellTime))
	h.serve("portal", urls["PortalFunction"])
	h.serve("operator", urls["OperatorFunction"])
	return nil
}

// open opens the doors before anything is known of the stack: the portal's
// address is one of its parameters.
func (h *Host) open() error {
	for _, name := range []string{"portal", "operator", "uploads", "clock"} {
		door, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		h.doors[name] = door
	}
	origin := func(name string) string { return "http://" + h.doors[name].Addr().String() }
	h.gateURL, h.clockURL, h.portalURL, h.operatorURL = origin("uploads"), origin("clock"), origin("portal"), origin("operator")
	return nil
}

// serve begins to answer at a door. A function without a URL answers nothing.
func (h *Host) serve(door string, handler http.Handler) {
	if handler == nil {
		handler = http.NotFoundHandler()
	}
	s := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	h.servers = append(h.servers, s)
	go s.Serve(h.doors[door])
}

// parameters are what a person would type at the first deployment.
func (h *Host) parameters() map[string]string {
	return map[string]string{
		"Stage": "dev", "VendorName": h.cfg.Vendor.Name, "SenderAddress": h.cfg.Vendor.Sender, "SupportAddress": h.cfg.Vendor.Support,
		"PublicUrl": h.portalURL, "AppleUrl": h.cfg.Apple.URL, "AppleEnterpriseUrl": h.cfg.Apple.EnterpriseURL,
		"SupportRoleArn": roleARN("support"), "AutomationRoleArn": roleARN("automation"), "ExportRoleArn": roleARN("export"),
	}
}

func (h *Host) makeGate() error {
	to, err := url.Parse(h.cfg.Moto.URL)
	if err != nil {
		return err
	}
	h.gate = gate.New(gate.Config{
		Moto: to, Self: h.gateURL, Region: moto.Region, Account: moto.Account, Callers: h.callers, Now: h.cfg.Clock.Now,
		Keys: h.bucketKeys(), Queue: h.queues, Sender: h.identity, Created: h.created, Wrote: h.wrote, Sent: h.sent,
		Allowed: func(r gate.Request) bool {
			return h.authority.Evaluate(r.Role, r.Action, r.Resource, r.Context).Allowed
		},
		Denied: func(r gate.Request) { h.trouble("denied: %s may not %s on %s", r.Role, r.Action, r.Resource) },
	})
	return nil
}

func (h *Host) tellTime(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte(h.cfg.Clock.Now().UTC().Format(time.RFC3339Nano)))
}

// Close ends all processes and closes the doors. Moto stays.
func (h *Host) Close() error {
	for _, f := range h.functions {
		f.Close()
	}
	var errs []error
	for _, s := range h.servers {
		errs = append(errs, s.Close())
	}
	for _, d := range h.doors {
		d.Close() // its server did so, if it has one
	}
	return errors.Join(errs...)
}
