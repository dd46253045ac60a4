package notify

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/mail"
	"net/url"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/required"
)

const (
	// MaxAge is the age at which a notice is not sent any more: what it says
	// may be long untrue, and a table restored from a backup must not mail.
	MaxAge = 48 * time.Hour
	// MaxAttempts is how many times a mail may be handed over without a clear
	// answer before Keyward gives up and tells support.
	MaxAttempts = 2
)

// A Store is what notify needs of the table; see conformance.Store.
type Store interface {
	Commit(ctx context.Context, c integration.Change) error
	Integration(ctx context.Context, id integration.ID) (integration.Integration, error)
	Notice(ctx context.Context, id integration.ID, dedupe string) (integration.Notice, error)
	Contacts(ctx context.Context, id integration.ID) ([]integration.Contact, error)
	Notices(ctx context.Context, id integration.ID) ([]integration.Notice, error)
}

// A Mailer hands mails to their transport. An error other than
// integration's ErrUndeliverable, ErrInvalid (both: never to this address),
// integration.ErrNotSent and ErrThrottled leaves open whether the mail went out.
type Mailer interface {
	Send(ctx context.Context, m integration.Mail) (string, error)
}

// A Config says what a Service works with.
type Config struct {
	Store  Store  // must
	Mailer Mailer // must

	Vendor         string // must: the name that customers know; the sender's display name
	Sender         string // must: bare address that mails come from
	SupportAddress string // must: bare address of the vendor's support; replies go there
	PublicURL      string // must: the portal's origin, such as https://keys.example.com
	ConsoleURL     string // may: the console's origin, for mails to support; default: none is shown

	Now         func() time.Time // must
	Random      io.Reader        // may: default crypto/rand.Reader
	Logger      *slog.Logger     // may: default slog.Default()
	Lease       time.Duration    // may: default 5 minutes; must exceed SendTimeout
	SendTimeout time.Duration    // may: default 20 seconds for one mail
}

// A Service sends notices.
type Service struct {
	Config
	renderer *Renderer
}

// New checks the configuration and reads the templates. Its error lists
// everything that is missing or wrong.
func New(c Config) (*Service, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	r, err := NewRenderer(Letterhead{Vendor: c.Vendor, Support: c.SupportAddress, ConsoleURL: c.ConsoleURL})
	if err != nil {
		return nil, err
	}
	return &Service{Config: c, renderer: r}, nil
}

func (c Config) check() error {
	errs := []error{required.Check("notify",
		required.Field{Name: "Store", Absent: c.Store == nil},
		required.Field{Name: "Mailer", Absent: c.Mailer == nil},
		required.Field{Name: "Vendor", Absent: clean(c.Vendor) == ""},
		required.Field{Name: "Now", Absent: c.Now == nil},
	)}
	must := func(ok bool, what string) {
		if !ok {
			errs = append(errs, fmt.Errorf("notify: %w: Config.%s", integration.ErrInvalid, what))
		}
	}
	must(bareAddress(c.Sender), "Sender is not a bare e-mail address")
	must(bareAddress(c.SupportAddress), "SupportAddress is not a bare e-mail address")
	must(absolute(c.PublicURL), "PublicURL is not an absolute URL")
	must(c.ConsoleURL == "" || absolute(c.ConsoleURL), "ConsoleURL is not an absolute URL")
	must(c.Lease == 0 || c.Lease > c.SendTimeout, "Lease does not exceed SendTimeout")
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Lease == 0 {
		c.Lease = 5 * time.Minute
	}
	if c.SendTimeout == 0 {
		c.SendTimeout = 20 * time.Second
	}
	return c
}

func bareAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && clean(s) == s
}

func absolute(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}
