package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatAMutantCountsAs(t *testing.T) {
	list := filepath.Join(t.TempDir(), "mutants.txt")
	text := "# why\n\npkg/a/a.go CONDITIONALS_BOUNDARY\nif a «<» b {\nThey never meet.\n\npkg/a/gone.go X\nline\nOnce.\n"
	if err := os.WriteFile(list, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	reasons, err := readExplained(list)
	if err != nil {
		t.Fatal(err)
	}
	r := judge([]mutant{
		{file: "pkg/a/a.go", kind: "CONDITIONALS_BOUNDARY", text: marked("\tif a < b {", 6), status: "LIVED"},
		{file: "pkg/a/a.go", kind: "CONDITIONALS_NEGATION", text: marked("\tif a < b {", 6), status: "KILLED"},
		{file: "pkg/a/a.go", status: "NOT VIABLE"},
		{file: "pkg/a/a.go", kind: "CONDITIONALS_NEGATION", text: "other", status: "TIMED OUT"},
		{file: "pkg/a/a.go", kind: "CONDITIONALS_NEGATION", text: "another", status: "NOT COVERED"},
	}, reasons)
	if r.found != 1 || r.explained != 1 || len(r.missed) != 1 || len(r.uncovered) != 1 || r.good() {
		t.Errorf("%+v", r)
	}
	if r.efficacy() < 66 || r.efficacy() > 67 || r.coverage() != 75 {
		t.Errorf("efficacy %v, coverage %v", r.efficacy(), r.coverage())
	}
	if u := reasons.unused("pkg/a", true); len(u) != 1 || !strings.HasPrefix(u[0], "pkg/a/gone.go") {
		t.Errorf("unused: %q", u)
	}
	if err := os.WriteFile(list, []byte("pkg/a/a.go X\nno reason\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readExplained(list); err == nil {
		t.Error("an entry without a reason is taken")
	}
}

// A file without functions is not in the profile, and what it declares runs.
func TestWidenAddsFilesOfDeclarations(t *testing.T) {
	t.Setenv(realGo, "go")
	covered := map[string][]span{"keyward/pkg/keyfile/parse.go": nil}
	if err := addDeclarations(covered); err != nil {
		t.Fatal(err)
	}
	if _, added := covered["keyward/pkg/keyfile/sentence.go"]; !added {
		t.Errorf("got %d files without sentence.go", len(covered))
	}
	if _, added := covered["keyward/pkg/keyfile/parse_test.go"]; added {
		t.Error("a test was added")
	}
}

func TestMarkedOperators(t *testing.T) {
	for line, want := range map[string]string{"a @<= b": "a «<=» b", "a @< b": "a «<» b", "a @- b": "a «-» b", "i@++": "i«++»"} {
		at := strings.Index(line, "@")
		if got := marked(strings.Replace(line, "@", "", 1), at); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestWidenAddsWhatRuns: the expressions after case count as run where the
// switch is, and declarations outside of functions always.
func TestWidenAddsWhatRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.go")
	source := "package a\n\nconst limit = 2 * 3\n\nfunc f(n int) bool {\n\tswitch {\n\tcase n < limit:\n\t\treturn true\n\t}\n\treturn false\n}\n"
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	lines := func(covered ...span) (out []int) {
		spans, err := uncounted(path, covered)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range spans {
			out = append(out, s.from.Line)
		}
		return out
	}
	var body span
	body.from.Line, body.from.Column, body.to.Line, body.to.Column = 5, 20, 6, 9
	if got := lines(body); len(got) != 2 || got[0] != 3 || got[1] != 7 {
		t.Errorf("run: lines %v, want 3 and 7", got)
	}
	if got := lines(); len(got) != 1 {
		t.Errorf("not run: lines %v, want 3 alone", got)
	}
}
