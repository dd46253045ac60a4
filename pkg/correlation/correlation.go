// Package correlation carries one ID through everything that has one cause: a
// request, or a run of the schedule. The ID is in the context, in the messages
// and notices that come of it, and in the log lines of every function that
// works on them. X-Ray links such traces, but does not continue them across a
// queue.
package correlation

import (
	"context"
	"log/slog"
	"regexp"
)

type key struct{}

// shape is that of the IDs of Lambda's requests and of X-Ray's traces. What
// has another is somebody's text, and has no business in the log.
var shape = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

// With returns a context for what the ID stands for. Without an ID, as in
// messages of older versions, or with one of another shape, it is the context
// as it was.
func With(ctx context.Context, id string) context.Context {
	if !shape.MatchString(id) {
		return ctx
	}
	return context.WithValue(ctx, key{}, id)
}

// ID is the context's, or "".
func ID(ctx context.Context) string {
	id, _ := ctx.Value(key{}).(string)
	return id
}

// A Handler adds correlation_id to the records of contexts that have one.
type Handler struct{ slog.Handler }

// Handle is that of the Handler within.
func (h Handler) Handle(ctx context.Context, r slog.Record) error {
	if id := ID(ctx); id != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("correlation_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs is that of the Handler within.
func (h Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return Handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup is that of the Handler within.
func (h Handler) WithGroup(name string) slog.Handler { return Handler{h.Handler.WithGroup(name)} }
