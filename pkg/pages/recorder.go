package pages

import (
	"context"
	"net/http"
)

// recorder remembers what was answered. Unwrap keeps flushing possible.
type recorder struct {
	http.ResponseWriter
	ctx    context.Context // of the request, for who logs and has only the writer
	status int
	bytes  int
}

// contextOf is the context of the request that the writer answers.
func contextOf(w http.ResponseWriter) context.Context {
	if r, ok := w.(*recorder); ok {
		return r.ctx
	}
	return context.Background()
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += n
	return n, err
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// knownMethod keeps invented methods, which are free text, out of the log.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
