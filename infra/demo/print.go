package demo

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"keyward/pkg/integration"
)

// A Printer writes a story for a person, as it goes.
type Printer struct {
	PrinterConfig
	chapters int
	chapter  string
	steps    int
	err      error // of the first line that could not be written
}

// PrinterConfig says where and how a Printer writes.
type PrinterConfig struct {
	Out    io.Writer // must
	Colour bool      // may: with ANSI escapes
}

// NewPrinter makes a Printer.
func NewPrinter(cfg PrinterConfig) *Printer { return &Printer{PrinterConfig: cfg} }

const (
	width   = 80
	margin  = 29 // where a step's text begins
	whoRoom = 10
)

// A style is an ANSI escape.
type style string

const (
	bold  style = "1"
	faint style = "2"
	red   style = "31"
	green style = "32"
	blue  style = "34"
)

func (p *Printer) paint(s style, text string) string {
	if !p.Colour || s == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

func (p *Printer) line(format string, args ...any) {
	if _, err := fmt.Fprintf(p.Out, format+"\n", args...); p.err == nil {
		p.err = err
	}
}

// Begin says what follows.
func (p *Printer) Begin(at time.Time) {
	p.line("%s", p.paint(bold, "Keyward: the life of integrations"))
	p.line("On a virtual clock from %s, with a simulated App Store Connect.", at.UTC().Format("2 January 2006"))
}

// Step writes one step, under its chapter's title where it is the first.
func (p *Printer) Step(s Step) {
	p.steps++
	if s.Chapter != p.chapter {
		p.chapter = s.Chapter
		p.chapters++
		p.line("\n%s", p.paint(bold, fmt.Sprintf("%d  %s", p.chapters, s.Chapter)))
	}
	mark := p.paint(green, "✓")
	if !s.OK {
		mark = p.paint(red, "✗")
	}
	text := wrap(s.What, width-margin)
	p.line("   %s %s %s %s", p.paint(faint, s.At.UTC().Format("_2 Jan 15:04")), mark, pad(s.Who, whoRoom), text[0])
	p.block("", text[1:])
	p.block(faint, facts(s.Facts))
	for _, m := range mailLines(s.Mails) {
		p.block(blue, wrap("✉ "+m, width-margin))
	}
}

// block writes lines under a step's text.
func (p *Printer) block(s style, lines []string) {
	for _, l := range lines {
		if l != "" {
			p.line("%s%s", strings.Repeat(" ", margin), p.paint(s, l))
		}
	}
}

// End writes what differed, the table and the figures. The error is that of
// writing, not of the story.
func (p *Printer) End(r Report, err error) error {
	var d *Difference
	if errors.As(err, &d) {
		p.block("", wrap(d.About+" is not as expected:", width-margin))
		p.block(red, wrap("expected "+d.Want, width-margin))
		p.block(red, wrap("seen     "+d.Seen, width-margin))
	}
	p.table(r.Integrations)
	f := r.Figures
	p.line("\n%s in %.1f s: %s, %s to Apple, %s.", span(time.Duration(f.Virtual)), time.Duration(f.Wall).Seconds(),
		count(f.Checks, "check"), count(f.AppleCalls, "call"), count(f.Mails, "mail"))
	if err == nil {
		p.line("%s All %s came out as expected.", p.paint(green, "✓"), count(p.steps, "step"))
	} else {
		p.line("%s The story ended at step %d.", p.paint(red, "✗"), p.steps)
	}
	return p.err
}

func (p *Printer) table(rows []Row) {
	if len(rows) == 0 {
		return
	}
	p.line("\n%s", p.paint(bold, fmt.Sprintf("%-18s%-17s%7s%14s%13s%7s", "Integration", "State", "Checks", "To customer", "To support", "Keys")))
	for _, r := range rows {
		p.line("%-18s%-17s%7d%14d%13d%7d", r.Reference, plainWords(r.State), r.Checks, r.MailsToCustomer, r.MailsToSupport, r.Secrets)
	}
}

// span is a virtual time in days and hours.
func span(d time.Duration) string {
	days, hours := int(d/day), int(d%day/time.Hour)
	if days == 0 {
		return count(hours, "hour")
	}
	return count(days, "day") + " and " + count(hours, "hour")
}

// facts puts as many facts into a line as fit, and breaks none that fits.
func facts(list []Fact) []string {
	const hard = "\u00a0" // not a blank to wrap
	var out []string
	for _, f := range list {
		text := f.About + ": " + plainWords(f.Seen)
		if utf8.RuneCountInString(text)+2 <= width-margin {
			text = strings.ReplaceAll(text, " ", hard)
		}
		out = append(out, text)
	}
	lines := wrap(strings.Join(out, hard+"· "), width-margin)
	for i, l := range lines {
		lines[i] = strings.TrimSuffix(strings.ReplaceAll(l, hard, " "), " ·")
	}
	return lines
}

// mailLines groups letters by kind: who got how many.
func mailLines(letters []Letter) []string {
	var kinds []string
	to := map[string][]string{}
	for _, l := range letters {
		if to[l.Kind] == nil {
			kinds = append(kinds, l.Kind)
		}
		name := plainWords(l.To)
		if l.Of == string(integration.Fleet) {
			name += ", about all"
		}
		to[l.Kind] = append(to[l.Kind], name)
	}
	var out []string
	for _, k := range kinds {
		out = append(out, plainWords(k)+" → "+strings.Join(counted(to[k]), ", "))
	}
	return out
}

// counted puts equal names together, in an order of their own.
func counted(names []string) []string {
	slices.Sort(names)
	var out []string
	for i := 0; i < len(names); {
		n := 1
		for i+n < len(names) && names[i+n] == names[i] {
			n++
		}
		name := names[i]
		if n > 1 {
			name = fmt.Sprintf("%d × %s", n, name)
		}
		out = append(out, name)
		i += n
	}
	return out
}

// wrap breaks a text into lines of at most so many characters.
func wrap(text string, room int) []string {
	lines, line := []string{}, ""
	for word := range strings.SplitSeq(text, " ") {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > room {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimLeft(line+" "+word, " ")
	}
	return append(lines, line)
}

func pad(s string, room int) string {
	return s + strings.Repeat(" ", max(0, room-utf8.RuneCountInString(s)))
}
