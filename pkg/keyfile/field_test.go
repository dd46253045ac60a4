package keyfile_test

import (
	"errors"
	"strings"
	"testing"

	"keyward/pkg/keyfile"
)

const (
	issuer = "57246542-96fe-1a63-e053-0824d011072a" // Apple's own example: not RFC 4122
	short  = "ABC1234567"
)

// wrappings are what comes along when an ID is copied.
var wrappings = map[string]func(string) string{
	"bare":              func(s string) string { return s },
	"blanks":            func(s string) string { return " \t" + s + " \r\n" },
	"no-break spaces":   func(s string) string { return "\u00a0" + s + "\u202f\u3000" },
	"zero-width spaces": func(s string) string { return "\u200b\ufeff" + s[:4] + "\u200b" + s[4:] + "\u2060" },
	"soft hyphen":       func(s string) string { return s[:5] + "\u00ad" + s[5:] },
	"quotes":            func(s string) string { return `"` + s + `"` },
	"single quotes":     func(s string) string { return "'" + s + "'," },
	"typographic":       func(s string) string { return "“" + s + "”" },
	"German":            func(s string) string { return "„" + s + "“" },
	"French":            func(s string) string { return "«\u00a0" + s + "\u00a0»" },
	"backticks":         func(s string) string { return "`" + s + "`" },
	"brackets":          func(s string) string { return "(" + s + ")" },
	"lower case":        strings.ToLower,
	"upper case":        strings.ToUpper,
	"full-width":        fullWidth,
	"wide brackets":     func(s string) string { return "（" + s + "）" },
	"wide braces":       func(s string) string { return "｛" + s + "｝" },
}

func fullWidth(s string) string {
	return strings.Map(func(r rune) rune { return r - '!' + '！' }, s)
}

func TestChecksAcceptWhatComesAlong(t *testing.T) {
	for name, wrap := range wrappings {
		t.Run(name, func(t *testing.T) {
			if got, err := keyfile.CheckKeyID(wrap(short)); err != nil || got != short {
				t.Errorf("key ID: %q, %v", got, err)
			}
			if got, err := keyfile.CheckTeamID(wrap(short)); err != nil || got != short {
				t.Errorf("team ID: %q, %v", got, err)
			}
			if got, err := keyfile.CheckIssuerID(wrap(issuer)); err != nil || got != issuer {
				t.Errorf("issuer ID: %q, %v", got, err)
			}
		})
	}
	for _, hyphen := range []string{"\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212"} {
		if got, err := keyfile.CheckIssuerID(strings.ReplaceAll(issuer, "-", hyphen)); err != nil || got != issuer {
			t.Errorf("%+q for a hyphen: %q, %v", hyphen, got, err)
		}
	}
}

// What is longer than 4096 bytes is not looked at.
func TestTheLongestInput(t *testing.T) {
	padded := func(s string, size int) string { return strings.Repeat(" ", size-len(s)) + s }
	tests := []struct {
		check  func(string) (string, error)
		field  keyfile.Field
		in     string
		fits   keyfile.Guess // of 4096 bytes
		beyond keyfile.Guess // of 4097 bytes
	}{
		{keyfile.CheckKeyID, keyfile.KeyID, short, "-", keyfile.GuessUnknown},
		{keyfile.CheckTeamID, keyfile.TeamID, short, "-", keyfile.GuessUnknown},
		{keyfile.CheckIssuerID, keyfile.IssuerID, issuer, "-", keyfile.GuessUnknown},
		{keyfile.CheckIssuerID, keyfile.IssuerID, "ann@example.com", keyfile.GuessEmail, keyfile.GuessUnknown},
	}
	for _, tt := range tests {
		checkGuess(t, tt.check, tt.field, padded(tt.in, 4096), tt.fits)
		checkGuess(t, tt.check, tt.field, padded(tt.in, 4097), tt.beyond)
	}
	name := func(size int) string { return "Example" + strings.Repeat(" ", size-len("ExampleInc.")) + "Inc." }
	if got, err := keyfile.CheckTeamName(name(4096)); err != nil || got != "Example Inc." {
		t.Errorf("a team name of 4096 bytes: %q, %v", got, err)
	}
	checkGuess(t, keyfile.CheckTeamName, keyfile.TeamName, name(4097), keyfile.GuessTooLong)
}

