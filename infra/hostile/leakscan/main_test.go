package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestSecretsInOutputAreNamedAndHeldBack(t *testing.T) {
	link := "/l/" + strings.Repeat("Ab_", 14) + "x"
	key := "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAAAAAAAAAAAAAAAA\n"
	for _, c := range []struct {
		name, in string
		code     int
		held     string
	}{
		{"nothing", "ok  \tkeyward/pkg/x\t0.1s\nPASS\n", 0, ""},
		{"a link", "ok\n--- FAIL: went to " + link + "\nok\n", 1, link},
		{"a key over lines", "ok\n" + key + "ok\n", 1, "MIGHAgEA"},
		{"a line without end", strings.Repeat("x", maxLine+1), 2, "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, complaints bytes.Buffer
			if code := run(strings.NewReader(c.in), &out, &complaints); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if c.held != "" && strings.Contains(out.String()+complaints.String(), c.held) && c.code == 1 {
				t.Error("what was found is handed on")
			}
			if c.code == 1 && !strings.Contains(complaints.String(), "line 2") && !strings.Contains(complaints.String(), "line 3") {
				t.Errorf("it does not name the line: %s", complaints.String())
			}
			if c.code == 0 && out.String() != c.in {
				t.Error("what is harmless is not handed on as it is")
			}
		})
	}
}
