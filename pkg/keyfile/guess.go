package keyfile

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Guess says what was probably typed or pasted instead. Its value is
// stable: it is stored and counted.
type Guess string

const (
	GuessNothing     Guess = "nothing"      // empty, or only blanks
	GuessKeyContents Guess = "key_contents" // the inside of a key file
	GuessIssuerID    Guess = "issuer_id"    // in another field than its own
	GuessShortID     Guess = "short_id"     // a key ID or a team ID; they have one shape
	GuessFileName    Guess = "file_name"    // AuthKey_…, with or without .p8, or another file
	GuessPurchaseKey Guess = "purchase_key" // SubscriptionKey_…, the file of an In-App Purchase key
	GuessEmail       Guess = "email"        // an address
	GuessURL         Guess = "url"          // a link
	GuessAppleID     Guess = "apple_id"     // an app's number, 8 to 12 digits
	GuessBundleID    Guess = "bundle_id"    // com.example.app, with or without the team ID before it
	GuessNoHyphens   Guess = "no_hyphens"   // an issuer ID without its hyphens
	GuessWordsAround Guess = "words_around" // the right ID with words around it, such as "Key ID: …"
	GuessTooShort    Guess = "too_short"    // the right characters, too few
	GuessTooLong     Guess = "too_long"     // the right characters, too many
	GuessUnprintable Guess = "unprintable"  // control characters, several lines, invalid UTF-8
	GuessUnknown     Guess = "unknown"      // none of the others
)

var (
	emailShape   = regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`)
	urlShape     = regexp.MustCompile(`(?i)^(?:https?://|www\.|[a-z0-9.-]+\.[a-z]{2,}/)`)
	fileShape    = regexp.MustCompile(`(?i)(?:^|[/\\])(?:AuthKey|ApiKey|SubscriptionKey)_|\.(?:p8|p12|pem|cer|txt|zip|mobileprovision)$`)
	bundleShape  = regexp.MustCompile(`(?i)^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\.\*)?$`)
	appleIDShape = regexp.MustCompile(`^(?:id)?[0-9]{8,12}$`)
	bareLongID   = regexp.MustCompile(`^[0-9a-f]{32}$`)
	base64Run    = regexp.MustCompile(`[A-Za-z0-9+/]{40}`)
	longRun      = regexp.MustCompile(`[A-Za-z0-9+/]{32,}`) // half a line of a key file
	derBase64    = regexp.MustCompile(`\bM[A-Za-z0-9+/]{43}`)
	shortInWords = regexp.MustCompile(`(?:^|[^A-Za-z0-9])[A-Z0-9]{10}(?:$|[^A-Za-z0-9])`)
	longInWords  = regexp.MustCompile(`(?i)(?:^|[^0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:$|[^0-9a-f-])`)
	shortLetters = regexp.MustCompile(`(?i)^[a-z0-9]+$`)
	longLetters  = regexp.MustCompile(`(?i)^[0-9a-f]+(?:-+[0-9a-f]*)+$`)
)

// guess says what s is, which is not an ID of the field's shape.
func guess(f Field, s string) Guess {
	if trimBlanks(s) == "" {
		return GuessNothing
	}
	if isKeyContents(s) {
		return GuessKeyContents
	}
	if len(s) > maxID || !utf8.ValidString(s) {
		return GuessUnknown
	}
	id := clean(s)
	if id == "" {
		return GuessNothing // only quotes
	}
	if g := guessOther(id); g != "" {
		return g
	}
	return guessMisshapen(f, id)
}

// guessOther knows things that are no ID, or the ID of another field.
func guessOther(id string) Guess {
	switch {
	case longID.MatchString(strings.ToLower(id)):
		return GuessIssuerID
	case fileShape.MatchString(id):
		return GuessFileName
	case emailShape.MatchString(id):
		return GuessEmail
	case urlShape.MatchString(id):
		return GuessURL
	case appleIDShape.MatchString(strings.ToLower(id)):
		return GuessAppleID
	case bundleShape.MatchString(id):
		return GuessBundleID
	case shortID.MatchString(strings.ToUpper(id)):
		return GuessShortID
	case bareLongID.MatchString(strings.ToLower(id)):
		return GuessNoHyphens
	}
	return ""
}

// guessMisshapen knows what is nearly the field's ID.
func guessMisshapen(f Field, id string) Guess {
	size, letters, inWords := 10, shortLetters, shortInWords
	if f == IssuerID {
		size, letters, inWords = 36, longLetters, longInWords
	}
	switch {
	case letters.MatchString(id) && len(id) < size:
		return GuessTooShort
	case letters.MatchString(id) && len(id) > size:
		return GuessTooLong
	case inWords.MatchString(id):
		return GuessWordsAround
	}
	return GuessUnknown
}

// isKeyContents tells whether s has the inside of a key file in it, or a part
// of that. It looks at the first maxID bytes.
func isKeyContents(s string) bool {
	s = s[:min(len(s), maxID)]
	upper := strings.ToUpper(s)
	if strings.Contains(upper, "-----BEGIN") || strings.Contains(upper, "-----END") || strings.Contains(upper, labelPKCS8) {
		return true
	}
	if urlShape.MatchString(clean(s)) {
		return false
	}
	return derBase64.MatchString(s) || strings.ContainsAny(s, "+/") && base64Run.MatchString(s) ||
		slices.ContainsFunc(longRun.FindAllString(s, -1), isMixed)
}

// isMixed tells whether small letters, capitals and digits take turns in a
// text as they do in base64, and not as in words: CamelCase of six words
// changes eleven times.
func isMixed(s string) bool {
	changes := 0
	var seen [3]bool
	for i := 1; i < len(s); i++ {
		seen[caseOf(s[i])] = true
		if caseOf(s[i]) != caseOf(s[i-1]) {
			changes++
		}
	}
	return seen[1] && seen[2] && (changes >= 13 || seen[0] && changes >= 8)
}

// caseOf is 1 for small letters, 2 for capitals, 0 for all else.
func caseOf(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return 1
	case c >= 'A' && c <= 'Z':
		return 2
	}
	return 0
}