func TestChecksGuess(t *testing.T) {
	pemText := applePEM(t, mustKey(t))
	body := strings.Split(pemText, "\n")[1]
	const same = "" // the guess for the short field is that for the issuer ID
	tests := []struct {
		name, in  string
		forShort  keyfile.Guess
		forIssuer keyfile.Guess
	}{
		{"nothing", "", keyfile.GuessNothing, same},
		{"blanks", " \u00a0\n", keyfile.GuessNothing, same},
		{"quotes only", `""`, keyfile.GuessNothing, same},
		{"an issuer ID", issuer, keyfile.GuessIssuerID, "-"},
		{"an issuer ID in quotes", "“" + strings.ToUpper(issuer) + "”", keyfile.GuessIssuerID, "-"},
		{"a team ID or key ID", " " + short, "-", keyfile.GuessShortID},
		{"an issuer ID without hyphens", strings.ReplaceAll(issuer, "-", ""), keyfile.GuessNoHyphens, same},
		{"another file", "my key.p8", keyfile.GuessFileName, same},
		{"an address", "ann@example.com", keyfile.GuessEmail, same},
		{"a link", "https://appstoreconnect.apple.com/access/integrations/api", keyfile.GuessURL, same},
		{"a link without scheme", "appstoreconnect.apple.com/access/integrations/api/subscriptions", keyfile.GuessURL, same},
		{"an app's Apple ID", "123456789", keyfile.GuessAppleID, same},
		{"an app's Apple ID with id", "id1234567890", keyfile.GuessAppleID, same},
		{"a bundle ID", "com.example.app", keyfile.GuessBundleID, same},
		{"a bundle ID with the team ID", short + ".com.example.app", keyfile.GuessBundleID, same},
		{"a whole key", pemText, keyfile.GuessKeyContents, same},
		{"a key on one line", strings.ReplaceAll(pemText, "\n", ""), keyfile.GuessKeyContents, same},
		{"the first line of a key's body", body, keyfile.GuessKeyContents, same},
		{"a key's first line", "-----BEGIN PRIVATE KEY-----", keyfile.GuessKeyContents, same},
		{"key ID with a label", "Key ID: " + short, keyfile.GuessWordsAround, keyfile.GuessUnknown},
		{"certificate's name", "Apple Distribution: Example (" + short + ")", keyfile.GuessWordsAround, keyfile.GuessUnknown},
		{"issuer ID with a label", "Issuer ID: " + issuer, keyfile.GuessUnknown, keyfile.GuessWordsAround},
		{"issuer ID too short", issuer[:30], keyfile.GuessUnknown, keyfile.GuessTooShort},
		{"issuer ID with a hyphen in the wrong place", "572465429-6fe-1a63-e053-0824d011072a", keyfile.GuessUnknown, same},
		{"issuer ID too long", issuer + "0", keyfile.GuessUnknown, keyfile.GuessTooLong},
		{"issuer ID with a letter that is no hex", "g" + issuer[1:], keyfile.GuessUnknown, same},
		{"nine characters", short[:9], keyfile.GuessTooShort, keyfile.GuessUnknown},
		{"eleven characters", short + "X", keyfile.GuessTooLong, keyfile.GuessUnknown},
		{"invalid UTF-8", "\xff" + short, keyfile.GuessUnknown, same},
		{"two words", "hello world", keyfile.GuessUnknown, same},
		{"Cyrillic look-alikes", "АВС1234567", keyfile.GuessUnknown, same},
		{"very long", strings.Repeat("x ", 1<<20), keyfile.GuessUnknown, same},
	}
	for _, tt := range tests {
		if tt.forIssuer == same {
			tt.forIssuer = tt.forShort
		}
		t.Run(tt.name, func(t *testing.T) {
			checkGuess(t, keyfile.CheckKeyID, keyfile.KeyID, tt.in, tt.forShort)
			checkGuess(t, keyfile.CheckTeamID, keyfile.TeamID, tt.in, tt.forShort)
			checkGuess(t, keyfile.CheckIssuerID, keyfile.IssuerID, tt.in, tt.forIssuer)
		})
	}
}

