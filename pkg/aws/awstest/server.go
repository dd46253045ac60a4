package awstest

import (
	"bufio"
	"bytes"
	"context"
	_ "embed" // for moto.py
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"time"
)

// Where the stand-in pretends to be.
const (
	Region  = "eu-central-1"
	Account = "123456789012"
)

//go:embed moto.py
var script string

// A Server is a running moto, without the Proxy.
type Server struct {
	URL   string
	cmd   *exec.Cmd
	stdin io.Closer
}

// patience is how long moto may take to start.
const patience = time.Minute

// StartServer runs moto on a free port of 127.0.0.1, which it prints. It ends
// with Close, and with this process. Without a Python that has moto the error
// is that of Python.
func StartServer() (*Server, error) {
	python, err := Python()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(python, "-c", script)
	cmd.Env = append(os.Environ(), "MOTO_S3_CUSTOM_ENDPOINTS=", "PYTHONUNBUFFERED=1", "MOTO_ACCOUNT_ID="+Account)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting moto: %w", err)
	}
	s := &Server{cmd: cmd, stdin: stdin}
	found, said := make(chan string, 1), &bytes.Buffer{}
	go listen(stderr, said, found)
	select {
	case s.URL = <-found:
	case <-time.After(patience):
	}
	if s.URL == "" {
		s.Close()
		return nil, fmt.Errorf("moto did not start: %s", said)
	}
	return s, nil
}

var running = regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`)

// listen finds the URL in what moto prints, and reads on, so that the pipe
// does not fill up. Without a URL it says nothing.
func listen(stderr io.Reader, said *bytes.Buffer, found chan<- string) {
	defer close(found)
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if m := running.FindStringSubmatch(lines.Text()); m != nil {
			found <- m[1]
			break
		}
		said.WriteString(lines.Text() + "\n")
	}
	_, _ = io.Copy(io.Discard, stderr)
}

// Close ends moto.
func (s *Server) Close() error {
	_ = s.stdin.Close()
	_ = s.cmd.Process.Kill() // it may have ended meanwhile
	_ = s.cmd.Wait()         // killed: what it says does not matter
	return nil
}

// Reset empties it.
func (s *Server) Reset(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/moto-api/reset", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("moto answers %d to a reset", resp.StatusCode)
	}
	return nil
}
