package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"keyward/pkg/integration"
)

func isAdmin(c integration.Contact) bool {
	return c.Address != "" && slices.Contains(c.Duties, integration.Admin)
}

func holdsAddress(cs []integration.Contact, address string, but integration.ContactID) bool {
	return slices.ContainsFunc(cs, func(c integration.Contact) bool {
		return c.ID != but && c.Address != "" && strings.EqualFold(c.Address, address)
	})
}

// newContact checks and completes a contact; at prefixes the fields that
// problems name.
func (s *Service) newContact(n NewContact, at string) (integration.Contact, error) {
	duties, badDuties := checkDuties(at+"duties", n.Duties)
	address, badAddress := checkAddress(at+"address", n.Address)
	if err := firstOf(checkName(at+"name", n.Name), badAddress, badDuties); err != nil {
		return integration.Contact{}, err
	}
	return integration.Contact{
		ID: integration.NewContactID(s.Random), Name: n.Name, Address: address, Duties: duties, CreatedAt: s.Now(),
	}, nil
}

func (s *Service) addContact(ctx context.Context, c call) (reply, error) {
	var req NewContact
	if err := errors.Join(c.query(), c.decode(&req)); err != nil {
		return reply{}, err
	}
	contact, err := s.newContact(req, "")
	if err != nil {
		return reply{}, err
	}
	contact.Integration = c.id
	err = s.editContacts(ctx, c, func(f facts) (integration.Edit[integration.Contact], integration.Entry, error) {
		switch {
		case f.it.State == integration.Disconnected:
			return f.refuse(&integration.TransitionError{State: f.it.State, Event: "contact_added"})
		case holdsAddress(f.contacts, contact.Address, ""):
			return f.refuse(addressTaken())
		case len(f.contacts) >= 2*maxContacts:
			return f.refuse(invalid("", "There are too many contacts. Change one that is there."))
		}
		return integration.Create(contact), entry("contact_added", contact), nil
	})
	return reply{status: http.StatusCreated, body: ContactDone{Contact: viewContact(contact, Support)}}, err
}

func addressTaken() *Problem {
	p := problem(http.StatusConflict, CodeContactExists, "A contact of this integration has this address already. Change that one.")
	p.Field = "address"
	return p
}

func (s *Service) changeContact(ctx context.Context, c call) (reply, error) {
	var req ContactPatch
	if err := errors.Join(c.query(), c.decode(&req)); err != nil {
		return reply{}, err
	}
	var after integration.Contact
	err := s.editContacts(ctx, c, func(f facts) (integration.Edit[integration.Contact], integration.Entry, error) {
		before, err := f.contact(c)
		if err != nil {
			return f.refuse(err)
		}
		if after, err = patched(before, req); err != nil {
			return f.refuse(err)
		}
		switch {
		case holdsAddress(f.contacts, after.Address, after.ID):
			return f.refuse(addressTaken())
		case f.losesAdmin(before, after) && !req.LastAdmin:
			return f.refuse(lastAdmin(`Send it again with "last_admin": true if you mean it.`))
		}
		return integration.Put(before, after), entry("contact_changed", after), nil
	})
	return reply{status: http.StatusOK, body: ContactDone{Contact: viewContact(after, Support)}}, err
}

func patched(c integration.Contact, req ContactPatch) (integration.Contact, error) {
	if req.Name != nil {
		if p := checkName("name", *req.Name); p != nil {
			return c, p
		}
		c.Name = *req.Name
	}
	if req.Duties != nil {
		duties, p := checkDuties("duties", *req.Duties)
		if p != nil {
			return c, p
		}
		c.Duties = duties
	}
	if req.Address != nil {
		address, p := checkAddress("address", *req.Address)
		if p != nil {
			return c, p
		}
		c.Address = address
		c.Undeliverable = time.Time{}
	}
	return c, nil
}

// eraseContact removes what is personal and leaves the ID, which the history
// names.
func (s *Service) eraseContact(ctx context.Context, c call) (reply, error) {
	if err := errors.Join(c.query("last_admin"), noBody(c)); err != nil {
		return reply{}, err
	}
	var after integration.Contact
	err := s.editContacts(ctx, c, func(f facts) (integration.Edit[integration.Contact], integration.Entry, error) {
		before, err := f.contact(c)
		if err != nil {
			return f.refuse(err)
		}
		after = before
		after.Name, after.Address, after.Duties = "", "", nil
		if f.losesAdmin(before, after) && c.URL.Query().Get("last_admin") != "true" {
			return f.refuse(lastAdmin("Send it again with ?last_admin=true if you mean it."))
		}
		return integration.Put(before, after), entry("contact_erased", after), nil
	})
	warnings := []string{"Upload links that this contact was sent do not open any more. A file that was sent before still counts; revoke the links if that must not be."}
	return reply{status: http.StatusOK, body: ContactDone{Contact: viewContact(after, Support), Warnings: warnings}}, err
}

func noBody(c call) error {
	if len(c.body) == 0 {
		return nil
	}
	return malformed("This takes no body.")
}

func lastAdmin(how string) *Problem {
	return problem(http.StatusConflict, CodeLastAdmin,
		"This is the last contact with the duty admin: nobody would be asked for a key any more, and problems would go to support alone. %s", how)
}

func entry(what string, c integration.Contact) integration.Entry {
	return integration.Entry{What: what, Detail: "contact " + string(c.ID)}
}

// facts are what an edit of contacts is decided on.
type facts struct {
	it       integration.Integration
	contacts []integration.Contact
}

func (facts) refuse(err error) (integration.Edit[integration.Contact], integration.Entry, error) {
	return integration.Edit[integration.Contact]{}, integration.Entry{}, err
}

func (f facts) contact(c call) (integration.Contact, error) {
	id := integration.ContactID(c.PathValue("contact"))
	i := slices.IndexFunc(f.contacts, func(c integration.Contact) bool { return c.ID == id && c.Address != "" })
	if i < 0 {
		return integration.Contact{}, problem(http.StatusNotFound, CodeNotFound, "The integration has no such contact, or it has been erased.")
	}
	return f.contacts[i], nil
}

// losesAdmin tells whether the change would leave a living integration
// without an admin.
func (f facts) losesAdmin(before, after integration.Contact) bool {
	others := slices.ContainsFunc(f.contacts, func(c integration.Contact) bool { return c.ID != before.ID && isAdmin(c) })
	return f.it.State != integration.Disconnected && isAdmin(before) && !isAdmin(after) && !others
}

type contactEdit func(facts) (integration.Edit[integration.Contact], integration.Entry, error)

// editContacts decides on what is there now. It writes the integration too,
// unchanged, so that of two edits at once the second decides again: each
// could be removing the other's last admin.
func (s *Service) editContacts(ctx context.Context, c call, decide contactEdit) error {
	return integration.Retry(ctx, func() error {
		it, err := s.Store.Integration(ctx, c.id)
		if err != nil {
			return err
		}
		contacts, err := s.Store.Contacts(ctx, c.id)
		if err != nil {
			return fmt.Errorf("reading contacts: %w", err)
		}
		edit, line, err := decide(facts{it, contacts})
		if err != nil {
			return err
		}
		return s.Store.Commit(ctx, integration.Change{
			Integration: integration.Put(it, it),
			Contacts:    []integration.Edit[integration.Contact]{edit},
			History:     []integration.Entry{s.line(c, it.Version+1, line)},
		})
	})
}