// Ten digits may be a key ID. As a team ID they are the number of an app.
func TestTenDigitsAreNoTeamID(t *testing.T) {
	const app = "6721228149"
	checkGuess(t, keyfile.CheckKeyID, keyfile.KeyID, app, "-")
	for _, in := range []string{app, " " + app + "\n", "672122814", "id" + app, "６７２１２２８１４９"} {
		checkGuess(t, keyfile.CheckTeamID, keyfile.TeamID, in, keyfile.GuessAppleID)
	}
	checkGuess(t, keyfile.CheckIssuerID, keyfile.IssuerID, app, keyfile.GuessAppleID)
	_, err := keyfile.CheckTeamID(app)
	var fe *keyfile.FieldError
	if !errors.As(err, &fe) || !strings.Contains(fe.Sentence(), "the number of an app") {
		t.Errorf("the sentence is %v", err)
	}
}

// checkGuess wants the guess, or with "-" no error.
func checkGuess(t *testing.T, check func(string) (string, error), f keyfile.Field, in string, want keyfile.Guess) {
	t.Helper()
	got, err := check(in)
	if want == "-" {
		if err != nil {
			t.Errorf("%s: %v", f, err)
		}
		return
	}
	var typed *keyfile.FieldError
	if !errors.As(err, &typed) || got != "" {
		t.Fatalf("%s: accepted, or an error of type %T", f, err)
	}
	if typed.Field != f || typed.Guess != want {
		t.Errorf("%s: guessed %q for %s, want %q", f, typed.Guess, typed.Field, want)
	}
	if err.Error() != string(f)+" refused: "+string(typed.Guess) {
		t.Error("the error's text is more than field and guess")
	}
}

func TestCheckTeamName(t *testing.T) {
	good := map[string]string{
		"Example GmbH":            "Example GmbH",
		"  Example \u00a0 Inc.  ": "Example Inc.",
		"株式会社例":                   "株式会社例",
		`"Quoted" & Söhne, LLC`:   `"Quoted" & Söhne, LLC`,
		"نرم\u200cافزار":          "نرم\u200cافزار",
		strings.Repeat("ü", 120):  strings.Repeat("ü", 120),
	}
	for in, want := range good {
		if got, err := keyfile.CheckTeamName(in); err != nil || got != want {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
	wrongs := []struct {
		name, in string
		want     keyfile.Guess
	}{
		{"nothing", " \u200b", keyfile.GuessNothing},
		{"too long", strings.Repeat("ü", 121), keyfile.GuessTooLong},
		{"two lines", "Example\nBcc: ann@example.com", keyfile.GuessUnprintable},
		{"a zero", "Exam\x00ple", keyfile.GuessUnprintable},
		{"reversed writing", "Example \u202egnp.exe", keyfile.GuessUnprintable},
		{"invalid UTF-8", "Example \xff", keyfile.GuessUnprintable},
		{"a key", applePEM(t, mustKey(t)), keyfile.GuessKeyContents},
	}
	for _, tt := range wrongs {
		t.Run(tt.name, func(t *testing.T) {
			checkGuess(t, keyfile.CheckTeamName, keyfile.TeamName, tt.in, tt.want)
		})
	}
}

func TestTheNameOfTheKeyFileIsTakenForTheKeyID(t *testing.T) {
	for name, pasted := range map[string]string{
		"the name": "AuthKey_ABC1234567.p8", "without .p8": "AuthKey_ABC1234567", "downloaded twice": "AuthKey_ABC1234567 (1).p8",
		"in quotes": `"AuthKey_ABC1234567.p8"`, "Windows": `C:\Users\ann\Downloads\AuthKey_ABC1234567.p8`, "a Mac": "/Users/ann/Downloads/AuthKey_ABC1234567.p8",
		"a file URL": "file:///Users/ann/AuthKey_ABC1234567.p8", "small letters": "authkey_abc1234567.p8", "altool's": "ApiKey_ABC1234567.p8",
	} {
		if got, err := keyfile.CheckKeyID(pasted); err != nil || got != "ABC1234567" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, pasted := range []string{"SubscriptionKey_ABC1234567.p8", "/Users/ann/SubscriptionKey_ABC1234567.p8", "SubscriptionKey_ABC1234567"} {
		_, err := keyfile.CheckKeyID(pasted)
		var fe *keyfile.FieldError
		if !errors.As(err, &fe) || !strings.Contains(fe.Sentence(), "In-App Purchase key") {
			t.Errorf("%s: %v", pasted, err)
		}
	}
	if _, err := keyfile.CheckTeamID("AuthKey_ABC1234567.p8"); err == nil {
		t.Error("a file's name is taken for a team ID")
	}
}
