package sweep

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"time"

	"keyward/pkg/integration"
)

// A Store keeps integrations, notices, ownership and the fleet's status; see
// conformance.Store.
type Store interface {
	Due(ctx context.Context, shard int, by time.Time, limit int) ([]integration.Due, error)
	Integration(ctx context.Context, id integration.ID) (integration.Integration, error)
	Notice(ctx context.Context, id integration.ID, dedupe string) (integration.Notice, error)
	Owner(ctx context.Context, fingerprint string) (integration.Owner, error)
	Commit(ctx context.Context, c integration.Change) error

	Count(ctx context.Context, s integration.State) (int, error)
	Fleet(ctx context.Context) (integration.FleetStatus, error)
	SetFleet(ctx context.Context, before, after integration.FleetStatus, ns []integration.Notice) error
	Marks(ctx context.Context, set integration.MarkSet, limit int) ([]integration.Mark, error)
	Unmark(ctx context.Context, set integration.MarkSet, id integration.ID) error
}

// A Vault forgets private keys; see conformance.Vault.
type Vault interface {
	Delete(ctx context.Context, id integration.ID, u integration.UploadID) error
}

// Objects is the upload bucket; see conformance.Objects.
type Objects interface {
	List(ctx context.Context, before time.Time, limit int) ([]integration.Object, error)
}

// A Queue carries messages to one function; see conformance.Queue.
type Queue interface {
	Send(ctx context.Context, message any, delay time.Duration) error
}

// DeadLetters is what the queues gave up on.
type DeadLetters interface {
	// Redrive moves at most limit messages back to the queues that they came
	// from. A message that was moved so rounds times already stays, for a
	// person to look at. It returns how many were moved, and how many stay.
	Redrive(ctx context.Context, limit, rounds int) (moved, stuck int, err error)
}

// Config is what the service needs.
type Config struct {
	Store        Store            // must
	Vault        Vault            // must
	Objects      Objects          // must
	Checks       Queue            // must: validate's
	Certificates Queue            // must
	Intake       Queue            // must
	Now          func() time.Time // must
	DeadLetters  DeadLetters      // may; default: dead letters are left alone
	Bucket       string           // may: named in messages about objects left behind
	Canary       integration.ID   // may: the integration that holds the vendor's own key; default none
	Random       io.Reader        // may: check IDs are made from it; default crypto/rand.Reader
	Logger       *slog.Logger     // may; default slog.Default()
	Margin       time.Duration    // may: no new work begins when less of the context's time is left; default 10 s

	// Heartbeat may be called at the end of each run, whatever came of it.
	Heartbeat func(context.Context, Result)
}

// A Service sweeps.
type Service struct {
	Config
}

// New makes a service. The error lists every field that is missing.
func New(c Config) (*Service, error) {
	if err := c.missing(); err != nil {
		return nil, err
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Margin <= 0 {
		c.Margin = 10 * time.Second
	}
	if c.Heartbeat == nil {
		c.Heartbeat = func(context.Context, Result) {}
	}
	return &Service{c}, nil
}

func (c Config) missing() error {
	var errs []error
	for name, absent := range map[string]bool{
		"Store": c.Store == nil, "Vault": c.Vault == nil, "Objects": c.Objects == nil, "Checks": c.Checks == nil,
		"Certificates": c.Certificates == nil, "Intake": c.Intake == nil, "Now": c.Now == nil,
	} {
		if absent {
			errs = append(errs, errors.New("sweep: Config."+name+" is missing"))
		}
	}
	return errors.Join(errs...)
}
