package pages

import "net/http"

// Routes serves the mux, with pages instead of its plain 404 and 405 answers.
// The Allow header of a 405 stays.
func Routes(mux *http.ServeMux, fail Fail) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		dry := &dryRun{header: http.Header{}}
		h.ServeHTTP(dry, r)
		switch dry.status {
		case http.StatusMethodNotAllowed:
			w.Header().Set("Allow", dry.header.Get("Allow"))
			fail(w, r, dry.status)
		case http.StatusNotFound, http.StatusBadRequest:
			fail(w, r, dry.status)
		default: // a redirect to a cleaner path
			h.ServeHTTP(w, r)
		}
	})
}

// dryRun is a ResponseWriter that remembers status and headers alone.
type dryRun struct {
	header http.Header
	status int
}

func (d *dryRun) Header() http.Header { return d.header }

func (d *dryRun) WriteHeader(status int) { d.status = status }

func (d *dryRun) Write(b []byte) (int, error) { return len(b), nil }
