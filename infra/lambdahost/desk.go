package lambdahost

import (
	"bytes"
	"errors"
	"html/template"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The desk is what stands in for a mail program and a calendar.

var inboxPage = template.Must(template.New("inbox").Parse(`<!doctype html><html lang="en"><title>Inbox</title>
<h1>Inbox</h1><p><a href="/">Console</a> · <a href="/clock">Clock</a></p>
{{range .}}<section><h2>{{.Subject}}</h2><p>{{.At.Format "2 Jan 15:04"}}, to {{.To}}</p><pre>{{.Text}}</pre>
{{range .Links}}<p><a href="{{.}}">{{.}}</a></p>{{end}}</section><hr>{{else}}<p>No mail yet.</p>{{end}}`))

var clockPage = template.Must(template.New("clock").Parse(`<!doctype html><html lang="en"><title>Clock</title>
<h1>Clock</h1><p><a href="/">Console</a> · <a href="/inbox">Inbox</a></p><p>It is {{.Format "Monday, 2 January 2006, 15:04:05"}} UTC.</p>
<form method="post"><label>Move on by <input name="by" value="24h"></label> <button>Go</button></form>`))

// A letter is a mail as a person reads it.
type letter struct {
	At                time.Time
	To, Subject, Text string
	Links             []string
}

var links = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:)]`)

func (h *Host) inbox(w http.ResponseWriter, _ *http.Request) {
	var all []letter
	for _, m := range slices.Backward(h.Mails()) {
		subject, text, err := read(m.Raw)
		if err != nil {
			text = "(this mail cannot be read: " + err.Error() + ")"
		}
		all = append(all, letter{m.At, m.To, subject, text, links.FindAllString(text, -1)})
	}
	show(w, inboxPage, all)
}

// read takes subject and plain text out of a mail.
func read(raw []byte) (subject, text string, err error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "", "", err
	}
	if subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return "", "", err
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return subject, "", err
	}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := parts.NextPart() // decodes quoted-printable
		if err != nil {
			return subject, "", errors.New("no plain text")
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/plain") {
			text, err := io.ReadAll(p)
			return subject, string(text), err
		}
	}
}

func (h *Host) clock(w http.ResponseWriter, _ *http.Request) {
	show(w, clockPage, h.cfg.Clock.Now())
}

// maxLeap bounds how far the clock moves at once: a day takes seconds.
const maxLeap = 31 * 24 * time.Hour

func (h *Host) moveClock(w http.ResponseWriter, r *http.Request) {
	by, err := time.ParseDuration(r.FormValue("by"))
	if err != nil || by <= 0 || by > maxLeap {
		http.Error(w, "Give a time such as 90m or 24h, up to 744h.", http.StatusBadRequest)
		return
	}
	if err := h.Advance(r.Context(), by); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/clock", http.StatusSeeOther)
}

func show(w http.ResponseWriter, page *template.Template, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'")
	w.Header().Set("Cache-Control", "no-store")
	_ = page.Execute(w, data)
}
