package operator

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
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
		defer s.survive(w, id)
		next.ServeHTTP(w, r)
	})
}

// survive logs where a panic came from. Its value may hold anything, so only
// the value's type is logged.
func (s *Service) survive(w http.ResponseWriter, id string) {
	v := recover()
	if v == nil {
		return
	}
	s.Logger.Error("operator panicked", "request_id", id, "type", fmt.Sprintf("%T", v), "at", calls())
	internal().write(w, id)
}

// calls are the functions and lines that led to a panic. A stack as
// runtime/debug prints it shows the words of arguments too.
func calls() []string {
	pcs := make([]uintptr, 16)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs)])
	var out []string
	for {
		f, more := frames.Next()
		out = append(out, fmt.Sprintf("%s:%d", f.Function, f.Line))
		if !more {
			return out
		}
	}
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
