// Command leakscan fails when something in a program's output looks like a
// private key, a token, an upload link or a customer's address. It names the place, and does not
// repeat it. It reads what others print:
//
//	bin/keyward demo | go run ./infra/hostile/leakscan
//
// or runs the tests itself, looks at all that they print, and shows of it what
// `go test` would:
//
//	go run ./infra/hostile/leakscan go test -json ./...
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"

	"keyward/infra/hostile/leak"
)

// Bounds of what is read at once: a secret may run over lines.
const (
	maxLine = 1 << 20
	context = 4 // lines
)

func main() {
	if len(os.Args) > 1 {
		os.Exit(tests(exec.Command(os.Args[1], os.Args[2:]...), os.Stdout, os.Stderr))
	}
	os.Exit(run(os.Stdin, os.Stdout, os.Stderr))
}

// tests runs a command that prints what `go test -json` does. It is 1 when a
// test failed or something was found, and 2 when the command could not be run
// to its end.
func tests(command *exec.Cmd, out, complaints io.Writer) int {
	r := report{out: out, printed: map[string][]string{}}
	read, write := io.Pipe()
	command.Stdout, command.Stderr = write, write
	ended := make(chan error, 1)
	go func() {
		err := command.Run()
		write.CloseWithError(io.EOF)
		ended <- err
	}()
	lines := bufio.NewReader(read)
	for {
		text, err := lines.ReadString('\n')
		if text != "" {
			r.line(text)
		}
		if err != nil {
			break
		}
	}
	err, well := <-ended, r.end()
	switch {
	case err != nil && well:
		fmt.Fprintln(complaints, "leakscan: the tests ended early:", err)
		return 2
	case !well:
		return 1
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
