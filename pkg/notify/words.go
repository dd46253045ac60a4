package notify

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"keyward/pkg/integration"
)

// clean makes a text from outside (a label, a name) fit for a header and for
// one line of a mail: no control characters, no line breaks of any kind, no
// characters that turn the direction of writing or take no room, single
// blanks.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// shorten cuts a text to at most n characters, the last of which is then an
// ellipsis.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimRight(string(r[:max(0, n-1)]), " ,.;:-–") + "…"
}

// maxName bounds labels and names within a mail.
const maxName = 120

func name(s string) string { return shorten(clean(s), maxName) }

// day is a date as mails show it: "4 March 2026". Empty for the zero time.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 January 2006")
}

// moment is a point in time as mails show it: "4 March 2026, 15:04 UTC".
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 January 2006, 15:04 UTC")
}

// count puts a number before its noun: "1 day", "3 days".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// list joins as people do: "a, b and c".
func list(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}

// ability says what a capability is good for, in words that a customer knows.
func ability(c integration.Capability) string {
	switch c {
	case integration.Apps:
		return "see your apps"
	case integration.Certificates:
		return "see signing certificates"
	case integration.Profiles:
		return "see provisioning profiles"
	case integration.BundleIDs:
		return "see bundle IDs"
	case integration.Users:
		return "see the team's users"
	case integration.Builds:
		return "see builds"
	case integration.Reviews:
		return "read customer reviews"
	case integration.Reports:
		return "read reports"
	default:
		return string(c)
	}
}

func abilities(cs []integration.Capability) []string {
	out := make([]string, 0, len(cs))
	for _, c := range cs {
		out = append(out, ability(c))
	}
	return out
}
