package keyfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keyward/pkg/keyfile"
)

// seeds adds every file in testdata and what texts holds; none may be empty.
func seeds(f *testing.F, texts ...string) {
	f.Helper()
	names, err := filepath.Glob("testdata/*.*")
	if err != nil || len(names) < 30 {
		f.Fatalf("%d seed files, %v", len(names), err)
	}
	for _, n := range names {
		data, err := os.ReadFile(n)
		if err != nil || len(data) == 0 {
			f.Fatalf("seed %s: %d bytes, %v", n, len(data), err)
		}
		texts = append(texts, string(data))
	}
	for _, s := range texts {
		if s == "" {
			f.Fatal("an empty seed")
		}
		f.Add([]byte(s))
	}
}

// noEcho fails when a piece of 8 bytes of data is in the error's text and not
// in the constant that the package says about any such input: a fuzzer may
// well send pieces of the constant.
func noEcho(t *testing.T, text, constant string, data []byte) {
	t.Helper()
	for _, w := range windows(string(data), 8) {
		if strings.Contains(text, w) && !strings.Contains(constant, w) {
			t.Fatal("the error repeats its input")
		}
	}
	if text != constant {
		t.Fatal("the error's text is not a constant")
	}
}

func FuzzParse(f *testing.F) {
	file := applePEM(f, mustKey(f))
	seeds(f, file, "\ufeff"+file, `"`+strings.ReplaceAll(file, "\n", `\n`)+`"`, mustZip(f, "AuthKey_ABC1234567.p8"), mustGzip(f, file), strings.TrimSpace(file)[:200])
	f.Fuzz(func(t *testing.T, data []byte) {
		before := string(data)
		k, err := keyfile.Parse(data)
		if string(data) != before {
			t.Fatal("Parse changed its input")
		}
		if err != nil {
			d := typedDiagnosis(t, err, k)
			noEcho(t, err.Error(), (&keyfile.Error{Diagnosis: d}).Error(), data)
			return
		}
		again, err := keyfile.Parse(k.PEM())
		if err != nil || again.Fingerprint() != k.Fingerprint() || len(k.Fingerprint()) != 64 {
			t.Fatalf("does not come back: %v", err)
		}
	})
}

func FuzzFromFilename(f *testing.F) {
	seeds(f, "AuthKey_ABC1234567.p8", `C:\AuthKey_ABC1234567 (1).p8`, "SubscriptionKey_ABC1234567.p8")
	f.Fuzz(func(t *testing.T, data []byte) {
		name, err := keyfile.FromFilename(string(data))
		if err != nil {
			if d := typedDiagnosis(t, err, keyfile.PrivateKey{}); d != keyfile.InAppPurchaseKey {
				t.Fatalf("diagnosed as %q", d)
			}
			return
		}
		if name.KeyID == "" {
			return
		}
		if id, err := keyfile.CheckKeyID(name.KeyID); err != nil || id != name.KeyID {
			t.Fatalf("a key ID that CheckKeyID refuses: %v", err)
		}
	})
}

func FuzzChecks(f *testing.F) {
	seeds(f, short, issuer, "“"+issuer+"”", "ann@example.com", "com.example.app", "Key ID: "+short, "AuthKey_"+short)
	checks := map[keyfile.Field]func(string) (string, error){
		keyfile.KeyID: keyfile.CheckKeyID, keyfile.IssuerID: keyfile.CheckIssuerID,
		keyfile.TeamID: keyfile.CheckTeamID, keyfile.TeamName: keyfile.CheckTeamName,
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for field, check := range checks {
			got, err := check(string(data))
			if err == nil {
				if again, err := check(got); err != nil || again != got || got == "" {
					t.Fatalf("%s: what it returns is refused or changed: %v", field, err)
				}
				continue
			}
			var typed *keyfile.FieldError
			if !errors.As(err, &typed) || typed.Field != field || !slices.Contains(guesses(), typed.Guess) || got != "" {
				t.Fatalf("%s: error of type %T", field, err)
			}
			noEcho(t, err.Error(), string(field)+" refused: "+string(typed.Guess), data)
			noEcho(t, typed.Sentence(), (&keyfile.FieldError{Field: field, Guess: typed.Guess}).Sentence(), data)
		}
	})
}
