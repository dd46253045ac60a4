package operator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"keyward/pkg/integration"
)

// create makes an integration with its contacts and its invitation, in one
// transaction.
func (s *Service) create(ctx context.Context, c call) (reply, error) {
	var req NewIntegration
	if err := errors.Join(c.query(), c.decode(&req)); err != nil {
		return reply{}, err
	}
	draft, contacts, err := s.draft(req, c.by)
	if err != nil {
		return reply{}, err
	}
	id, err := s.newID(c)
	if err != nil {
		return reply{}, err
	}
	ch, err := integration.New(id, draft, s.Now())
	if err != nil {
		return reply{}, fmt.Errorf("beginning an integration: %w", err)
	}
	for i := range contacts {
		contacts[i].Integration = id
		ch.Contacts = append(ch.Contacts, integration.Create(contacts[i]))
	}
	after := *ch.Integration.After
	after.SharesKeys = req.SharesKeys
	ch.Integration = integration.Create(after)
	return s.begin(ctx, c, ch, req)
}

// begin commits a new integration. A commit that finds it there already, or
// that fails without saying what it wrote, is looked into.
func (s *Service) begin(ctx context.Context, c call, ch integration.Change, req NewIntegration) (reply, error) {
	id := ch.Integration.After.ID
	err := s.Store.Commit(ctx, ch)
	if err == nil {
		s.Logger.InfoContext(ctx, "integration created", "integration", string(id), "request", requestID(c.Request))
		return s.created(ctx, c, id, http.StatusCreated)
	}
	if c.Header.Get("Idempotency-Key") != "" {
		if it, readErr := s.Store.Integration(ctx, id); readErr == nil {
			return s.repeated(ctx, c, it, *ch.Integration.After)
		}
	}
	if errors.Is(err, integration.ErrTaken) {
		return reply{}, s.taken(ctx, req.Reference)
	}
	return reply{}, fmt.Errorf("storing an integration: %w", err)
}

func (s *Service) created(ctx context.Context, c call, id integration.ID, status int) (reply, error) {
	it, err := s.Store.Integration(ctx, id)
	if err != nil {
		return reply{}, fmt.Errorf("reading a new integration: %w", err)
	}
	view, err := s.detail(ctx, c, it)
	return reply{status: status, body: view, version: it.Version}, err
}

// repeated answers a request that was made before with the same key, as long
// as it was the same request.
func (s *Service) repeated(ctx context.Context, c call, there, asked integration.Integration) (reply, error) {
	if there.Reference != asked.Reference || there.Customer != asked.Customer || there.Access.Name != asked.Access.Name {
		return reply{}, problem(http.StatusUnprocessableEntity, CodeKeyReused,
			"This Idempotency-Key was used for another integration. Please use a new one for each.")
	}
	return s.created(ctx, c, there.ID, http.StatusOK)
}

// taken names the integration that has the reference.
func (s *Service) taken(ctx context.Context, reference string) error {
	p := problem(http.StatusConflict, CodeReferenceTaken,
		"This reference belongs to an integration that is there already. Use that one, or choose another reference.")
	p.Field = "reference"
	if ids, err := s.Store.Find(ctx, integration.ByReference(reference)); err == nil && len(ids) > 0 {
		p.Integration = string(ids[0])
	}
	return p
}

// newID is random, or comes from the Idempotency-Key: the same key leads to
// the same integration, without anything to remember. IDs are no secrets.
func (s *Service) newID(c call) (integration.ID, error) {
	key := c.Header.Get("Idempotency-Key")
	if key == "" {
		return integration.NewID(s.Random), nil
	}
	if len(key) < 8 || len(key) > 128 {
		return "", invalid("Idempotency-Key", "An Idempotency-Key has 8 to 128 characters; a UUID is a good one.")
	}
	sum := sha256.Sum256([]byte("keyward integration " + key))
	return integration.NewID(bytes.NewReader(sum[:])), nil
}

// draft checks what was sent and completes it.
func (s *Service) draft(req NewIntegration, by caller) (integration.Draft, []integration.Contact, error) {
	level, err := integration.LevelNamed(s.Levels, req.AccessLevel)
	if err != nil {
		return integration.Draft{}, nil, invalid("access_level", "There is no such access level. Choose one of: %s.", s.levelNames())
	}
	if req.Customer == "" {
		req.Customer = req.Reference
	}
	err = firstOf(checkReference(req.Reference), checkText("label", req.Label, 120), checkText("customer", req.Customer, 128))
	if err != nil {
		return integration.Draft{}, nil, err
	}
	team, bundles, p := checkTeam(req.TeamID, req.BundleIDs)
	if p != nil {
		return integration.Draft{}, nil, p
	}
	contacts, err := s.newContacts(req.Contacts)
	d := integration.Draft{Reference: req.Reference, Label: req.Label, Customer: req.Customer, Access: level, By: by.actor(), TeamID: team, BundleIDs: bundles}
	return d, contacts, err
}

func (s *Service) levelNames() string {
	var out string
	for i, l := range s.Levels {
		if i > 0 {
			out += ", "
		}
		out += l.Name
	}
	return out
}

func (s *Service) newContacts(in []NewContact) ([]integration.Contact, error) {
	if len(in) == 0 || len(in) > maxContacts {
		return nil, invalid("contacts", "An integration has one to %d contacts.", maxContacts)
	}
	out := make([]integration.Contact, 0, len(in))
	for i, n := range in {
		contact, err := s.newContact(n, fmt.Sprintf("contacts[%d].", i))
		if err != nil {
			return nil, err
		}
		if holdsAddress(out, contact.Address, "") {
			return nil, invalid(fmt.Sprintf("contacts[%d].address", i), "Two contacts have the same address. Give one contact both duties.")
		}
		contact.CreatedAt = contact.CreatedAt.Add(time.Duration(i) * time.Millisecond) // the order counts: the first is written to
		out = append(out, contact)
	}
	if !slices.ContainsFunc(out, isAdmin) {
		return nil, invalid("contacts", "At least one contact needs the duty admin: the person who makes and uploads the key.")
	}
	return out, nil
}
