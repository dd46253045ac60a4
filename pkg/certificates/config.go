package certificates

import (
	"context"
	"log/slog"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
	"keyward/pkg/required"
)

// A Store keeps integrations and their certificates; see conformance.Store.
type Store interface {
	Integration(ctx context.Context, id integration.ID) (integration.Integration, error)
	Certificates(ctx context.Context, id integration.ID) ([]integration.Certificate, error)
	Commit(ctx context.Context, c integration.Change) error
}

// A Vault gives private keys; see conformance.Vault.
type Vault interface {
	Get(ctx context.Context, id integration.ID, u integration.UploadID) (keyfile.PrivateKey, error)
}

// Apple is App Store Connect. Errors are those that appstoreconnect.Classify
// understands.
type Apple interface {
	Certificates(ctx context.Context, creds appstoreconnect.Credentials) ([]appstoreconnect.Certificate, error)
}

// DefaultSlots is how many distribution certificates of one type a team may
// have at once, as far as practice shows; Apple's help says one, and the
// sources disagree [FIELD].
const DefaultSlots = 3

// Config is what the service needs.
type Config struct {
	Store  Store            // must
	Vault  Vault            // must
	Apple  Apple            // must
	Now    func() time.Time // must
	Slots  int              // may: distribution certificates of a type that a team may have; default DefaultSlots
	Logger *slog.Logger     // may; default slog.Default()
	Margin time.Duration    // may: what is left of the context's time when Apple has answered; default 5 s
}

// A Service takes inventories.
type Service struct {
	Config
}

// New makes a service. The error lists every field that is missing.
func New(c Config) (*Service, error) {
	err := required.Check("certificates",
		required.Field{Name: "Store", Absent: c.Store == nil},
		required.Field{Name: "Vault", Absent: c.Vault == nil},
		required.Field{Name: "Apple", Absent: c.Apple == nil},
		required.Field{Name: "Now", Absent: c.Now == nil},
	)
	if err != nil {
		return nil, err
	}
	if c.Slots <= 0 {
		c.Slots = DefaultSlots
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Margin <= 0 {
		c.Margin = 5 * time.Second
	}
	return &Service{c}, nil
}

// inTime gives Apple the context's time less the margin, or half of it where
// that is little: the list must still be written.
func (s *Service) inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	left := time.Until(end)
	return context.WithTimeout(ctx, max(left-s.Margin, left/2))
}
