package operator

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"keyward/pkg/integration"
	"keyward/pkg/mailaddress"
)

const maxContacts = 20

var referenceForm = regexp.MustCompile(`^[!-~]{1,128}$`)

func firstOf(problems ...*Problem) error {
	for _, p := range problems {
		if p != nil {
			return p
		}
	}
	return nil
}

// checkReference wants what can be typed and pasted anywhere.
func checkReference(reference string) *Problem {
	switch {
	case !referenceForm.MatchString(reference):
		return invalid("reference", "A reference has 1 to 128 visible ASCII characters and no blanks, such as acme-ios.")
	case strings.HasPrefix(reference, "int_"):
		return invalid("reference", "A reference cannot begin with int_, so that nobody takes it for an ID.")
	}
	return nil
}

// checkText wants one line of text: it goes into subjects of mails.
func checkText(field, s string, most int) *Problem {
	switch {
	case s == "":
		return invalid(field, "The %s is missing.", field)
	case s != strings.TrimSpace(s):
		return invalid(field, "The %s has blanks around it.", field)
	case utf8.RuneCountInString(s) > most:
		return invalid(field, "The %s is longer than %d characters.", field, most)
	case strings.ContainsFunc(s, unprintable):
		return invalid(field, "The %s holds a character that cannot be printed.", field)
	}
	return nil
}

// unprintable characters break lines or turn the writing direction around.
func unprintable(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

// checkAddress returns the address as mail is sent to it. The problem does not repeat it.
func checkAddress(field, address string) (string, *Problem) {
	parsed, err := mailaddress.Parse(address)
	if err != nil {
		return "", invalid(field, "%s", err.Error())
	}
	return parsed, nil
}

func checkDuties(field string, duties []string) ([]integration.Duty, *Problem) {
	if len(duties) == 0 {
		return nil, invalid(field, "A contact needs at least one duty: admin, account_holder or business.")
	}
	var out []integration.Duty
	for _, d := range duties {
		duty := integration.Duty(d)
		if !duty.Valid() {
			return nil, invalid(field, "There is no such duty. The duties are admin, account_holder and business.")
		}
		if !slices.Contains(out, duty) {
			out = append(out, duty)
		}
	}
	return out, nil
}

// checkName lets a contact go without a name.
func checkName(field, name string) *Problem {
	if name == "" {
		return nil
	}
	p := checkText("name", name, 120)
	if p != nil {
		p.Field = field
	}
	return p
}
