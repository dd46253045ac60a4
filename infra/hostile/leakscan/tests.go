package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"keyward/infra/hostile/leak"
)

// An event is a line of `go test -json`; see `go doc test2json`.
type event struct {
	Action, Package, ImportPath, Test, Output string
}

// A report is what a person reads of `go test -json`: a line for each package,
// and all that failing tests and packages printed. All output is looked at,
// and what looks like a secret is named instead of shown.
type report struct {
	out     io.Writer
	printed map[string][]string // by package and test
	leaks   []string
	failed  []string
	passed  int // tests and packages
}

// line takes one line. What is no event comes of the go command itself.
func (r *report) line(text string) {
	var e event
	if json.Unmarshal([]byte(text), &e) != nil || e.Action == "" {
		e = event{Action: "build-output", Output: text}
	}
	at := strings.TrimSpace(e.Package + e.ImportPath + " " + e.Test)
	switch e.Action {
	case "output", "build-output":
		r.look(at, e.Output)
	case "pass", "skip":
		r.passed++
		if e.Test == "" {
			r.show(at, func(l string) bool { return strings.HasPrefix(l, "ok ") || strings.HasPrefix(l, "? ") })
		}
		delete(r.printed, at)
	case "fail", "build-fail":
		r.failed = append(r.failed, at)
		r.show(at, func(string) bool { return true })
	}
	if e.Action == "build-output" {
		r.show(at, func(string) bool { return true })
	}
}

// look keeps a line of output, unless it completes a secret with those just
// before it.
func (r *report) look(at, line string) {
	before := r.printed[at]
	text := strings.Join(append(before[max(0, len(before)-context):len(before):len(before)], line), "")
	if hits := leak.Looks([]byte(text)); len(hits) > 0 {
		r.leaks = append(r.leaks, fmt.Sprintf("%s: %s", at, hits[0].Secret))
		r.printed[at] = []string{withheld}
		return
	}
	r.printed[at] = append(before, line)
}

const withheld = "(leakscan: something that looks like a secret was here)\n"

func (r *report) show(at string, which func(string) bool) {
	for _, l := range r.printed[at] {
		if which(l) {
			fmt.Fprint(r.out, l)
		}
	}
	delete(r.printed, at)
}

// end says what was found, and whether all is well.
func (r *report) end() bool {
	slices.Sort(r.failed)
	for _, f := range r.failed {
		fmt.Fprintln(r.out, "FAILED", f)
	}
	for _, l := range r.leaks {
		fmt.Fprintln(r.out, "LEAK  ", l)
	}
	return len(r.failed)+len(r.leaks) == 0
}
