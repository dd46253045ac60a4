// Package moto runs moto's server, AWS's stand-in, and speaks to it as nobody
// in particular: what it takes to make resources there and to look at them.
package moto

import (
	"bufio"
	"bytes"
	"context"
	_ "embed" // for moto.py
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"keyward/pkg/aws/awstest"
)

// Where everything is.
const (
	Region  = "eu-central-1"
	Account = "123456789012"
)

//go:embed moto.py
var script string

// A Server is a running moto.
type Server struct {
	URL    string
	cmd    *exec.Cmd
	stdin  io.Closer
	client *http.Client
}

// patience is how long moto may take to start.
const patience = time.Minute

// Start runs moto on a free port of 127.0.0.1. Close it.
func Start() (*Server, error) {
	python, err := awstest.Python()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(python, "-c", script)
	cmd.Env = append(os.Environ(), "PYTHONUNBUFFERED=1", "MOTO_ACCOUNT_ID="+Account)
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
	s := &Server{cmd: cmd, stdin: stdin, client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
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
	s.stdin.Close()
	_ = s.cmd.Process.Kill() // it may have ended meanwhile
	_ = s.cmd.Wait()         // killed: what it says does not matter
	return nil
}

// Reset empties it.
func (s *Server) Reset(ctx context.Context) error {
	_, err := s.Do(ctx, "moto", http.MethodPost, "/moto-api/reset", nil, nil)
	return err
}

// Authorization is a header that says service and region, and nothing that
// moto would check.
func Authorization(service string) string {
	return "AWS4-HMAC-SHA256 Credential=HARNESS/20260101/" + Region + "/" + service + "/aws4_request, SignedHeaders=host, Signature=0"
}

// services are the names in signatures, by the prefix of the target.
var services = map[string]string{
	"DynamoDB_20120810": "dynamodb", "DynamoDBStreams_20120810": "dynamodb", "AmazonSQS": "sqs", "secretsmanager": "secretsmanager",
}

// Call does an operation of one of AWS's JSON protocols, such as
// "DynamoDB_20120810.CreateTable". Out may be nil.
func (s *Server) Call(ctx context.Context, target string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	prefix, _, _ := strings.Cut(target, ".")
	headers := map[string]string{"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": target}
	answer, err := s.Do(ctx, services[prefix], http.MethodPost, "/", body, headers)
	if err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// Do makes any request.
func (s *Server) Do(ctx context.Context, service, method, path string, body []byte, headers map[string]string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", Authorization(service))
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("moto answers %d: %.300s", resp.StatusCode, answer)
	}
	return answer, err
}
