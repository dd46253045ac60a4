package operator

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"keyward/pkg/panics"
)

type requestIDKey struct{}

func requestID(r *http.Request) string {
	id, _ := r.Context().Value(requestIDKey{}).(string)
	return id
}

var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9._=;:-]{1,128}$`)

// around gives each request an ID and survives panics: in Lambda a handler's
// panic would end the process.
func (s *Service) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !requestIDForm.MatchString(id) {
			b := make([]byte, 12)
			_, _ = rand.Read(b) // never fails
			id = "req_" + hex.EncodeToString(b)
		}
		r = r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains") // browsers heed it by HTTPS alone
		if err := panics.Catch(func() error { next.ServeHTTP(w, r); return nil }); err != nil {
			s.Logger.ErrorContext(r.Context(), "panic in a handler", "request", id, "error", err)
			internal().write(w, id)
		}
	})
}

func internal() *Problem {
	return problem(http.StatusInternalServerError, CodeInternal,
		"Something is wrong on our side. Please try again; if it stays so, tell the people who run Keyward the request_id.")
}

func methodNotAllowed(methods []string) http.Handler {
	allow := strings.Join(slices.Sorted(slices.Values(methods)), ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allow)
		problem(http.StatusMethodNotAllowed, CodeMethod, "This path takes %s.", allow).write(w, requestID(r))
	})
}
