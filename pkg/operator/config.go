package operator

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
	"keyward/pkg/required"
)

// A Store keeps integrations; see conformance.Store for the contract.
type Store interface {
	Commit(ctx context.Context, c integration.Change) error
	Integration(ctx context.Context, id integration.ID) (integration.Integration, error)
	Uploads(ctx context.Context, id integration.ID) ([]integration.Upload, error)
	Contacts(ctx context.Context, id integration.ID) ([]integration.Contact, error)
	Certificates(ctx context.Context, id integration.ID) ([]integration.Certificate, error)
	Notices(ctx context.Context, id integration.ID) ([]integration.Notice, error)
	History(ctx context.Context, id integration.ID, cursor string, limit int) ([]integration.Entry, string, error)
	Find(ctx context.Context, lookup string) ([]integration.ID, error)
	List(ctx context.Context, f integration.Filter) (integration.Page, error)
	Count(ctx context.Context, s integration.State) (int, error)
	Fleet(ctx context.Context) (integration.FleetStatus, error)
	SetFleet(ctx context.Context, before, after integration.FleetStatus, ns []integration.Notice) error
	Marks(ctx context.Context, set integration.MarkSet, limit int) ([]integration.Mark, error)
}

// A Vault gives the private key that a token is signed with.
type Vault interface {
	Get(ctx context.Context, id integration.ID, u integration.UploadID) (keyfile.PrivateKey, error)
}

// Config configures a Service.
type Config struct {
	// Store must be given.
	Store Store
	// Vault must be given.
	Vault Vault
	// Now must be given: the clock.
	Now func() time.Time
	// Roles must be given: what each ARN may do. A role's ARN stands for
	// everybody who has assumed it; a path in it does not matter, because a
	// caller's ARN does not carry it.
	Roles map[string]Role
	// Caller may say who sent a request, as an ARN; empty means nobody who
	// is known. Default: FunctionURLCaller.
	Caller func(*http.Request) string
	// Levels may replace the access levels on offer. Default:
	// integration.Levels(). Those that ask for the vendor's own user come from
	// integration.AskForUser.
	Levels []integration.AccessLevel
	// Random may replace the source of IDs. Default: crypto/rand.Reader.
	Random io.Reader
	// Logger may replace slog.Default(). Codes and IDs are logged, nothing else.
	Logger *slog.Logger
}

// A Service answers the API. It is safe for concurrent use.
type Service struct {
	Config
	directory directory
}

// New makes a service. The error names everything that is missing or wrong.
func New(cfg Config) (*Service, error) {
	dir, err := newDirectory(cfg.Roles)
	err = errors.Join(required.Check("operator",
		required.Field{Name: "Store", Absent: cfg.Store == nil},
		required.Field{Name: "Vault", Absent: cfg.Vault == nil},
		required.Field{Name: "Now", Absent: cfg.Now == nil},
		required.Field{Name: "Roles", Absent: len(cfg.Roles) == 0},
	), err, checkLevels(cfg.Levels))
	if err != nil {
		return nil, err
	}
	return &Service{Config: cfg.withDefaults(), directory: dir}, nil
}

func (cfg Config) withDefaults() Config {
	if cfg.Caller == nil {
		cfg.Caller = FunctionURLCaller
	}
	if cfg.Levels == nil {
		cfg.Levels = integration.Levels()
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return cfg
}
