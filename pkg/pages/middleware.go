package pages

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"keyward/pkg/panics"
)

// Fail answers with an error page: status is 4xx or 5xx.
type Fail func(w http.ResponseWriter, r *http.Request, status int)

// Chain puts the middleware around the handler; the first is outermost.
func Chain(h http.Handler, around ...func(http.Handler) http.Handler) http.Handler {
	for i := len(around) - 1; i >= 0; i-- {
		h = around[i](h)
	}
	return h
}

type requestIDKey struct{}

// RequestIDs gives every request an ID of 16 hex digits, in its context and
// in the X-Request-Id of the answer, so that a person can quote it. It takes
// nobody else's.
func RequestIDs(random io.Reader) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b := make([]byte, 8)
			if _, err := io.ReadFull(random, b); err != nil {
				http.Error(w, "no randomness", http.StatusInternalServerError)
				return
			}
			id := hex.EncodeToString(b)
			w.Header().Set("X-Request-Id", id)
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
		})
	}
}

// RequestID is the ID that RequestIDs gave, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// Recover turns a panic into a page with status 500. In Lambda a panic that
// leaves the handler ends the process, and every request with it.
func Recover(log *slog.Logger, fail Fail) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			out := &recorder{ResponseWriter: w, ctx: r.Context()}
			err := panics.Catch(func() error { next.ServeHTTP(out, r); return nil })
			if err == nil {
				return
			}
			log.ErrorContext(r.Context(), "panic in a handler", "request", RequestID(r.Context()), "route", r.Pattern, "error", err)
			if out.status == 0 {
				fail(out, r, http.StatusInternalServerError)
			}
		})
	}
}

// Log writes one line for each request: the route's pattern instead of the
// path, no query, no addresses, no headers.
func Log(log *slog.Logger, now func() time.Time) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := now()
			out := &recorder{ResponseWriter: w, ctx: r.Context()}
			defer func() {
				log.InfoContext(r.Context(), "request", "request", RequestID(r.Context()), "method", knownMethod(r.Method),
					"route", r.Pattern, "status", out.status, "bytes", out.bytes, "ms", now().Sub(start).Milliseconds())
			}()
			next.ServeHTTP(out, r)
		})
	}
}

// Limits bound what a request may bring.
type Limits struct {
	Body int64 // bytes
	URI  int   // bytes of path and query
}

// Bound refuses requests whose URI is longer with 414, those that declare a
// larger body with 413, and stops reading one that turns out larger (see
// TooLarge).
func Bound(l Limits, fail Fail) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case len(r.URL.Path)+len(r.URL.RawPath)+len(r.URL.RawQuery) > l.URI:
				fail(w, r, http.StatusRequestURITooLong)
				return
			case r.ContentLength > l.Body:
				fail(w, r, http.StatusRequestEntityTooLarge)
				return
			case r.Body != nil:
				r.Body = http.MaxBytesReader(w, r.Body, l.Body)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// Slow reports whether reading a body stopped at the server's time limit.
func Slow(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// TooLarge tells whether reading a body stopped at Bound's limit.
func TooLarge(err error) bool {
	var large *http.MaxBytesError
	return errors.As(err, &large)
}
