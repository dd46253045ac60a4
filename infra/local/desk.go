package local

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/pages"
)

//go:embed templates/*.html
var templateFiles embed.FS

// A Desk is the pages of one machine that AWS has no need of: the inbox, and
// the clock that can be moved on.
type Desk struct {
	host    *Host
	render  *pages.Renderer
	assets  *pages.Assets
	origin  string
	nav     []pages.Link
	log     *slog.Logger
	canMove bool
}

// DeskConfig configures a Desk.
type DeskConfig struct {
	Host   *Host        // must
	Origin string       // must: where the desk is served
	Nav    []pages.Link // may: links in the head of every page
	Fixed  string       // may: why the clock cannot be moved; empty: it can
}

// NewDesk parses the templates.
func NewDesk(cfg DeskConfig) (*Desk, error) {
	assets, err := pages.NewAssets(pages.Base())
	if err != nil {
		return nil, err
	}
	templates, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return nil, err
	}
	funcs := map[string]any{"when": func(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006, 15:04 UTC") }}
	log := cfg.Host.cfg.Logger
	r, err := pages.NewRenderer(pages.RendererConfig{Assets: assets, Templates: templates, Funcs: funcs, Log: log})
	if err != nil {
		return nil, err
	}
	return &Desk{host: cfg.Host, render: r, assets: assets, origin: cfg.Origin, nav: cfg.Nav, log: log, canMove: cfg.Fixed == ""}, nil
}

// Handler serves /inbox, /clock and the assets of both.
func (d *Desk) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /inbox", d.inbox)
	mux.HandleFunc("GET /inbox/{id}", d.mail)
	mux.HandleFunc("GET /inbox/{id}/html", d.mailHTML)
	mux.HandleFunc("GET /inbox/{id}/raw", d.mailRaw)
	mux.HandleFunc("POST /inbox/{id}/bounce", d.bounce)
	mux.HandleFunc("GET /clock", d.clock)
	mux.HandleFunc("POST /clock", d.moveClock)
	mux.Handle("GET "+pages.AssetPrefix, d.assets)
	guarded := pages.Routes(mux, d.fail)
	return pages.Chain(guarded,
		pages.RequestIDs(d.host.cfg.Random), pages.Recover(d.log, d.fail), pages.Headers(nil),
		pages.Bound(pages.Limits{Body: 1 << 10, URI: 1 << 10}, d.fail), d.sameOrigin)
}

// sameOrigin keeps other sites from pressing our buttons.
func (d *Desk) sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && !pages.SameOrigin(r, d.origin) {
			d.fail(w, r, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (d *Desk) page(title, current string, data any) pages.Page {
	nav := make([]pages.Link, len(d.nav))
	for i, l := range d.nav {
		l.Current = l.URL == current
		nav[i] = l
	}
	return pages.Page{Title: title, Brand: pages.Brand{Name: "Keyward", Home: "/"}, Nav: nav, Wide: true, Data: data}
}

func (d *Desk) fail(w http.ResponseWriter, _ *http.Request, status int) {
	d.render.Render(w, status, "failed", d.page(http.StatusText(status), "", http.StatusText(status)))
}

// maxMails is how many mails the inbox shows.
const maxMails = 200

func (d *Desk) inbox(w http.ResponseWriter, r *http.Request) {
	list, err := d.host.Inbox().List(r.Context(), maxMails)
	if err != nil {
		d.fail(w, r, http.StatusInternalServerError)
		return
	}
	var rows []letter
	for _, m := range list {
		l, err := readLetter(m)
		if err != nil {
			d.log.ErrorContext(r.Context(), "reading a mail of the inbox", "error", err)
			continue
		}
		rows = append(rows, l)
	}
	d.render.Render(w, http.StatusOK, "inbox", d.page("Inbox", "/inbox", rows))
}

func (d *Desk) letter(w http.ResponseWriter, r *http.Request) (letter, bool) {
	m, err := d.host.Inbox().Get(r.Context(), r.PathValue("id"))
	if err != nil {
		d.fail(w, r, http.StatusNotFound)
		return letter{}, false
	}
	l, err := readLetter(m)
	if err != nil {
		d.fail(w, r, http.StatusInternalServerError)
		return letter{}, false
	}
	return l, true
}

func (d *Desk) mail(w http.ResponseWriter, r *http.Request) {
	if l, ok := d.letter(w, r); ok {
		h := w.Header()
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; frame-src 'self'")
		d.render.Render(w, http.StatusOK, "mail", d.page(l.Subject, "/inbox", l))
	}
}

// mailHTML is the mail's HTML part, for a frame: it can do nothing but be
// looked at, and its links open beside it.
func (d *Desk) mailHTML(w http.ResponseWriter, r *http.Request) {
	if l, ok := d.letter(w, r); ok {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors "+d.origin+"; sandbox allow-popups allow-popups-to-escape-sandbox")
		h.Del("X-Frame-Options")
		h.Del("Cross-Origin-Opener-Policy")
		h.Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, linksOutside(l.HTML))
	}
}

func (d *Desk) mailRaw(w http.ResponseWriter, r *http.Request) {
	m, err := d.host.Inbox().Get(r.Context(), r.PathValue("id"))
	if err != nil {
		d.fail(w, r, http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(m.Mail.Raw)
}

func (d *Desk) bounce(w http.ResponseWriter, r *http.Request) {
	if err := d.host.Bounce(r.Context(), r.PathValue("id")); err != nil {
		d.fail(w, r, http.StatusNotFound)
		return
	}
	http.Redirect(w, r, "/inbox", http.StatusSeeOther)
}

// A leap is a step that the clock page offers.
type leap struct {
	Hours int
	Text  string
}

var leaps = []leap{{1, "1 hour"}, {6, "6 hours"}, {24, "1 day"}, {72, "3 days"}, {24 * 14, "2 weeks"}, {24 * 60, "60 days"}}

func (d *Desk) clock(w http.ResponseWriter, r *http.Request) {
	data := struct {
		Now     time.Time
		Ahead   time.Duration
		CanMove bool
		Leaps   []leap
		Mails   string
	}{d.host.cfg.Clock.Now(), d.host.cfg.Clock.Ahead().Round(time.Minute), d.canMove, leaps, r.URL.Query().Get("mails")}
	d.render.Render(w, http.StatusOK, "clock", d.page("Clock", "/clock", data))
}

// moveClock lets the hours pass, with all that happens in them.
func (d *Desk) moveClock(w http.ResponseWriter, r *http.Request) {
	hours, err := strconv.Atoi(r.PostFormValue("hours"))
	if err != nil || hours < 1 || hours > leaps[len(leaps)-1].Hours || !d.canMove {
		d.fail(w, r, http.StatusBadRequest)
		return
	}
	before, err := d.mails(r.Context())
	if err == nil {
		err = d.host.Advance(context.WithoutCancel(r.Context()), time.Duration(hours)*time.Hour)
	}
	after, err2 := d.mails(r.Context())
	if err != nil || err2 != nil {
		d.log.ErrorContext(r.Context(), "moving the clock", "error", err)
		d.fail(w, r, http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/clock?mails="+strconv.Itoa(newer(before, after)), http.StatusSeeOther)
}

func (d *Desk) mails(ctx context.Context) ([]embedded.Received, error) {
	return d.host.Inbox().List(ctx, maxMails)
}

// newer counts the mails of after that came since before.
func newer(before, after []embedded.Received) int {
	if len(before) == 0 {
		return len(after)
	}
	for i, m := range after {
		if m.ID == before[0].ID {
			return i
		}
	}
	return len(after)
}
