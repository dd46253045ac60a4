package integration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// An Edit is one item before and after: Before nil creates it, After nil
// deletes it. The store refuses with ErrConflict unless what it holds has
// Before's version, and writes After with that version plus one.
type Edit[T any] struct{ Before, After *T }

// Put is an Edit, for brevity where both are values at hand.
func Put[T any](before, after T) Edit[T] { return Edit[T]{&before, &after} }

// Create is an Edit that must not find anything.
func Create[T any](after T) Edit[T] { return Edit[T]{nil, &after} }

// A Change is everything that one transaction writes: all of it or nothing.
type Change struct {
	Integration  Edit[Integration] // both nil: the integration is not written and its version not looked at
	Uploads      []Edit[Upload]
	Contacts     []Edit[Contact]
	Sent         []Edit[Notice] // progress of notices written earlier
	Owners       []Edit[Owner]
	Notices      []Notice      // new; one whose dedupe key is there already is left as it is, without an error
	Links        []Link        // new
	Certificates []Certificate // put as they are; the integration's version guards them
	History      []Entry       // appended
}

// Correlated is the change with the ID on the notices and uploads that are new
// in it. Stores write it, so that no use case has to think of it.
func (c Change) Correlated(id string) Change {
	if id == "" {
		return c
	}
	c.Notices, c.Uploads = slices.Clone(c.Notices), slices.Clone(c.Uploads)
	for i, n := range c.Notices {
		c.Notices[i].Correlation = cmp.Or(n.Correlation, id)
	}
	for i, e := range c.Uploads {
		if e.Before == nil && e.After != nil {
			u := *e.After
			u.Correlation = cmp.Or(u.Correlation, id)
			c.Uploads[i].After = &u
		}
	}
	return c
}

// A Due is one line of the index of due work: an integration, or a notice of
// one that has not gone out in time.
type Due struct {
	Integration ID
	Dedupe      string // of the notice; empty for the integration itself
	At          time.Time
}

// A Filter chooses integrations for a listing. The zero value means all.
type Filter struct {
	Attention bool   // only those that need attention, in that order: see Integration.Order. Otherwise they are ordered by ID
	State     State  // may
	Customer  string // may
	Limit     int    // 1 to 200; default 50
	Cursor    string // Page.Next of the page before
}

// Listing names the listing; a cursor belongs to one.
func (f Filter) Listing() string {
	kind := "list "
	if f.Attention {
		kind = "attention "
	}
	return kind + string(f.State) + " " + f.Customer
}

// Takes reports whether the integration belongs into the listing, as it is now.
func (f Filter) Takes(it Integration) bool {
	return (f.State == "" || it.State == f.State) && (f.Customer == "" || it.Customer == f.Customer) &&
		(!f.Attention || len(it.Attention.Needs) > 0)
}

// A Page is one page of a listing.
type Page struct {
	Integrations []Integration
	Next         string // empty on the last page
}

// maxAttempts bounds Retry. A hundred writers of one item need as many turns
// in the worst case; more means that something else is wrong.
const maxAttempts = 200

// Retry runs an attempt to read, decide and write until it ends otherwise than
// in ErrConflict, or the context does. The attempt must be re-runnable.
func Retry(ctx context.Context, attempt func() error) error {
	var err error
	for range maxAttempts {
		if err = attempt(); !errors.Is(err, ErrConflict) {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		}
	}
	return err
}
