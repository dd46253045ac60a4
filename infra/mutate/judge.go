package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A mutant is one changed operator, and what became of it.
type mutant struct {
	file, kind string
	text       string // the line, with the operator between « and »
	line       int
	status     string
}

// marked puts the operator that begins at the column between « and ».
func marked(line string, column int) string {
	n := 1
	for _, op := range []string{"&&", "||", "==", "!=", "<=", ">=", "++", "--", "+=", "-="} {
		if strings.HasPrefix(line[column:], op) {
			n = 2
		}
	}
	return strings.TrimSpace(line[:column] + "«" + line[column:column+n] + "»" + line[column+n:])
}

// explained are the mutants for which mutants.txt has a reason, by their name.
type explained map[string]*struct{ used bool }

// name is how mutants.txt calls a mutant: without a line number, which every
// other change of the file would move.
func (m mutant) name() string { return m.file + " " + m.kind + "\n" + m.text }

// readExplained reads mutants.txt: stanzas of three lines, with an empty one
// after each. They are the file and the kind, the line with the operator
// between « and », and the reason.
func readExplained(path string) (explained, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	all := explained{}
	for stanza := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n\n") {
		lines := strings.Split(strings.TrimSpace(stanza), "\n")
		if lines[0] == "" || strings.HasPrefix(lines[0], "#") {
			continue
		}
		if len(lines) < 3 || len(strings.Fields(lines[0])) != 2 {
			return nil, fmt.Errorf("%s: a file and a kind, a line and a reason belong together: %q", path, stanza)
		}
		all[lines[0]+"\n"+strings.TrimSpace(lines[1])] = &struct{ used bool }{}
	}
	return all, nil
}

// unused are the entries for the package's mutants that no mutant needed,
// where all of the package was run.
func (e explained) unused(pkg string, all bool) []string {
	var out []string
	for name, entry := range e {
		if all && !entry.used && strings.HasPrefix(name, pkg+"/") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// A result is what the mutants of one package came to.
type result struct {
	found, explained  int
	missed, uncovered []mutant
}

func judge(mutants []mutant, reasons explained) result {
	var r result
	for _, m := range mutants {
		entry := reasons[m.name()]
		switch {
		case m.status == "KILLED":
			r.found++
		case m.status == "NOT VIABLE":
		case entry != nil:
			entry.used = true
			r.explained++
		case m.status == "NOT COVERED":
			r.uncovered = append(r.uncovered, m)
		default:
			r.missed = append(r.missed, m)
		}
	}
	return r
}

func (r result) efficacy() float64 { return percent(r.found+r.explained, len(r.missed)) }

func (r result) coverage() float64 {
	return percent(r.found+r.explained+len(r.missed), len(r.uncovered))
}

func (r result) good() bool { return r.efficacy() >= needed && r.coverage() >= needed }

func percent(n, others int) float64 {
	if n+others == 0 {
		return 100
	}
	return 100 * float64(n) / float64(n+others)
}

func (r result) text(pkg string, unused []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-22s efficacy %5.1f %%  coverage %5.1f %%  (%d found, %d explained, %d missed, %d not run)\n",
		pkg, r.efficacy(), r.coverage(), r.found, r.explained, len(r.missed), len(r.uncovered))
	for _, m := range slices.Concat(r.missed, r.uncovered) {
		fmt.Fprintf(&b, "  %s %s %s:%d\n      %s\n", m.status, m.kind, m.file, m.line, m.text)
	}
	for _, name := range unused {
		fmt.Fprintf(&b, "  explained in mutants.txt, and found or gone: %s\n", strings.ReplaceAll(name, "\n", ": "))
	}
	return b.String()
}

// filesNot are the package's files whose names do not match.
func filesNot(pkg, only string) []string {
	match := regexp.MustCompile(only)
	paths, _ := filepath.Glob(filepath.Join(pkg, "*.go")) // the pattern is good
	var out []string
	for _, p := range paths {
		if name := filepath.Base(p); !match.MatchString(name) {
			out = append(out, name)
		}
	}
	return out
}
