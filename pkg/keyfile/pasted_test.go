package keyfile_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"keyward/pkg/keyfile"
)

// TestAPieceOfAKeyIsNoTeamName: the name is kept and shown, so that not even
// half a line of a key may pass for one.
func TestAPieceOfAKeyIsNoTeamName(t *testing.T) {
	for _, file := range []string{"openssl-p256.p8", "java-p256.p8", "openssl-genpkey-p256.p8"} {
		text, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		body := strings.Join(lines[1:len(lines)-1], "")
		for from := 0; from+40 <= len(body); from += 7 {
			_, err := keyfile.CheckTeamName(body[from : from+40])
			var fe *keyfile.FieldError
			if !errors.As(err, &fe) || fe.Guess != keyfile.GuessKeyContents {
				t.Errorf("40 characters from %d on: %v", from, err)
			}
		}
	}
	for _, name := range []string{
		"Example Example " + strings.Repeat("Example", 7),                      // 13 changes between small letters and capitals
		"Donaudampfschifffahrtsgesellschaften " + strings.Repeat("Example", 7), // in the second of two long words
		"Exampleexample1Exampleexample2Example3",                               // 8 changes, with digits
		strings.Repeat("aB", 16), strings.Repeat("zB", 16), strings.Repeat("bA", 16), strings.Repeat("bZ", 16),
	} {
		checkGuess(t, keyfile.CheckTeamName, keyfile.TeamName, name, keyfile.GuessKeyContents)
	}
	for _, name := range []string{
		"Donaudampfschifffahrtsgesellschaft 1873 mbH", "ACME INTERNATIONAL HOLDINGS CORPORATION 2000 LLC", "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch Ltd", "3M",
		"example" + strings.Repeat("Example", 6),       // 12 changes between small letters and capitals
		"Exampleexample1Exampleexample2Exampleexample", // 7 changes, with digits
	} {
		if _, err := keyfile.CheckTeamName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
