package integration

import (
	"fmt"
	"reflect"
	"time"
)

// A Draft is what a new integration begins with.
type Draft struct {
	Reference, Label, Customer string
	Access                     AccessLevel
	TeamID                     string   // may: of the customer's team at Apple, where it is known
	BundleIDs                  []string // may: of apps that a key should see
	By                         string   // the actor, for the history
}

// New begins an integration's life: it awaits a key, and its first
// invitation goes out. The change lacks the contacts, which the caller adds.
// ErrInvalid: something is missing; without a customer, keys of all such
// integrations would count as one tenant's.
func New(id ID, d Draft, now time.Time) (Change, error) {
	if d.Reference == "" || d.Label == "" || d.Customer == "" || d.Access.Name == "" {
		return Change{}, fmt.Errorf("%w: an integration needs a reference, a label, a customer and an access level", ErrInvalid)
	}
	it := Integration{
		ID: id, Reference: d.Reference, Label: d.Label, Customer: d.Customer,
		Access: d.Access, CreatedAt: now, State: AwaitingKey, Since: now, BundleIDs: d.BundleIDs,
	}
	if d.TeamID != "" {
		it.setTeam(Team{ID: d.TeamID, From: TeamInvitation})
	}
	next, notices, err := Apply(it, Invited{By: d.By}, now)
	if err != nil {
		return Change{}, err
	}
	return Change{
		Integration: Create(next), Notices: notices,
		History: []Entry{{Integration: id, At: now, Seq: seq(0, 0), What: "created", Actor: d.By, To: AwaitingKey}},
	}, nil
}

// Decide applies the event and puts what comes of it, history included, into
// one Change. The change is Empty when the event changed nothing.
func Decide(it Integration, ev Event, now time.Time) (Change, error) {
	next, notices, err := Apply(it, ev, now)
	if err != nil || (len(notices) == 0 && reflect.DeepEqual(it, next)) {
		return Change{}, err
	}
	return Change{Integration: Put(it, next), Notices: notices, History: record(it, next, ev, now)}, nil
}

// Empty tells whether there is nothing to write.
func (c Change) Empty() bool {
	return c.Integration == Edit[Integration]{} && max(len(c.Uploads), len(c.Contacts), len(c.Sent), len(c.Owners),
		len(c.Notices), len(c.Links), len(c.Certificates), len(c.History)) == 0
}
