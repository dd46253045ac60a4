package notify

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"strings"
	"text/template"
	"unicode/utf8"

	"keyward/pkg/wording"
)

// A page is a letter before its form is chosen. A template gives its parts:
//
//	subject  what happened, in at most 48 characters; the label is added
//	title    the headline
//	lead     paragraphs, apart by an empty line: what happened, since when, what it means
//	steps    what to do: one line each, numbered where there are several
//	button   what the link's button says, where there is a link
//	after    paragraphs: what happens next
type page struct {
	Fill    fill
	Subject string
	Title   string
	Lead    []string
	Steps   []string
	Button  string
	After   []string
}

// Personal is the note below the link's button.
func (p *page) Personal() string {
	return "The link works until " + p.Fill.Ends + ". " + wording.LinkIsPersonal
}

const maxSubject = 70

func (p *page) write(t *template.Template) error {
	parts := map[string]string{}
	for _, part := range []string{"subject", "title", "lead", "steps", "button", "after"} {
		var b strings.Builder
		if err := t.ExecuteTemplate(&b, part, p.Fill); err != nil {
			return fmt.Errorf("writing the %s of a mail: %w", part, err)
		}
		parts[part] = strings.TrimSpace(b.String())
	}
	p.Subject = subject(parts["subject"], p.Fill.Label)
	p.Title = oneLine(parts["title"])
	p.Lead, p.After = paragraphs(parts["lead"]), paragraphs(parts["after"])
	p.Button = oneLine(parts["button"])
	for line := range strings.Lines(parts["steps"]) {
		if line = oneLine(line); line != "" {
			p.Steps = append(p.Steps, line)
		}
	}
	return nil
}

// subject adds the label, cut to what room is left.
func subject(what, label string) string {
	what = oneLine(what)
	if label == "" {
		return shorten(what, maxSubject)
	}
	room := maxSubject - utf8.RuneCountInString(what) - len(" – ") + 2 // the dash is one character of three bytes
	return what + " – " + shorten(label, room)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func paragraphs(s string) []string {
	var out []string
	for p := range strings.SplitSeq(s, "\n\n") {
		if p = oneLine(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// bold marks words that are to be found on a screen. The marks are control
// characters, which no text from outside holds: see clean.
func bold(s string) string { return boldOn + s + boldOff }

const boldOn, boldOff = "\x02", "\x03"

// Foot are the last lines of every mail to a customer.
func (p *page) Foot() []string {
	f := p.Fill
	return []string{
		"About: " + p.About(),
		"Questions? Answer this mail, or write to " + f.Support + ".",
		"Nobody will ever ask you to send a key by e-mail. Please never do: " + f.Vendor + " takes keys on its secure upload page only.",
	}
}

// About names the integration as the customer knows it.
func (p *page) About() string {
	f := p.Fill
	out := f.Label
	if f.Team != "" {
		out += " · Apple team " + f.Team
	}
	if f.TeamID != "" {
		out += " (" + f.TeamID + ")"
		if !f.TeamShown {
			out += ", as you entered it"
		}
	}
	return out + " · connected by " + f.Vendor
}

// html is the page for everyone else.
func (p *page) html(layout *htmltemplate.Template) (string, error) {
	var b bytes.Buffer
	if err := layout.Execute(&b, p); err != nil {
		return "", fmt.Errorf("writing the HTML of a mail: %w", err)
	}
	return b.String(), nil
}

// A Piece is a stretch of a paragraph: plain, bold, or a link to Apple.
type Piece struct {
	Text string
	Bold bool
	URL  string
}

// Pieces cuts a paragraph for the layout.
func (p *page) Pieces(s string) []Piece {
	var out []Piece
	for i, part := range strings.FieldsFunc(s, func(r rune) bool { return r == '\x02' || r == '\x03' }) {
		strong := (i%2 == 1) != strings.HasPrefix(s, boldOn)
		for _, l := range wording.Links(part) {
			out = append(out, Piece{Text: l.Text, URL: l.URL, Bold: strong && l.URL == ""})
		}
	}
	return out
}
