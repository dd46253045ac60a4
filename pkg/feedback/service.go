package feedback

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/notify"
	"keyward/pkg/required"
)

// A Store is what feedback needs of the table; see conformance.Store.
type Store interface {
	Commit(ctx context.Context, c integration.Change) error
	Notice(ctx context.Context, id integration.ID, dedupe string) (integration.Notice, error)
	Contacts(ctx context.Context, id integration.ID) ([]integration.Contact, error)
}

// A Config says what a Service works with.
type Config struct {
	Store  Store            // must
	Now    func() time.Time // must
	Logger *slog.Logger     // may: default slog.Default()
}

// A Service acts on feedback.
type Service struct{ Config }

// New checks the configuration. Its error lists everything that is missing.
func New(c Config) (*Service, error) {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Service{c}, required.Check("feedback",
		required.Field{Name: "Store", Absent: c.Store == nil},
		required.Field{Name: "Now", Absent: c.Now == nil},
	)
}

// Handle acts on one event. It may be called any number of times with the
// same one. An error means that the table could not be read or written, and
// that the event should come again; it holds no address. Events about mails,
// contacts or notices that are not there are logged, and done.
func (s *Service) Handle(ctx context.Context, e Event) error {
	a, ours := e.about()
	log := s.Logger.With("integration", a.id, "kind", a.kind, "contact", a.contact, "code", e.code())
	why := e.lost()
	switch {
	case !ours:
		log.WarnContext(ctx, "feedback about an unknown mail")
		return nil
	case why == "" && faulty(e):
		log.ErrorContext(ctx, "mail refused by our own mail service")
		return nil
	case why == "":
		log.InfoContext(ctx, "feedback noted")
		return nil
	case a.contact == "":
		log.ErrorContext(ctx, "mail to support does not arrive")
		return nil
	}
	return s.undelivered(ctx, log, a, why)
}

// faulty tells whether the event says that we sent something that we should
// not have: a virus found, a template not filled in.
func faulty(e Event) bool {
	return e.Detail.EventType == "Reject" || e.Detail.EventType == "Rendering Failure"
}

// undelivered marks the contact and opens the notice for the next one.
func (s *Service) undelivered(ctx context.Context, log *slog.Logger, a about, why integration.Reason) error {
	return integration.Retry(ctx, func() error {
		contacts, err := s.Store.Contacts(ctx, a.id)
		if err != nil {
			return fmt.Errorf("reading contacts: %w", err)
		}
		if !slices.ContainsFunc(contacts, func(c integration.Contact) bool { return c.ID == a.contact }) {
			log.WarnContext(ctx, "feedback about an unknown contact")
			return nil
		}
		n, err := s.Store.Notice(ctx, a.id, a.dedupe)
		if errors.Is(err, integration.ErrNotFound) {
			n, err = integration.Notice{Integration: a.id, Kind: a.kind, Dedupe: a.dedupe}, nil
		}
		if err != nil {
			return fmt.Errorf("reading a notice: %w", err)
		}
		c := notify.Undelivered(n, a.contact, contacts, why, s.Now())
		if c.Empty() {
			return nil
		}
		if err := s.Store.Commit(ctx, c); err != nil {
			return fmt.Errorf("writing feedback: %w", err)
		}
		log.InfoContext(ctx, "contact does not get mail", "why", why, "next", reopened(c))
		return nil
	})
}

// reopened tells whether the change sends the mail to somebody else.
func reopened(c integration.Change) bool {
	return slices.ContainsFunc(c.Sent, func(e integration.Edit[integration.Notice]) bool {
		return e.After != nil && e.After.Status == integration.Pending
	})
}
