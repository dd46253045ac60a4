package portal

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/pages"
)

// tokenLen is the length of a link's token: 32 bytes in base64.
const tokenLen = 43

// wellFormed tells whether a text can be a token. It says nothing about
// whether there is such a link.
func wellFormed(token string) bool {
	if len(token) != tokenLen {
		return false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	return err == nil && len(b) == 32
}

// A session is a person who holds a link.
type session struct {
	token string
	link  integration.Link
	it    integration.Integration
	opens bool // the link can still be used, not only looked at
}

var errNoLink = errors.New("no such link")

// find looks a token's link up. A link that cannot be used any more is found
// too, with opens false; errNoLink means that there was never one, that it
// has run out, that its contact was erased, or that the integration is over.
func (s *Service) find(r *http.Request, token string) (session, error) {
	if !wellFormed(token) {
		return session{}, errNoLink
	}
	hash := integration.LinkHash(token)
	link, err := s.Store.Link(r.Context(), hash)
	if errors.Is(err, integration.ErrNotFound) {
		return session{}, errNoLink
	}
	if err != nil {
		return session{}, fmt.Errorf("reading a link: %w", err)
	}
	it, err := s.Store.Integration(r.Context(), link.Integration)
	if errors.Is(err, integration.ErrNotFound) {
		return session{}, errNoLink
	}
	if err != nil {
		return session{}, fmt.Errorf("reading a link's integration: %w", err)
	}
	now := s.Now()
	same := subtle.ConstantTimeCompare([]byte(link.Hash), []byte(hash)) == 1
	if !same || link.Integration != it.ID || !now.Before(link.ExpiresAt) || it.State == integration.Disconnected {
		return session{}, errNoLink
	}
	if err := s.checkContact(r, link); err != nil {
		return session{}, err
	}
	return session{token: token, link: link, it: it, opens: link.Opens(it, now)}, nil
}

// checkContact refuses the links of a contact who was erased: whoever holds
// one does not act for the customer any more.
func (s *Service) checkContact(r *http.Request, link integration.Link) error {
	contacts, err := s.Store.Contacts(r.Context(), link.Integration)
	if err != nil {
		return fmt.Errorf("reading a link's contact: %w", err)
	}
	if !slices.ContainsFunc(contacts, func(c integration.Contact) bool { return c.ID == link.Contact && c.Address != "" }) {
		return errNoLink
	}
	return nil
}

// current is the session of the request's cookie.
func (s *Service) current(r *http.Request) (session, error) {
	c, err := r.Cookie(s.cookieName(r))
	if err != nil {
		return session{}, errNoLink
	}
	return s.find(r, c.Value)
}

func (s *Service) cookieName(r *http.Request) string {
	if s.https(r) {
		return "__Host-keyward"
	}
	return "keyward" // browsers refuse the prefix without HTTPS
}

// setCookie gives the token to the browser until the link runs out.
func (s *Service) setCookie(w http.ResponseWriter, r *http.Request, token string, until time.Time) {
	s.keepCookie(w, r, s.cookieName(r), token, until)
}

func (s *Service) keepCookie(w http.ResponseWriter, r *http.Request, name, value string, until time.Time) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true, Secure: s.https(r), SameSite: http.SameSiteStrictMode,
		Expires: until.UTC(), MaxAge: max(1, int(until.Sub(s.Now()).Seconds())),
	})
}

// A linkHandler answers a person who holds a link.
type linkHandler func(w http.ResponseWriter, r *http.Request, p session)

// withLink lets only those through whose link can be used.
func (s *Service) withLink(next linkHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.allowAddress(r, "page", s.Limits.PerAddress) {
			s.fail(w, r, http.StatusTooManyRequests)
			return
		}
		p, err := s.current(r)
		switch {
		case errors.Is(err, errNoLink):
			s.void(w)
		case err != nil:
			s.failWith(w, r, err)
		case !p.opens:
			s.usedHere(w, r, p)
		default:
			next(w, r, p)
		}
	}
}

// usedHere answers a session whose link cannot be used any more: with what
// became of the key, if this browser handed it over, and like any void link
// otherwise. The proof is the upload's ID, which is shown nowhere else.
func (s *Service) usedHere(w http.ResponseWriter, r *http.Request, p session) {
	began, err := r.Cookie(s.cookieName(r) + uploadCookie)
	if err != nil {
		s.void(w)
		return
	}
	uploads, err := s.Store.Uploads(r.Context(), p.it.ID)
	if err != nil {
		s.failWith(w, r, fmt.Errorf("reading uploads: %w", err))
		return
	}
	mine, accepted := false, integration.UploadID("")
	for _, u := range uploads {
		if u.LinkHash != p.link.Hash {
			continue
		}
		mine = mine || subtle.ConstantTimeCompare([]byte(u.ID), []byte(began.Value)) == 1
		if u.State == integration.UploadAccepted {
			accepted = u.ID
		}
	}
	if !mine || accepted == "" {
		s.void(w)
		return
	}
	http.Redirect(w, r, uploadPath(accepted)+"/status", http.StatusSeeOther)
}

// uploadCookie ends the name of the cookie that holds the upload begun last.
const uploadCookie = "-upload"

// withForm is withLink for forms: they must carry the token that the page was
// given.
func (s *Service) withForm(next linkHandler) http.HandlerFunc {
	return s.withLink(func(w http.ResponseWriter, r *http.Request, p session) {
		switch {
		case !hmac.Equal([]byte(r.PostForm.Get("form_token")), []byte(p.formToken())):
			s.fail(w, r, http.StatusForbidden)
		case !s.Limiter.Allow("link "+p.link.Hash, s.Limits.PerLink):
			s.fail(w, r, http.StatusTooManyRequests)
		default:
			next(w, r, p)
		}
	})
}

// formToken proves that a form comes from a page shown to this session.
func (p session) formToken() string { return p.mac("form") }

// mac is the HMAC of a text under the link's token, which only the person and
// the mail know.
func (p session) mac(text string) string {
	m := hmac.New(sha256.New, []byte(p.token))
	m.Write([]byte("keyward portal " + text)) // never fails
	return hex.EncodeToString(m.Sum(nil))
}

// void is the one answer to every link that cannot be used.
func (s *Service) void(w http.ResponseWriter) {
	s.page(w, http.StatusNotFound, "void", pages.Page{Title: "This link cannot be used", Data: s.Vendor})
}
