package sweep

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/required"
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
	err := required.Check("sweep",
		required.Field{Name: "Store", Absent: c.Store == nil},
		required.Field{Name: "Vault", Absent: c.Vault == nil},
		required.Field{Name: "Objects", Absent: c.Objects == nil},
		required.Field{Name: "Checks", Absent: c.Checks == nil},
		required.Field{Name: "Certificates", Absent: c.Certificates == nil},
		required.Field{Name: "Intake", Absent: c.Intake == nil},
		required.Field{Name: "Now", Absent: c.Now == nil},
	)
	if err != nil {
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
