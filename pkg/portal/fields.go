package portal

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// A field is one text input of the setup form.
type field struct {
	Name, Label, Hint string
	Value             string // what was typed, unless it may be key material
	Error             string
	InputMode         string
	Pattern           string // for programs that help with forms; our own checks say more
	Mono              bool
	Optional          bool
}

// Short is the first sentence of the error, for the summary.
func (f field) Short() string {
	first, _, _ := strings.Cut(f.Error, ". ")
	return strings.TrimSuffix(first, ".") + "."
}

// setupFields are the inputs in the order in which the pages of Apple show
// them.
func setupFields(level integration.AccessLevel) []field {
	issuer := field{Name: "issuer_id", Label: "Issuer ID", InputMode: "text", Mono: true,
		Pattern: `[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}`,
		Hint:    "Above the list of keys, such as 57246542-96fe-1a63-e053-0824d011072a."}
	if level.AllowIndividual {
		issuer.Hint += " Leave it empty if the key is an individual key."
		issuer.Optional = true
	}
	return []field{
		issuer,
		{Name: "key_id", Label: "Key ID", InputMode: "text", Mono: true,
			Hint: "Ten letters and digits beside the new key, or the name of the file: AuthKey_….p8."},
		{Name: "team_id", Label: "Team ID", InputMode: "text", Pattern: `[0-9A-Za-z]{10}`, Mono: true,
			Hint: "Ten letters and digits, on developer.apple.com/account under Membership details."},
		{Name: "team_name", Label: "Team name", InputMode: "text",
			Hint: "As it stands there under Membership details, such as the name of your company."},
	}
}

// readFields checks what was typed. The fields come back with values and
// errors; ok says that there are none.
func readFields(form url.Values, level integration.AccessLevel) (t integration.Entered, fields []field, ok bool) {
	fields = setupFields(level)
	checks := map[string]func(string) (string, error){
		"issuer_id": keyfile.CheckIssuerID, "key_id": keyfile.CheckKeyID,
		"team_id": keyfile.CheckTeamID, "team_name": keyfile.CheckTeamName,
	}
	values := map[string]*string{
		"issuer_id": &t.IssuerID, "key_id": &t.KeyID, "team_id": &t.TeamID, "team_name": &t.TeamName,
	}
	ok = true
	for i := range fields {
		f := &fields[i]
		raw := form.Get(f.Name)
		if f.Optional && strings.TrimSpace(raw) == "" {
			continue
		}
		good, err := checks[f.Name](raw)
		f.Value, f.Error = echo(raw, good, err), sentenceOf(err)
		*values[f.Name] = good
		ok = ok && err == nil
	}
	if ok && t.KeyID == t.TeamID {
		ok = false
		named(fields, "team_id").Error = "The key ID and the team ID are the same, so one of them was probably pasted twice. " +
			"The team ID stands on developer.apple.com/account under Membership details."
	}
	return t, fields, ok
}

// named is the field of the name, which must be one of setupFields.
func named(fields []field, name string) *field {
	return &fields[slices.IndexFunc(fields, func(f field) bool { return f.Name == name })]
}

// maxEcho is the longest text, in bytes, that is shown again.
const maxEcho = 200

// echo is what the input shows again: the good value, or what was typed, but
// never anything that might be a key.
func echo(raw, good string, err error) string {
	var fe *keyfile.FieldError
	switch {
	case err == nil:
		return good
	case errors.As(err, &fe) && fe.Guess == keyfile.GuessKeyContents,
		len(raw) > maxEcho, strings.Contains(strings.ToUpper(raw), "PRIVATE"), longestRun(raw) > maxRun:
		return ""
	}
	return raw
}

// maxRun is the longest run of base64 that is shown again: an issuer ID
// without its hyphens. A key has 64 on a line.
const maxRun = 32

// longestRun is the length of the longest run of base64's characters, blanks
// left out.
func longestRun(s string) int {
	longest, run := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			continue
		case r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("+/=", r)):
			run++
			longest = max(longest, run)
		default:
			run = 0
		}
	}
	return longest
}

func sentenceOf(err error) string {
	var fe *keyfile.FieldError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &fe):
		return fe.Sentence()
	}
	return "Please check this."
}

// sameTeam puts an error beside a team ID that is not the integration's, and
// reports whether there is none. Support can allow another one.
func sameTeam(it integration.Integration, typed string, fields []field) bool {
	if typed == "" || it.TeamID == "" || typed == it.TeamID || it.TeamMove.Allowed() {
		return true
	}
	for i := range fields {
		if fields[i].Name == "team_id" {
			fields[i].Error = "This connection belongs to the team " + it.TeamID + ". Please make the key in that team and enter its ID. " +
				"If your app has moved to another team, write to support first: they can allow it."
		}
	}
	return false
}
