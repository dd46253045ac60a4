package notify

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// text is the page for readers of plain text.
func (p *page) text() string {
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	para := func(s string) { line(wrap(plain(s), "", "")); line("") }
	para(p.Title)
	if p.Fill.To != "" {
		para("Hello " + p.Fill.To + ",")
	}
	for _, s := range p.Lead {
		para(s)
	}
	if len(p.Steps) > 0 {
		para("What to do:")
	}
	for i, s := range p.Steps {
		first, rest := "", ""
		if len(p.Steps) > 1 {
			first = fmt.Sprintf("%2d. ", i+1)
			rest = "    "
		}
		line(wrap(plain(s), first, rest))
	}
	if len(p.Steps) > 0 {
		line("")
	}
	p.linkText(line, para)
	for _, s := range p.After {
		para(s)
	}
	p.foot(line, para)
	return b.String()
}

func (p *page) linkText(line, para func(string)) {
	if p.Fill.Link.URL == "" {
		return
	}
	line(p.Button + ":")
	line(p.Fill.Link.URL)
	line("")
	para(p.Personal())
}

// foot closes the letter: for customers with whom to ask and what never to
// do, for support with what is known.
func (p *page) foot(line, para func(string)) {
	f := p.Fill
	for _, r := range f.Rows {
		line(wrap(r.Value, r.Name+": ", "    "))
	}
	if len(f.Rows) > 0 {
		line("")
	}
	if f.ForSupport {
		if f.Console != "" {
			line("Console: " + f.Console)
		}
		return
	}
	line("-- ")
	for _, s := range p.Foot() {
		line(wrap(s, "", ""))
	}
}

func plain(s string) string { return strings.NewReplacer(boldOn, "", boldOff, "").Replace(s) }

// wrap breaks a text into lines of at most 76 characters. Words are never
// broken, so that URLs stay whole.
func wrap(s, first, rest string) string {
	var b strings.Builder
	b.WriteString(first)
	col, start := utf8.RuneCountInString(first), true
	for word := range strings.FieldsSeq(s) {
		n := utf8.RuneCountInString(word)
		switch {
		case start:
			start = false
		case col+1+n > 76:
			b.WriteString("\n" + rest)
			col = utf8.RuneCountInString(rest)
		default:
			b.WriteByte(' ')
			col++
		}
		b.WriteString(word)
		col += n
	}
	return strings.TrimRight(b.String(), " ")
}
