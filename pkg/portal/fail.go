package portal

import (
	"errors"
	"net/http"

	"keyward/pkg/integration"
	"keyward/pkg/pages"
)

// failure is what an error page says.
type failure struct {
	Title, Text string
	Request     string // its ID, to quote; only where it is our fault
}

var failures = map[int]failure{
	http.StatusBadRequest: {Title: "We could not read that",
		Text: "Your browser sent something that we do not understand. Please go back and try again."},
	http.StatusForbidden: {Title: "This form is out of date",
		Text: "It may have been open for too long, or in a browser that does not say where a form comes from. " +
			"Please open the link in your e-mail once more and press Continue. If it happens again, use another, newer browser."},
	http.StatusNotFound: {Title: "There is no such page",
		Text: "Please open the link in your e-mail once more. If you copied it, make sure that all of it is there."},
	http.StatusMethodNotAllowed: {Title: "This does not work here",
		Text: "Please open the link in your e-mail once more."},
	http.StatusRequestTimeout: {Title: "Your connection was too slow",
		Text: "The form did not arrive in time, and nothing was changed. Please go back and send it again."},
	http.StatusRequestEntityTooLarge: {Title: "That is too much text",
		Text: "Please go back and enter the IDs only. The key file is uploaded on the next page: never paste its contents into a form."},
	http.StatusRequestURITooLong: {Title: "This address is too long",
		Text: "Please open the link exactly as it is in your e-mail."},
	http.StatusTooManyRequests: {Title: "Too many attempts",
		Text: "To keep everybody's keys safe we allow only so many attempts at a time. Please wait a few minutes, then go on where you were."},
	http.StatusInternalServerError: {Title: "Something went wrong on our side",
		Text: "It is not your fault, and nothing is lost. Please try again in a few minutes."},
	http.StatusServiceUnavailable: {Title: "We are busy just now",
		Text: "Nothing is lost. Please try again in a minute."},
}

// fail answers with an error page.
func (s *Service) fail(w http.ResponseWriter, r *http.Request, status int) {
	f, ok := failures[status]
	if !ok {
		f = failures[http.StatusInternalServerError]
	}
	if status >= http.StatusInternalServerError {
		f.Request = pages.RequestID(r.Context())
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "60")
	}
	s.page(w, status, "error", pages.Page{Title: f.Title, Data: f})
}

// failWith answers for an error of a port, and logs it.
func (s *Service) failWith(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, integration.ErrNotFound):
		s.fail(w, r, http.StatusNotFound)
		return
	case errors.Is(err, integration.ErrThrottled), errors.Is(err, integration.ErrConflict):
		status = http.StatusServiceUnavailable
	}
	s.Logger.ErrorContext(r.Context(), "portal", "request", pages.RequestID(r.Context()), "route", r.Pattern, "error", err)
	s.fail(w, r, status)
}
