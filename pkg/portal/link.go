package portal

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/mailaddress"
	"keyward/pkg/pages"
)

type linkPage struct {
	Vendor Vendor
	Token  string
}

// showLink is the page that the mail's link leads to. It looks nothing up: it
// is the same for every token, and opening it changes nothing.
func (s *Service) showLink(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	if !wellFormed(token) {
		token = "incomplete" // never echo free text; Continue says what is wrong
	}
	s.page(w, http.StatusOK, "link", pages.Page{Title: "Secure key upload", Data: linkPage{s.Vendor, token}})
}

// proceed exchanges the token for the cookie. An address that tries too often
// gets the answer of a void link, so that guesses are answered alike.
func (s *Service) proceed(w http.ResponseWriter, r *http.Request) {
	if !s.allowAddress(r, "continue", s.Limits.PerAddress) {
		s.void(w)
		return
	}
	p, err := s.find(r, r.PostForm.Get("token"))
	switch {
	case errors.Is(err, errNoLink):
		s.void(w)
	case err == nil && !p.opens:
		s.reopened(w, r, p)
	case err != nil:
		s.failWith(w, r, err)
	default:
		s.setCookie(w, r, p.token, p.link.ExpiresAt)
		http.Redirect(w, r, "/setup", http.StatusSeeOther)
	}
}

// reopened answers Continue with a link that was used: only the browser whose
// cookie already has it can be the one that used it.
func (s *Service) reopened(w http.ResponseWriter, r *http.Request, p session) {
	c, err := r.Cookie(s.cookieName(r))
	if err != nil || subtle.ConstantTimeCompare([]byte(c.Value), []byte(p.token)) != 1 {
		s.void(w)
		return
	}
	s.usedHere(w, r, p)
}

// requestLink asks for a new link. The answer is always the same, and takes
// the same time, so that nobody learns which addresses we know.
func (s *Service) requestLink(w http.ResponseWriter, r *http.Request) {
	answer := time.NewTimer(s.Limits.AnswerTime)
	defer answer.Stop()
	if s.allowAddress(r, "request", s.Limits.Requests) {
		if err := s.inviteByAddress(r.Context(), r.PostForm.Get("address")); err != nil {
			s.Logger.ErrorContext(r.Context(), "requesting a link", "request", pages.RequestID(r.Context()), "error", err)
		}
	}
	select {
	case <-answer.C:
	case <-r.Context().Done():
	}
	s.page(w, http.StatusOK, "requested", pages.Page{Title: "Please look into your mail", Data: s.Vendor})
}

// maxInvited bounds how many integrations one request can invite for.
const maxInvited = 20

// inviteByAddress invites for each integration that has the address.
func (s *Service) inviteByAddress(ctx context.Context, typed string) error {
	if len(typed) > 320 {
		return nil
	}
	address, err := mailaddress.Parse(strings.TrimSpace(typed))
	if err != nil {
		return nil //nolint:nilerr // whoever mistypes gets the same answer
	}
	ids, err := s.Store.Find(ctx, integration.ByAddress(address))
	if err != nil {
		return fmt.Errorf("finding integrations: %w", err)
	}
	var errs []error
	for _, id := range ids[:min(len(ids), maxInvited)] {
		if err := s.invite(ctx, id, address); err != nil && !errors.Is(err, integration.ErrNotFound) {
			errs = append(errs, fmt.Errorf("inviting for %s: %w", id, err))
		}
	}
	return errors.Join(errs...)
}

// inviteEvery is how often people can ask for a link to one integration.
const inviteEvery = time.Hour

// invite sends a new link to the integration's contacts, at most one an hour.
// The look-up may lag, so the contact is looked for again.
func (s *Service) invite(ctx context.Context, id integration.ID, address string) error {
	contacts, err := s.Store.Contacts(ctx, id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(contacts, func(c integration.Contact) bool {
		return c.Address != "" && integration.ByAddress(c.Address) == integration.ByAddress(address)
	})
	if i < 0 {
		return nil
	}
	return integration.Retry(ctx, func() error {
		now := s.Now()
		it, err := s.Store.Integration(ctx, id)
		if err != nil || it.State == integration.Disconnected || now.Sub(it.Invitation.At) < inviteEvery {
			return err
		}
		ch, err := integration.Decide(it, integration.Invited{By: "contact " + string(contacts[i].ID), Asked: true}, now)
		if err != nil || ch.Empty() {
			return err
		}
		return s.Store.Commit(ctx, ch)
	})
}
