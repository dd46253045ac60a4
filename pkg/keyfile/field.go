package keyfile

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Field is one of the things that a customer types beside the key file.
type Field string

const (
	KeyID    Field = "key_id"
	IssuerID Field = "issuer_id"
	TeamID   Field = "team_id"
	TeamName Field = "team_name"
)

// A FieldError is the only error of the checks of fields. It never holds what
// was typed: people paste keys.
type FieldError struct {
	Field Field
	Guess Guess // what was probably pasted
}

// Error is for operators; show Sentence to customers.
func (e *FieldError) Error() string { return string(e.Field) + " refused: " + string(e.Guess) }

// The shapes of Apple's IDs. An issuer ID is shaped like a UUID, but is not
// one of RFC 4122: Apple's own example has a version of 1 and a variant that
// does not exist [APPLE].
var (
	shortID = regexp.MustCompile(`^[A-Z0-9]{10}$`)
	longID  = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
)

// maxID bounds, in bytes, what the checks look at: nothing that belongs into
// a field is longer.
const maxID = 4096

// CheckKeyID returns the key ID in s: 10 of A–Z 0–9. Blanks, quotes and
// brackets around it are taken away, lower case becomes upper case. The error
// is a *FieldError. A team ID has the same shape: only Apple can tell.
//
// Many people paste the name or the path of the key file: the ID in it will do.
func CheckKeyID(s string) (string, error) {
	if name, err := FromFilename(clean(s)); !isKeyContents(s) {
		switch {
		case err != nil:
			return "", &FieldError{Field: KeyID, Guess: GuessPurchaseKey}
		case name.KeyID != "":
			return name.KeyID, nil
		}
	}
	return checkShort(KeyID, s)
}

// CheckTeamID returns the team ID in s, like CheckKeyID. Ten digits without a
// letter are refused as the number of an app (its Apple ID), which people copy
// from App Store Connect's address line: of 370,000 team IDs one looks so.
func CheckTeamID(s string) (string, error) {
	id, err := checkShort(TeamID, s)
	if err == nil && appleIDShape.MatchString(id) {
		return "", &FieldError{Field: TeamID, Guess: GuessAppleID}
	}
	return id, err
}

func checkShort(f Field, s string) (string, error) {
	id := strings.ToUpper(clean(s))
	if !shortID.MatchString(id) {
		return "", &FieldError{Field: f, Guess: guess(f, s)}
	}
	return id, nil
}

// CheckIssuerID returns the issuer ID in s, in lower case: 8-4-4-4-12 hex
// digits. Blanks, quotes and brackets around it are taken away. The error is
// a *FieldError.
func CheckIssuerID(s string) (string, error) {
	id := strings.ToLower(clean(s))
	if !longID.MatchString(id) {
		return "", &FieldError{Field: IssuerID, Guess: guess(IssuerID, s)}
	}
	return id, nil
}

// MaxTeamName is the longest team name, in characters. Apple publishes no
// limit [GUESS]; longer ones are something else.
const MaxTeamName = 120

// CheckTeamName returns the team name in s, blanks around it taken away and
// runs of blanks made one. The name stands in mails and pages: it has 1 to
// MaxTeamName characters, all printable, on one line. The error is a
// *FieldError.
func CheckTeamName(s string) (string, error) {
	fail := func(g Guess) (string, error) { return "", &FieldError{Field: TeamName, Guess: g} }
	name := trimBlanks(s)
	switch {
	case name == "":
		return fail(GuessNothing)
	case isKeyContents(name):
		return fail(GuessKeyContents)
	case len(name) > maxID:
		return fail(GuessTooLong)
	case !utf8.ValidString(name), strings.ContainsFunc(name, unicode.IsControl):
		return fail(GuessUnprintable)
	}
	name = strings.Join(strings.FieldsFunc(name, unicode.IsSpace), " ")
	switch {
	case strings.ContainsFunc(name, notInName):
		return fail(GuessUnprintable)
	case utf8.RuneCountInString(name) > MaxTeamName:
		return fail(GuessTooLong)
	}
	return name, nil
}

// notInName lets the joiners through that Persian and Indian names need, and
// no other invisible character: marks of direction can make a mail lie.
func notInName(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return !unicode.IsPrint(r) && r != nonJoiner && r != joiner
}

// clean takes away what comes along when an ID is copied: everything
// invisible, and blanks, quotes, brackets and punctuation around it. Hyphens
// and full-width letters become those of ASCII.
func clean(s string) string {
	if len(s) > maxID || !utf8.ValidString(s) {
		return ""
	}
	s = strings.Map(plain, s)
	return strings.TrimFunc(s, func(r rune) bool {
		return isBlank(r) || isQuote(r) || strings.ContainsRune("()[]{}<>,;:.", r)
	})
}

// plain is the ASCII character that r stands for, or r; -1 drops it.
func plain(r rune) rune {
	switch {
	case isInvisible(r):
		return -1
	case '\u2010' <= r && r <= '\u2015', r == '\u2212': // hyphens, dashes, minus
		return '-'
	case '（' <= r && r <= '｝': // full-width, as Japanese keyboards type it
		return r - '！' + '!'
	}
	return r
}
