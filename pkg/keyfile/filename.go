package keyfile

import (
	"regexp"
	"strings"
)

// A Name is what a file's name says about the key in it. The zero value is
// no evidence: many people rename files.
type Name struct {
	KeyID string // 10 of A–Z 0–9, or "" when the name tells none
}

// maxName bounds the name, in bytes, that FromFilename looks at; no file
// system has longer ones.
const maxName = 1024

var (
	// keyName finds Apple's AuthKey_<ID>.p8, and ApiKey_<ID>.p8 as altool asks
	// for it, also in what browsers and people make of them: "(1)", "copy",
	// ".txt", "Kopie von".
	keyName = regexp.MustCompile(`(?i)(?:^|[^a-z0-9])(?:AuthKey|ApiKey)[_ -]([A-Z0-9]{10})(?:$|[^a-z0-9])`)
	// purchaseName finds the name of an In-App Purchase key, with or without
	// a proper ID.
	purchaseName = regexp.MustCompile(`(?i)(?:^|[^a-z0-9])SubscriptionKey[_ -]`)
)

// FromFilename reads the key ID out of the name of an uploaded file, which
// may come with a path. The name is the customer's word, not proof. The only
// error is an *Error with InAppPurchaseKey: those files look like the right
// ones inside, so the name is all there is to refuse them by.
func FromFilename(name string) (Name, error) {
	if len(name) > maxName {
		return Name{}, nil
	}
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if purchaseName.MatchString(name) {
		return Name{}, &Error{Diagnosis: InAppPurchaseKey}
	}
	m := keyName.FindStringSubmatch(name)
	if m == nil {
		return Name{}, nil
	}
	return Name{KeyID: strings.ToUpper(m[1])}, nil
}
