package pages

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"path"
	"strings"
	texttemplate "text/template"
)

//go:embed templates/layout.html
var layoutFile embed.FS

// A Page is what the layout needs to know.
type Page struct {
	Title   string // of the window; put "Error: " before it when a form was wrong
	Brand   Brand
	Nav     []Link
	Wide    bool     // tables rather than text
	Scripts []string // names of assets, loaded deferred
	Refresh int      // seconds after which a browser without script loads the page again; 0: never
	Data    any      // for the template "content"
}

// A Brand is whose pages these are.
type Brand struct {
	Name    string // in the header of every page
	Home    string // where the name leads; empty: nowhere
	Logo    string // name of an asset; may be empty
	Support string // e-mail address in the footer; may be empty
	Help    string // URL in the footer; may be empty
}

// A Link leads somewhere; Current marks the page one is on.
type Link struct {
	Text, URL string
	Current   bool
}

// RendererConfig is what a Renderer needs.
type RendererConfig struct {
	Assets    *Assets          // must
	Templates fs.FS            // must: *.html, each defining "content"; files that begin with _ are shared by all (embed them with all:)
	Funcs     template.FuncMap // may
	Log       *slog.Logger     // may; default slog.Default()
}

// A Renderer writes pages. It can be used by several goroutines.
type Renderer struct {
	pages map[string]*template.Template
	log   *slog.Logger
}

// NewRenderer parses all templates. They get the function asset, which turns
// an asset's name into its path, beside those of the config.
func NewRenderer(c RendererConfig) (*Renderer, error) {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	funcs := template.FuncMap{"asset": func(name string) (string, error) {
		if p := c.Assets.Path(name); p != "" {
			return p, nil
		}
		return "", fmt.Errorf("no asset %q", name)
	}}
	maps.Copy(funcs, c.Funcs)
	base, err := template.New("layout.html").Funcs(funcs).ParseFS(layoutFile, "templates/layout.html")
	if err != nil {
		return nil, fmt.Errorf("parsing the layout: %w", err)
	}
	sets, err := parseAll(base, c.Templates)
	if err != nil {
		return nil, fmt.Errorf("parsing templates: %w", err)
	}
	return &Renderer{pages: sets, log: c.Log}, nil
}

func parseAll(base *template.Template, fsys fs.FS) (map[string]*template.Template, error) {
	names, err := fs.Glob(fsys, "*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasPrefix(name, "_") {
			if base, err = base.ParseFS(fsys, name); err != nil {
				return nil, err
			}
		}
	}
	sets := map[string]*template.Template{}
	for _, name := range names {
		if strings.HasPrefix(name, "_") {
			continue
		}
		set, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if sets[strings.TrimSuffix(name, path.Ext(name))], err = set.ParseFS(fsys, name); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

// Render writes the page, whole or not at all: when the template fails, the
// answer is a bare 500, and the log names the template.
func (r *Renderer) Render(w http.ResponseWriter, status int, name string, p Page) {
	var buf bytes.Buffer
	set, ok := r.pages[name]
	if !ok {
		r.log.ErrorContext(contextOf(w), "no such page", "template", name)
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	if err := set.ExecuteTemplate(&buf, "layout.html", p); err != nil {
		r.log.ErrorContext(contextOf(w), "rendering a page", "template", name, "error", withoutData(err))
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(buf.Bytes()) // the browser has gone: nobody is left to be told
}

// withoutData is what can be logged of a template's error: mistakes in the
// template in full, those met while executing it by place alone, since their
// texts can hold what was to be shown.
func withoutData(err error) string {
	var mistake *template.Error
	var exec texttemplate.ExecError
	switch {
	case errors.As(err, &mistake):
		return mistake.Error()
	case errors.As(err, &exec):
		return "executing " + exec.Name
	}
	return fmt.Sprintf("%T", err)
}
