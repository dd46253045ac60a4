package demo

import (
	"context"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// A World is a Keyward to tell the story in: new, without integrations, on a
// clock of its own, and beside a simulated App Store Connect on the same clock.
type World interface {
	// Now is the virtual time.
	Now() time.Time
	// Advance lets time pass, and everything happen that would have happened
	// meanwhile. When it returns, nothing is under way.
	Advance(ctx context.Context, d time.Duration) error
	// Mails are all that were sent so far, the oldest first.
	Mails(ctx context.Context) ([]Mail, error)
	// Operator speaks in the role.
	Operator(r operator.Role) (*operator.Client, error)
	// PortalURL is the portal's origin.
	PortalURL() string
	// SupportAddress is where mails to support go.
	SupportAddress() string
	// Secrets are the names of all secrets in the vault.
	Secrets(ctx context.Context) ([]string, error)
	// Objects is how many files lie in the upload bucket.
	Objects(ctx context.Context) (int, error)
	// Deliver puts a message into the queue of validate, as a queue does that
	// delivers late or twice.
	Deliver(ctx context.Context, m integration.CheckMessage) error
	// Checks tells how many checks each integration has had.
	Checks() map[integration.ID]int
	// Apple controls the simulator, which answers at AppleURL.
	Apple() Apple
	AppleURL() string
	Close() error
}

// Apple is what the story does at App Store Connect: *asctest.Server.
type Apple interface {
	AddTeam(t asctest.Team) asctest.Team
	NewKey(teamID string, roles ...asctest.Role) (asctest.Key, error)
	NewSubscriptionKey(teamID string) (asctest.Key, error)
	Revoke(keyID string) error
	SetAgreement(teamID string, a asctest.Agreement) error
	IssueCertificate(teamID, certType string, csrPEM []byte, lifetime time.Duration) (asctest.Certificate, error)
	Fail(f asctest.Fault) (string, error)
	ClearFaults()
	Faults() []asctest.Fault
	Calls() int
}

// A Mail is one that was sent.
type Mail struct {
	At time.Time
	integration.Mail
}
