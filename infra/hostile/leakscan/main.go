// Command leakscan reads output, such as that of all tests, hands it on, and
// fails when something in it looks like a private key, a token or an upload
// link:
//
//	go test -v ./... 2>&1 | go run ./infra/hostile/leakscan
//
// It names the lines, and does not repeat them. Lines that look like a secret
// are not handed on.
package main

import (
	"bufio"
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

func main() { os.Exit(run(os.Stdin, os.Stdout, os.Stderr)) }

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
