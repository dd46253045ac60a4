package demo

import (
	"html"
	"iter"
	"strings"
)

// A form is one of a page, with the inputs that it begins with.
type form struct {
	action, method, enctype string
	fields                  []field
}

type field struct{ name, value, kind string }

// A tag is an opening or closing tag of HTML; a closing one begins with "/".
type tag struct {
	name  string
	attrs map[string]string
}

// forms finds the forms of a page.
func forms(page string) []form {
	var out []form
	open := false
	for t := range tags(page) {
		switch {
		case t.name == "form":
			open = true
			out = append(out, form{action: t.attrs["action"], method: strings.ToUpper(t.attrs["method"]), enctype: t.attrs["enctype"]})
		case t.name == "/form":
			open = false
		case t.name == "input" && open && t.attrs["name"] != "":
			f := &out[len(out)-1]
			f.fields = append(f.fields, field{t.attrs["name"], t.attrs["value"], t.attrs["type"]})
		}
	}
	return out
}

// links finds where a page leads.
func links(page string) []string {
	var out []string
	for t := range tags(page) {
		if t.name == "a" && t.attrs["href"] != "" {
			out = append(out, t.attrs["href"])
		}
	}
	return out
}

// tags walks through a page. It takes HTML as browsers do, roughly: what is no
// tag is passed over, and quotes may hold anything.
func tags(page string) iter.Seq[tag] {
	return func(yield func(tag) bool) {
		rest := page
		for {
			_, after, found := strings.Cut(rest, "<")
			if !found {
				return
			}
			if strings.HasPrefix(after, "!--") {
				_, rest, _ = strings.Cut(after, "-->")
				continue
			}
			var t tag
			if t, rest = readTag(after); !yield(t) {
				return
			}
		}
	}
}

const blanks = " \t\r\n\f"

// readTag reads what follows a "<", up to and with the ">".
func readTag(s string) (t tag, rest string) {
	end := strings.IndexAny(s, blanks+">")
	if end < 0 {
		return tag{}, ""
	}
	t = tag{name: strings.ToLower(s[:end]), attrs: map[string]string{}}
	for s = s[end:]; ; {
		s = strings.TrimLeft(s, blanks+"/")
		if s == "" {
			return t, ""
		}
		if s[0] == '>' {
			return t, s[1:]
		}
		var name, value string
		name, value, s = readAttribute(s)
		if _, there := t.attrs[name]; !there { // the first counts
			t.attrs[name] = value
		}
	}
}

func readAttribute(s string) (name, value, rest string) {
	end := strings.IndexAny(s, blanks+">=")
	switch {
	case end < 0: // the page ends here
		return strings.ToLower(s), "", ""
	case end == 0: // "=" without a name
		return "", "", s[1:]
	}
	name, s = strings.ToLower(s[:end]), strings.TrimLeft(s[end:], blanks)
	if s == "" || s[0] != '=' {
		return name, "", s
	}
	s = strings.TrimLeft(s[1:], blanks)
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		value, rest, _ = strings.Cut(s[1:], s[:1])
		return name, html.UnescapeString(value), rest
	}
	if end = strings.IndexAny(s, blanks+">"); end < 0 {
		end = len(s)
	}
	return name, html.UnescapeString(s[:end]), s[end:]
}
