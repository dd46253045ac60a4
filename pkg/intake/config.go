package intake

import (
	"context"
	"log/slog"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
	"keyward/pkg/required"
)

// A Store keeps integrations, uploads and ownership; see conformance.Store.
type Store interface {
	Integration(ctx context.Context, id integration.ID) (integration.Integration, error)
	Upload(ctx context.Context, id integration.ID, u integration.UploadID) (integration.Upload, error)
	Owner(ctx context.Context, fingerprint string) (integration.Owner, error)
	Commit(ctx context.Context, c integration.Change) error
}

// Objects is the upload bucket; see conformance.Objects.
type Objects interface {
	Read(ctx context.Context, key, etag string) (integration.Object, error)
	Delete(ctx context.Context, key, etag string) error
}

// A Vault keeps private keys; see conformance.Vault.
type Vault interface {
	Put(ctx context.Context, id integration.ID, u integration.UploadID, k keyfile.PrivateKey) error
	Get(ctx context.Context, id integration.ID, u integration.UploadID) (keyfile.PrivateKey, error)
	Delete(ctx context.Context, id integration.ID, u integration.UploadID) error
}

// Apple is App Store Connect.
type Apple interface {
	Check(ctx context.Context, creds appstoreconnect.Credentials, plan appstoreconnect.Plan) integration.Outcome
	Identify(ctx context.Context, creds appstoreconnect.Credentials) (appstoreconnect.Credentials, integration.Outcome)
}

// A Queue brings messages back to this package's Handler.
type Queue interface {
	Send(ctx context.Context, message any, delay time.Duration) error
}

// Config is what the service needs.
type Config struct {
	Store   Store            // must
	Objects Objects          // must
	Vault   Vault            // must
	Apple   Apple            // must
	Queue   Queue            // must: intake's own queue
	Now     func() time.Time // must
	Bucket  string           // may: named in delayed messages, for whoever reads the queue
	Logger  *slog.Logger     // may; default slog.Default()
	Margin  time.Duration    // may: what is left of the context's time when Apple has answered; default 10 s
}

// A Service judges uploads.
type Service struct {
	Config
}

// New makes a service. The error lists every field that is missing.
func New(c Config) (*Service, error) {
	err := required.Check("intake",
		required.Field{Name: "Store", Absent: c.Store == nil},
		required.Field{Name: "Objects", Absent: c.Objects == nil},
		required.Field{Name: "Vault", Absent: c.Vault == nil},
		required.Field{Name: "Apple", Absent: c.Apple == nil},
		required.Field{Name: "Queue", Absent: c.Queue == nil},
		required.Field{Name: "Now", Absent: c.Now == nil},
	)
	if err != nil {
		return nil, err
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Margin <= 0 {
		c.Margin = 10 * time.Second
	}
	return &Service{c}, nil
}

// inTime gives Apple the context's time less the margin, or half of it where
// that is little: the verdict must still be written.
func (s *Service) inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	left := time.Until(end)
	return context.WithTimeout(ctx, max(left-s.Margin, left/2))
}
