// Command mutate runs mutation testing: gremlins changes one operator of a
// package at a time and runs the package's own tests, which must then fail.
//
//	go run ./infra/mutate -gremlins PATH pkg/integration pkg/sweep
//
// It prints, for each package, how many of the mutants that were run the tests
// found (efficacy) and how many were run at all (coverage), and fails when
// either is below 95 %. Mutants that change nothing a user could notice are
// listed with the reason in mutants.txt and count as found.
//
// While gremlins runs, this program also stands in for the go command: see
// standIn.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// needed is the least efficacy and the least coverage, in percent.
const needed = 95

func main() {
	if filepath.Base(os.Args[0]) == "go" {
		os.Exit(standIn(os.Args[1:]))
	}
	os.Exit(run())
}

func run() int {
	gremlins := flag.String("gremlins", "", "path of the gremlins `binary`")
	listed := flag.String("mutants", "infra/mutate/mutants.txt", "`file` of explained mutants")
	only := flag.String("only", "", "mutate only files whose name matches the `regexp`")
	flag.Parse()
	explained, err := readExplained(*listed)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := 0
	for _, pkg := range flag.Args() {
		mutants, err := unleash(*gremlins, filepath.Clean(pkg), *only)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", pkg, err)
			code = 1
			continue
		}
		r := judge(mutants, explained)
		fmt.Print(r.text(pkg, explained.unused(filepath.Clean(pkg), *only == "")))
		if !r.good() {
			code = 1
		}
	}
	return code
}

// unleash runs gremlins on one package and reads what became of each mutant.
func unleash(gremlins, pkg, only string) ([]mutant, error) {
	dir, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	env, err := standInFor(dir)
	if err != nil {
		return nil, err
	}
	report := filepath.Join(dir, "report.json")
	args := []string{"unleash", "./" + pkg, "--silent", "--workers", "1", "--timeout-coefficient", "1000", "-E", "/", "-o", report}
	if only != "" {
		for _, f := range filesNot(pkg, only) {
			args = append(args, "-E", "^"+f+"$")
		}
	}
	cmd := exec.Command(gremlins, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("running gremlins: %w", err)
	}
	return readReport(report, pkg)
}

func readReport(path, pkg string) ([]mutant, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("gremlins left no report; the package's tests must pass first: %w", err)
	}
	var report struct {
		Files []struct {
			Name      string `json:"file_name"`
			Mutations []struct {
				Type, Status string
				Line, Column int
			}
		}
	}
	if err := json.Unmarshal(data, &report); err != nil {
		return nil, fmt.Errorf("reading gremlins' report: %w", err)
	}
	var out []mutant
	for _, f := range report.Files {
		source, err := os.ReadFile(filepath.Join(pkg, f.Name))
		if err != nil {
			return nil, err
		}
		lines := strings.Split(string(source), "\n")
		for _, m := range f.Mutations {
			out = append(out, mutant{
				file: pkg + "/" + f.Name, kind: m.Type, line: m.Line,
				text: marked(lines[m.Line-1], m.Column-1), status: m.Status,
			})
		}
	}
	return out, nil
}
