package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// realGo is the environment variable that tells the stand-in where go is.
const realGo = "MUTATE_GO"

// standInFor makes a directory whose "go" is this program, and the environment
// in which gremlins finds it first.
func standInFor(dir string) ([]string, error) {
	goCommand, err := exec.LookPath("go")
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := os.Symlink(self, filepath.Join(dir, "go")); err != nil {
		return nil, err
	}
	path := "PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH")
	flags := "GOFLAGS=" + strings.TrimSpace(os.Getenv("GOFLAGS")+" -short -vet=off -ldflags=-s")
	return append(os.Environ(), path, flags, realGo+"="+goCommand), nil
}

// standIn is the go command that gremlins calls. It is go, with three
// differences, without which the figures would say something else:
//
//   - The coverage profile says nothing of the expressions after case and of
//     declarations outside of functions, so gremlins would leave out their
//     mutants. Those that are run are added; see widen.
//   - A mutant that does not compile ends go test with 1, as a failing test
//     does, and would count as found. Here it ends with 2, "not viable".
//   - Gremlins' limit of time is taken from one run and counts a slow machine.
//     A test that a mutant keeps from ending fails after a minute instead.
func standIn(args []string) int {
	profile := ""
	for i, a := range args {
		switch a {
		case "-coverprofile":
			profile = args[i+1]
		case "-timeout":
			args[i+1] = "1m"
		}
		args[i] = strings.TrimSuffix(a, "/...") // the package's own tests
	}
	if profile != "" {
		args = slices.Insert(args, 1, "-count=1")
	}
	var out bytes.Buffer
	cmd := exec.Command(os.Getenv(realGo), args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if profile != "" && err == nil {
		err = widen(profile)
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case strings.Contains(out.String(), "[build failed]"), strings.Contains(out.String(), "[setup failed]"):
		return 2
	case errors.As(err, &exit):
		os.Stdout.Write(out.Bytes())
		return 1
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}
