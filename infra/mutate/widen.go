package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A span is a piece of a file, in lines and columns from 1.
type span struct{ from, to token.Position }

func (s span) holds(p token.Position) bool { return !before(p, s.from) && before(p, s.to) }

func before(a, b token.Position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
}

// widen adds to a coverage profile what runs without being counted: the
// expressions after case where the switch is reached, and declarations outside
// of functions.
func widen(profile string) error {
	covered, err := readProfile(profile)
	if err != nil {
		return err
	}
	if err := addDeclarations(covered); err != nil {
		return err
	}
	f, err := os.OpenFile(profile, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	for name, blocks := range covered {
		path, err := onDisk(name)
		if err != nil {
			return err
		}
		spans, err := uncounted(path, blocks)
		if err != nil {
			return err
		}
		for _, s := range spans {
			fmt.Fprintf(f, "%s:%d.%d,%d.%d 1 1\n", name, s.from.Line, s.from.Column, s.to.Line, s.to.Column)
		}
	}
	return nil
}

// addDeclarations adds the files beside those of the profile that are not in
// it, because they hold no function.
func addDeclarations(covered map[string][]span) error {
	dirs := map[string]string{}
	for name := range covered {
		dirs[filepath.Dir(name)] = name
	}
	for pkg, name := range dirs {
		path, err := onDisk(name)
		if err != nil {
			return err
		}
		paths, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.go")) // the pattern is good
		for _, p := range paths {
			beside := pkg + "/" + filepath.Base(p)
			if _, listed := covered[beside]; !listed && !strings.HasSuffix(p, "_test.go") {
				covered[beside] = nil
			}
		}
	}
	return nil
}

// readProfile gives the blocks of each file that were run; a file none of
// which was run has none.
func readProfile(path string) (map[string][]span, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	covered := map[string][]span{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, rest, found := strings.Cut(lines.Text(), ".go:")
		if !found {
			continue
		}
		name += ".go"
		var s span
		var statements, count int
		if _, err := fmt.Sscanf(rest, "%d.%d,%d.%d %d %d", &s.from.Line, &s.from.Column, &s.to.Line, &s.to.Column, &statements, &count); err != nil {
			return nil, fmt.Errorf("reading the coverage profile: %w", err)
		}
		covered[name] = append(covered[name], s)
		if count == 0 {
			covered[name] = covered[name][:len(covered[name])-1]
		}
	}
	return covered, nil
}

func onDisk(name string) (string, error) {
	out, err := exec.Command(os.Getenv(realGo), "list", "-f", "{{.Dir}}", filepath.Dir(name)).Output()
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", name, err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), filepath.Base(name)), nil
}

// uncounted finds the spans of a file that go's coverage leaves out although
// they run.
func uncounted(path string, covered []span) ([]span, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		return nil, err
	}
	of := func(n ast.Node) span { return span{set.Position(n.Pos()), set.Position(n.End())} }
	var out []span
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok != token.IMPORT {
			out = append(out, of(g))
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		s, ok := n.(*ast.SwitchStmt)
		if !ok || !reached(of(s).from, covered) {
			return true
		}
		for _, clause := range s.Body.List {
			for _, e := range clause.(*ast.CaseClause).List {
				out = append(out, of(e))
			}
		}
		return true
	})
	return out, nil
}

func reached(p token.Position, covered []span) bool {
	for _, s := range covered {
		if s.holds(p) {
			return true
		}
	}
	return false
}
