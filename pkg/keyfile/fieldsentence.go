package keyfile

// Sentence says, to a customer's administrator, what was typed and what
// belongs there. It is plain text of two or three sentences.
func (e *FieldError) Sentence() string {
	return e.Guess.sentence(e.Field) + " " + e.Field.sentence()
}

// Title is the field's name as people read it.
func (f Field) Title() string {
	switch f {
	case KeyID:
		return "key ID"
	case IssuerID:
		return "issuer ID"
	case TeamID:
		return "team ID"
	case TeamName:
		return "team name"
	}
	return "value"
}

// sentence says what the field looks like and where to find it.
func (f Field) sentence() string {
	switch f {
	case KeyID:
		return "The key ID has ten letters and digits. It stands beside the key in App Store Connect under Users and Access, " +
			"Integrations, App Store Connect API, and in the file's name: AuthKey_(key ID).p8."
	case IssuerID:
		return "The issuer ID has 36 characters in five groups with hyphens in between. It stands above the list of keys in " +
			"App Store Connect under Users and Access, Integrations, App Store Connect API."
	case TeamID:
		return "The team ID has ten letters and digits. It stands on developer.apple.com/account under Membership details."
	case TeamName:
		return "Please enter your team's name on one line. It stands on developer.apple.com/account under Membership details."
	}
	return ""
}

// sentence says what seems to have been typed into the field.
func (g Guess) sentence(f Field) string {
	name := f.Title()
	switch g {
	case GuessNothing:
		return "The " + name + " is missing."
	case GuessKeyContents:
		return "This looks like the inside of the key file. Please never paste a key into a form: upload the file, and enter only the " + name + " here."
	case GuessFileName:
		return "This looks like the name of a file. Please enter only the " + name + " here."
	case GuessPurchaseKey:
		return "This is the name of an In-App Purchase key, which does not work here: its key ID belongs to another kind of key."
	case GuessNoHyphens:
		if f == IssuerID {
			return "This looks like the issuer ID without its hyphens. Please copy it with them."
		}
		return "This looks like an issuer ID, not the " + name + "."
	case GuessWordsAround:
		return "There are other words around the " + name + ". Please enter only the ID."
	case GuessTooShort:
		return "This is too short for the " + name + ": a part of it is missing."
	case GuessTooLong:
		return "This is too long for the " + name + "."
	case GuessUnprintable:
		return "There are characters in the " + name + " that cannot be shown."
	}
	if thing, ok := things[g]; ok {
		return "This looks like " + thing + ", not the " + name + "."
	}
	return "This is not the " + name + "."
}

// things are what people paste instead.
var things = map[Guess]string{
	GuessIssuerID: "an issuer ID",
	GuessShortID:  "a key ID or a team ID",
	GuessEmail:    "an e-mail address",
	GuessURL:      "a link",
	GuessAppleID:  "the number of an app (its Apple ID)",
	GuessBundleID: "the bundle ID of an app",
}
