package console

import (
	"fmt"
	"html/template"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"keyward/pkg/operator"
)

func (c *Console) funcs() template.FuncMap {
	return template.FuncMap{
		"moment": moment, "day": day, "iso": iso, "ago": func(t time.Time) string { return ago(t, c.Now()) },
		"words": words, "lower": lower, "badge": badge, "stateBadge": stateBadge, "list": list,
		"userBadge": userBadge, "fieldOf": fieldOf, "mailBadge": mailBadge, "verdictBadge": verdictBadge, "soon": func(t time.Time) bool { return t.Before(c.Now().Add(30 * 24 * time.Hour)) },
	}
}

// A field is what the template of a group of boxes needs.
type field struct {
	ID    string
	Data  any
	Error string
}

func fieldOf(id string, data any, problem string) field { return field{id, data, problem} }

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2 Jan 2006, 15:04 UTC")
}

func day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2 Jan 2006")
}

// ago says how far away a time is, roughly.
func ago(t, now time.Time) string {
	d := now.Sub(t)
	if d < 0 {
		return "in " + span(-d)
	}
	if d < time.Minute {
		return "just now"
	}
	return span(d) + " ago"
}

func span(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d min", max(1, int(d.Minutes())))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

func lower(code string) string {
	switch code {
	case "bundle_ids":
		return "bundle IDs"
	case "ok":
		return "OK"
	}
	return strings.ReplaceAll(code, "_", " ")
}

func list(codes []string) string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = lower(c)
	}
	return strings.Join(out, ", ")
}

// words turns a code into words with a capital.
func words(code string) string {
	text := lower(code)
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return "–"
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// badge is the class of the badge for a tone.
func badge(t operator.Tone) string {
	switch t {
	case operator.ToneGood:
		return "badge ok"
	case operator.ToneWaiting:
		return "badge info"
	case operator.ToneWatch:
		return "badge warn"
	case operator.ToneBad:
		return "badge bad"
	}
	return "badge"
}

func stateBadge(state string) string {
	switch state {
	case "active":
		return "badge ok"
	case "awaiting_key":
		return "badge info"
	case "suspect":
		return "badge warn"
	case "action_required", "deactivated":
		return "badge bad"
	}
	return "badge"
}

// mailBadge is the class for a notice's status, an upload's state or the like.
func mailBadge(status string) string {
	switch status {
	case "sent", "accepted":
		return "badge ok"
	case "dropped", "bounced", "refused", "expired":
		return "badge bad"
	case "pending", "held_back", "waiting":
		return "badge warn"
	}
	return "badge"
}

// userBadge is the class for what is known of the vendor's user.
func userBadge(f operator.UserFinding) string {
	switch {
	case f.Access == "active":
		return "badge ok"
	case f.Access == "missing", len(f.Missing) > 0:
		return "badge bad"
	case f.Access == "invited":
		return "badge info"
	}
	return "badge warn"
}

func verdictBadge(verdict string) string {
	switch verdict {
	case "ok", "yes":
		return "badge ok"
	case "rejected", "blocked", "no":
		return "badge bad"
	}
	return "badge warn"
}
