package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"keyward/pkg/certificates"
	"keyward/pkg/feedback"
	"keyward/pkg/intake"
	"keyward/pkg/integration"
	"keyward/pkg/notify"
	"keyward/pkg/operator"
	"keyward/pkg/portal"
	"keyward/pkg/sweep"
	"keyward/pkg/validate"
)

// A Store is the table, with all that any function needs of it.
type Store interface {
	portal.Store
	operator.Store
	intake.Store
	sweep.Store
	validate.Store
	certificates.Store
	notify.Store
	feedback.Store
}

// A Vault keeps private keys.
type Vault interface {
	intake.Vault
	operator.Vault
	sweep.Vault
}

// Objects is the upload bucket, to read, list and delete.
type Objects interface {
	intake.Objects
	sweep.Objects
}

// Apple is App Store Connect.
type Apple interface {
	intake.Apple
	validate.Apple
	certificates.Apple
}

// Queues are those that functions send to, by the name of who reads them.
type Queues struct{ Intake, Validate, Certificates sweep.Queue }

// Ports are what functions work with. Now must be given, and of the others
// what the function's constructor names: its error lists what is missing.
type Ports struct {
	Store       Store
	Vault       Vault
	Objects     Objects
	Forms       portal.Forms
	Apple       Apple
	Mailer      notify.Mailer
	Queues      Queues
	DeadLetters sweep.DeadLetters

	Now    func() time.Time
	Random io.Reader    // may: default crypto/rand.Reader
	Logger *slog.Logger // may: default slog.Default()
}

// A Vendor is whose integrations these are.
type Vendor struct {
	Name    string // as customers know it
	Support string // e-mail address
	Sender  string // e-mail address that mails come from
	// User may be the vendor's own Apple Account: customers whose apps are to
	// be signed are asked to add it to their teams. Default: nobody is asked.
	User integration.VendorUser
}

// Settings are what is chosen once for all functions; each takes what concerns
// it.
type Settings struct {
	Vendor     Vendor
	PublicURL  string                   // the portal's origin; portal may do without
	ConsoleURL string                   // may: shown in mails to support
	Bucket     string                   // may: the upload bucket, for whoever reads a queue
	Canary     integration.ID           // may: the integration that holds the vendor's own key
	Roles      map[string]operator.Role // by ARN

	// Levels may replace the access levels that operator offers; then User says
	// nothing.
	Levels []integration.AccessLevel

	// How the host tells of an HTTP request where it was sent, by which
	// address, and by which role: may; see portal.Config and operator.Config.
	Origin, Address, Caller func(*http.Request) string
	// How many requests the portal answers: may; see portal.Config.
	Limits  portal.Limits
	Limiter portal.Limiter
	// Heartbeat may be called at the end of each sweep.
	Heartbeat func(context.Context, sweep.Result)
}
