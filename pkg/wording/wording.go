package wording

import (
	"regexp"
	"strings"
)

// LinkIsPersonal is what every page and e-mail with an upload link says about
// forwarding. An upload is recorded with the contact whose link brought it, so
// a link that was passed on would make the record untrue.
const LinkIsPersonal = "This link is for you alone: please don’t forward it. If someone else makes the keys in your company, " +
	"answer the e-mail with their name and address, and they get a link of their own."

// List joins as people do: "a, b and c".
func List(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}

// A Piece is a stretch of a text: plain, or an address of Apple's.
type Piece struct {
	Text string
	URL  string // empty: plain
}

// applesPages finds the addresses that our own texts name. A label that looks
// like one of them leads to Apple, too.
var applesPages = regexp.MustCompile(`https://(?:appstoreconnect|developer)\.apple\.com(?:/[a-z/-]*)?`)

// Links cuts a text at Apple's addresses, which are shown without https://.
func Links(s string) []Piece {
	var out []Piece
	at := 0
	for _, m := range applesPages.FindAllStringIndex(s, -1) {
		out = append(out, Piece{Text: s[at:m[0]]}, Piece{Text: strings.TrimPrefix(s[m[0]:m[1]], "https://"), URL: s[m[0]:m[1]]})
		at = m[1]
	}
	return append(out, Piece{Text: s[at:]})
}
