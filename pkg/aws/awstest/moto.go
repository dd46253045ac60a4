package awstest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Region is where the stand-in pretends to be.
const Region = "eu-central-1"

// Moto is one moto server for a whole test binary. The zero value is ready: the
// server starts with the first Reset.
type Moto struct {
	once   sync.Once
	err    error
	server *server
	proxy  *Proxy
}

// Run runs the tests and stops the server after them. What it returns is for
// os.Exit.
func (m *Moto) Run(tests *testing.M) int {
	code := tests.Run()
	m.stop()
	return code
}

// Reset empties the stand-in, and returns the configuration of clients for it.
// Tests that use it do not run in parallel with others that reset it.
func (m *Moto) Reset(t testing.TB) aws.Config {
	t.Helper()
	m.Start(t)
	if err := m.server.reset(t.Context()); err != nil {
		t.Fatalf("resetting moto: %v", err)
	}
	return Config(m.proxy.URL)
}

// Start starts the server, if it does not run yet, and returns the proxy's
// URL: the endpoint of all services.
func (m *Moto) Start(t testing.TB) string {
	t.Helper()
	m.once.Do(func() {
		if m.server, m.err = start(); m.err == nil {
			m.proxy = NewProxy(m.server.url)
		}
	})
	if errors.Is(m.err, errNoMoto) && os.Getenv("CI") == "" {
		t.Skip("skipped: " + m.err.Error())
	}
	if m.err != nil {
		t.Fatal(m.err)
	}
	return m.proxy.URL
}

func (m *Moto) stop() {
	if m.proxy != nil {
		m.proxy.Close()
	}
	if m.server != nil {
		m.server.stop()
	}
}

// errNoMoto says that there is no Python that has moto.
var errNoMoto = errors.New("no python3 with moto[server]: make python sets one up; KEYWARD_PYTHON may name another")

// server is the process.
type server struct {
	url   string
	cmd   *exec.Cmd
	stdin io.Closer
}

// script is moto's own command, which in addition ends when its standard input
// does: it does not outlive a test binary that was killed.
const script = `
import os, sys, threading
def watch():
    sys.stdin.read()
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
from moto.server import main
main(["-H", "127.0.0.1", "-p", "0"])
`

// patience is how long moto may take to start.
const patience = time.Minute

var running = regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`)

// start runs moto on a free port of its own choice, which it prints.
func start() (*server, error) {
	python, err := Python()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(python, "-c", script)
	cmd.Env = append(os.Environ(), "MOTO_S3_CUSTOM_ENDPOINTS=", "PYTHONUNBUFFERED=1", "MOTO_ACCOUNT_ID=123456789012")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, stdin: stdin}
	said, url := &bytes.Buffer{}, make(chan string, 1)
	go listen(stderr, said, url)
	select {
	case s.url = <-url:
	case <-time.After(patience):
	}
	if s.url == "" {
		s.stop()
		return nil, fmt.Errorf("moto did not start: %s", said)
	}
	return s, nil
}

// listen reads what moto prints: first its URL, then nothing of interest, but
// the pipe must not fill up. Without a URL it says nothing.
func listen(stderr io.Reader, said *bytes.Buffer, url chan<- string) {
	defer close(url)
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if found := running.FindStringSubmatch(lines.Text()); found != nil {
			url <- found[1]
			break
		}
		said.WriteString(lines.Text() + "\n")
	}
	_, _ = io.Copy(io.Discard, stderr)
}

func (s *server) stop() {
	_ = s.stdin.Close()
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

func (s *server) reset(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/moto-api/reset", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}
