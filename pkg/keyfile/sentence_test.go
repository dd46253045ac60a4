package keyfile_test

import (
	"strings"
	"testing"

	"keyward/pkg/keyfile"
)

func TestEveryDiagnosisHasItsSentence(t *testing.T) {
	if len(keyfile.Diagnoses()) < 40 {
		t.Fatalf("only %d diagnoses", len(keyfile.Diagnoses()))
	}
	seen, values := map[string]keyfile.Diagnosis{}, map[keyfile.Diagnosis]bool{}
	for _, d := range keyfile.Diagnoses() {
		s := d.Sentence()
		if prose(s) != "" {
			t.Errorf("%s: %s", d, prose(s))
		}
		if other, ok := seen[s]; ok {
			t.Errorf("%s and %s have one sentence", d, other)
		}
		if values[d] {
			t.Errorf("%s is listed twice", d)
		}
		seen[s], values[d] = d, true
		if !strings.Contains(s, "upload") && d != keyfile.SeveralKeys {
			t.Errorf("%s does not say what to do", d)
		}
	}
}

// TestEveryDiagnosisOccurs: a diagnosis that no file of the tables gets is
// dead, or its test is missing.
func TestEveryDiagnosisOccurs(t *testing.T) {
	occurs := map[keyfile.Diagnosis]bool{keyfile.InAppPurchaseKey: true} // by name only: see FromFilename
	for _, d := range madeByTools {
		occurs[d] = true
	}
	for _, list := range [][]wrong{otherFormats(t), wrappedKeys(t), damagedKeys(t)} {
		for _, w := range list {
			occurs[w.want] = true
		}
	}
	for _, d := range keyfile.Diagnoses() {
		if !occurs[d] {
			t.Errorf("no test file is %s", d)
		}
	}
}

func TestUnknownDiagnosisHasASentence(t *testing.T) {
	if got := keyfile.Diagnosis("of a later version").Sentence(); got != keyfile.Unknown.Sentence() {
		t.Errorf("got %q", got)
	}
}

// prose says what is wrong with a sentence for customers, or "".
func prose(s string) string {
	switch {
	case s == "":
		return "empty"
	case len(s) > 600:
		return "too long to be read"
	case strings.TrimSpace(s) != s, strings.Contains(s, "  "), strings.Contains(s, "\n"):
		return "stray blanks"
	case strings.Contains(s, "—"):
		return "a dash"
	}
	return ""
}

// guesses lists every guess.
func guesses() []keyfile.Guess {
	return []keyfile.Guess{
		keyfile.GuessNothing, keyfile.GuessKeyContents, keyfile.GuessIssuerID, keyfile.GuessShortID, keyfile.GuessFileName, keyfile.GuessPurchaseKey,
		keyfile.GuessEmail, keyfile.GuessURL, keyfile.GuessAppleID, keyfile.GuessBundleID, keyfile.GuessNoHyphens,
		keyfile.GuessWordsAround, keyfile.GuessTooShort, keyfile.GuessTooLong, keyfile.GuessUnprintable, keyfile.GuessUnknown,
	}
}

func TestEveryFieldErrorHasItsSentence(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range []keyfile.Field{keyfile.KeyID, keyfile.IssuerID, keyfile.TeamID, keyfile.TeamName} {
		for _, g := range guesses() {
			e := &keyfile.FieldError{Field: f, Guess: g}
			s := e.Sentence()
			if prose(s) != "" || !strings.Contains(s, f.Title()) && f != keyfile.TeamName {
				t.Errorf("%s, %s: %q", f, g, s)
			}
			if seen[s] && (f != keyfile.IssuerID || g != keyfile.GuessIssuerID) && g != keyfile.GuessNoHyphens {
				t.Errorf("%s, %s: said before: %q", f, g, s)
			}
			seen[s] = true
		}
	}
}

func TestIssuerIDWithoutHyphens(t *testing.T) {
	for field, want := range map[keyfile.Field]string{
		keyfile.IssuerID: "This looks like the issuer ID without its hyphens. Please copy it with them. The issuer ID has 36 characters",
		keyfile.KeyID:    "This looks like an issuer ID, not the key ID. The key ID has ten",
		keyfile.TeamID:   "This looks like an issuer ID, not the team ID. The team ID has ten",
	} {
		if got := (&keyfile.FieldError{Field: field, Guess: keyfile.GuessNoHyphens}).Sentence(); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", field, got)
		}
	}
}
