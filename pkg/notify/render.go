package notify

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"path"
	"strings"
	"text/template"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/wording"
)

//go:embed templates
var templates embed.FS

// A Letterhead is what all mails have in common.
type Letterhead struct {
	Vendor     string // must: the name that customers know
	Support    string // must: the address to ask
	ConsoleURL string // may: shown to support
}

// A Letter is a mail's content.
type Letter struct {
	Subject string // at most 70 characters
	Text    string // lines of at most 76 characters, but for URLs; \n
	HTML    string
}

// A Renderer writes letters. It is safe for use by many at once.
type Renderer struct {
	head    Letterhead
	letters map[string]*template.Template // by kind, or by kind and ".support"
	layout  *htmltemplate.Template
}

// NewRenderer reads the templates: one for each kind, and one named
// <kind>.support for those kinds that customers and support both get.
func NewRenderer(head Letterhead) (*Renderer, error) {
	head.Vendor = name(head.Vendor)
	funcs := template.FuncMap{"b": bold, "list": wording.List, "count": count,
		"no_key_in_backups": func() string { return integration.NoKeyInBackups }}
	common, err := template.New("common.tmpl").Funcs(funcs).ParseFS(templates, "templates/common.tmpl")
	if err != nil {
		return nil, fmt.Errorf("reading templates: %w", err)
	}
	layout, err := htmltemplate.New("layout.html").ParseFS(templates, "templates/layout.html")
	if err != nil {
		return nil, fmt.Errorf("reading templates: %w", err)
	}
	r := &Renderer{head: head, letters: map[string]*template.Template{}, layout: layout}
	files, err := fs.Glob(templates, "templates/letters/*.tmpl")
	for _, file := range files {
		t := template.Must(common.Clone()) // fails only after execution
		if _, err = t.ParseFS(templates, file); err != nil {
			break
		}
		r.letters[strings.TrimSuffix(path.Base(file), ".tmpl")] = t
	}
	if err != nil {
		return nil, fmt.Errorf("reading templates: %w", err)
	}
	return r, nil
}

// Render writes the letter that a notice asks for. It is pure: the same
// arguments give the same letter. The contact is the zero Contact, and the
// link the zero Link, for mails to support; the integration is one with
// nothing but an ID for notices about the fleet.
func (r *Renderer) Render(d desk, to integration.Contact, link Link, now time.Time) (Letter, error) {
	t, ok := r.letters[letterName(d.notice)]
	if !ok {
		return Letter{}, fmt.Errorf("%w: no template for %s", integration.ErrInvalid, letterName(d.notice))
	}
	f := r.fill(d, to, link, now)
	p := page{Fill: f}
	if err := p.write(t); err != nil {
		return Letter{}, err
	}
	html, err := p.html(r.layout)
	if err != nil {
		return Letter{}, err
	}
	return Letter{Subject: p.Subject, Text: p.text(), HTML: html}, nil
}

// letterName is the template for the notice.
func letterName(n integration.Notice) string {
	if n.Audience == integration.ToSupport && !supportOnly(n.Kind) {
		return string(n.Kind) + ".support"
	}
	return string(n.Kind)
}

// supportOnly tells which kinds customers never get.
func supportOnly(k integration.NoticeKind) bool {
	_, customer := senses()[k]
	return !customer
}
