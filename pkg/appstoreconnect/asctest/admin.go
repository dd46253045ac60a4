package asctest

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

//go:embed pages
var pageFiles embed.FS

// maxForm bounds the bodies of forms and of the JSON API, in bytes.
const maxForm = 64 << 10

// Admin is a page, and a JSON API below api/, to control the simulator by
// hand. A host mounts it under a path of its choice with http.StripPrefix. It
// has no log-in: hosts listen on 127.0.0.1. Requests that change something are
// refused when a browser says that another origin sent them.
//
// Every form's address also exists below api/, where it takes JSON (or a form)
// and answers JSON: POST api/teams/{team}/agreement {"state": "expired"}.
// GET api/state and GET api/requests tell what there is.
func (s *Server) Admin() http.Handler {
	a := &admin{server: s, pages: template.Must(template.New("").Funcs(template.FuncMap{
		"when": func(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04:05 UTC") },
	}).ParseFS(pageFiles, "pages/*.html"))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.overview)
	mux.HandleFunc("GET /teams/{team}", a.team)
	mux.HandleFunc("GET /requests", a.requests)
	mux.HandleFunc("GET /keys/{key}/{file}", a.keyFile)
	mux.HandleFunc("GET /samples/{file}", a.sampleFile)
	mux.HandleFunc("GET /certificates/{team}/{file}", a.certificateFile)
	mux.HandleFunc("GET /style.css", a.style)
	mux.HandleFunc("GET /api/state", a.apiState)
	mux.HandleFunc("GET /api/requests", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, s.Requests())
	})
	for path, do := range s.actions() {
		mux.HandleFunc("POST /"+path, a.form(do))
		mux.HandleFunc("POST /api/"+path, a.api(do))
	}
	return http.NewCrossOriginProtection().Handler(guarded(mux))
}

type admin struct {
	server *Server
	pages  *template.Template
}

// guarded sets the headers that every page has: no scripts, nothing from
// elsewhere, no framing.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy",
			"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}

// mount is the path that the handler is mounted under, without a slash at the
// end.
func mount(r *http.Request) string {
	full, _, _ := strings.Cut(r.RequestURI, "?")
	if base, ok := strings.CutSuffix(full, r.URL.EscapedPath()); ok && strings.HasPrefix(base, "/") {
		return base
	}
	return ""
}

// An action does what a form or an API call asks, and gives what the API
// answers. back is the page to show after the form.
type action func(path func(string) string, in url.Values) (out any, back string, err error)

func (a *admin) form(do action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := r.ParseForm()
		back := "/"
		if err == nil {
			_, back, err = do(r.PathValue, r.PostForm)
		}
		if err != nil {
			a.show(w, r, http.StatusBadRequest, "error.html", map[string]any{"Title": "That did not work", "Error": plain(err)})
			return
		}
		w.Header().Set("Location", mount(r)+back)
		w.WriteHeader(http.StatusSeeOther)
	}
}

func (a *admin) api(do action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		in, err := inputOf(r)
		var out any
		if err == nil {
			out, _, err = do(r.PathValue, in)
		}
		if err != nil {
			writeJSON(w, http.StatusBadRequest, map[string]string{"error": plain(err)})
			return
		}
		if out == nil {
			out = map[string]bool{"ok": true}
		}
		writeJSON(w, http.StatusOK, out)
	}
}

// inputOf reads a form, or a JSON object whose values are texts, numbers,
// booleans or lists of them.
func inputOf(r *http.Request) (url.Values, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		err := r.ParseForm()
		return r.PostForm, err
	}
	var fields map[string]any
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	if err := d.Decode(&fields); err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.New("the body is not a JSON object")
	}
	in := url.Values{}
	for name, v := range fields {
		list, many := v.([]any)
		if !many {
			list = []any{v}
		}
		for _, e := range list {
			in.Add(name, fmt.Sprint(e))
		}
	}
	return in, nil
}

// plain is an error as a person reads it.
func plain(err error) string { return strings.TrimPrefix(err.Error(), "asctest: ") }

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // a client that is gone is no concern
}

// show renders a page.
func (a *admin) show(w http.ResponseWriter, r *http.Request, status int, page string, data map[string]any) {
	data["Base"] = mount(r)
	data["Now"] = a.server.Now()
	var b strings.Builder
	if err := a.pages.ExecuteTemplate(&b, page, data); err != nil {
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, b.String())
}

func (a *admin) style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, pageFiles, "pages/style.css")
}
