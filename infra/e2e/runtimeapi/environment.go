package runtimeapi

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"time"
)

// An environment is one process, and the Runtime API that it talks to.
type environment struct {
	cfg    Config
	cmd    *exec.Cmd
	server *http.Server
	polls  chan poll     // the process asks for an event
	done   chan struct{} // closed when the process has ended
	exit   error         // why; to be read after done
	api    api

	waiting poll // a poll that is not answered yet; nil: none
}

// A poll takes the event that answers it.
type poll chan<- *invocation

// An invocation is one event on its way through an environment.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	result   chan result // holds one
}

type result struct {
	answer []byte
	err    error
}

func start(cfg Config) (*environment, error) {
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e := &environment{cfg: cfg, polls: make(chan poll), done: make(chan struct{})}
	e.api = api{arn: cfg.ARN, polls: e.polls}
	e.server = &http.Server{Handler: e.api.handler(), ReadHeaderTimeout: 10 * time.Second}
	go e.server.Serve(door)
	e.cmd = exec.Command(cfg.Bootstrap)
	e.cmd.Env = variables(cfg, door.Addr().String())
	// A pipe of our own: Wait would close the command's before all is read.
	out, in := io.Pipe()
	e.cmd.Stdout, e.cmd.Stderr = in, in
	if err := e.cmd.Start(); err != nil {
		e.server.Close()
		return nil, err
	}
	go readLines(out, cfg.Log)
	go func() {
		e.exit = e.cmd.Wait()
		in.Close()
		close(e.done)
		e.server.Close()
	}()
	return e, nil
}

func readLines(out io.Reader, log func(string)) {
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadString('\n')
		if line != "" {
			log(line)
		}
		if err != nil {
			return
		}
	}
}

func (e *environment) alive() bool {
	select {
	case <-e.done:
		return false
	default:
		return true
	}
}

// stop ends the process, if it still runs, and waits until it has.
func (e *environment) stop() {
	_ = e.cmd.Process.Kill() // it may have ended meanwhile
	<-e.done
}

// invoke hands over one event, and returns when the process asks for another:
// only then is it through with this one.
func (e *environment) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	inv := &invocation{id: requestID(), payload: payload, deadline: time.Now().Add(e.cfg.Timeout), result: make(chan result, 1)}
	ctx, cancel := context.WithDeadline(ctx, inv.deadline)
	defer cancel()
	if e.waiting == nil {
		if err := e.await(ctx, inv); err != nil {
			return nil, err
		}
	}
	e.waiting <- inv
	err := e.await(ctx, inv)
	select {
	case r := <-inv.result: // a process may answer and then end
		return r.answer, r.err
	default:
	}
	if err == nil {
		err = &Error{Exited, "RequestId: " + inv.id + " Error: the function asked for another event before it answered"}
	}
	return nil, err
}

// await waits until the process asks for an event.
func (e *environment) await(ctx context.Context, inv *invocation) error {
	e.waiting = nil
	select {
	case e.waiting = <-e.polls:
		return nil
	case <-e.done:
		return &Error{Exited, fmt.Sprintf("RequestId: %s Error: Runtime exited with error: %v", inv.id, e.exit)}
	case <-ctx.Done():
	}
	e.stop()
	if context.Cause(ctx) == context.DeadlineExceeded && !time.Now().Before(inv.deadline) {
		return &Error{TimedOut, fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", inv.id, e.cfg.Timeout.Seconds())}
	}
	return ctx.Err()
}
