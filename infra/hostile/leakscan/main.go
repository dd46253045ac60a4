// Command leakscan fails when something in a program's output looks like a
// private key, a token or an upload link. It names the place, and does not
// repeat it:
//
//	bin/keyward demo | leakscan
//
// With -tests it reads what `go test -json` prints, and shows of it what
// `go test` would:
//
//	go test -json ./... | leakscan -tests
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"

	"keyward/infra/hostile/leak"
)

// Bounds of what is read at once: a secret may run over lines.
const (
	maxLine = 1 << 20
	context = 4 // lines
)

func main() {
	ofTests := flag.Bool("tests", false, "read what go test -json prints")
	flag.Parse()
	if *ofTests {
		os.Exit(tests(os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(run(os.Stdin, os.Stdout, os.Stderr))
}

// tests is 1 when a test failed or something was found, and 2 when the output
// could not be read or no test passed.
func tests(in io.Reader, out, complaints io.Writer) int {
	r := report{out: out, printed: map[string][]string{}}
	lines := bufio.NewReader(in)
	text, err := lines.ReadString('\n')
	for ; err == nil; text, err = lines.ReadString('\n') {
		r.line(text)
	}
	switch well := r.end(); {
	case !well:
		return 1
	case err != io.EOF || text != "" || r.passed == 0:
		fmt.Fprintln(complaints, "leakscan: the tests ended early")
		return 2
	}
	return 0
}

// run is 1 when something was found, and 2 when the output could not be read.
func run(in io.Reader, out, complaints io.Writer) int {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	var recent [][]byte
	found := 0
	for n := 1; lines.Scan(); n++ {
		recent = append(recent, append([]byte(nil), lines.Bytes()...))
		recent = recent[max(0, len(recent)-context):]
		hits := looks(recent)
		if len(hits) == 0 {
			fmt.Fprintln(out, lines.Text())
			continue
		}
		found, recent = found+len(hits), nil
		fmt.Fprintf(complaints, "leakscan: line %d: %s\n", n, hits[0].Secret)
	}
	switch {
	case lines.Err() != nil:
		fmt.Fprintln(complaints, "leakscan: a line is too long to read")
		return 2
	case found > 0:
		return 1
	}
	return 0
}

func looks(lines [][]byte) []leak.Hit {
	var text []byte
	for _, l := range lines {
		text = append(append(text, l...), '\n')
	}
	return leak.Looks(text)
}
