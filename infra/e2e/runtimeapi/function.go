package runtimeapi

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Config says how a function runs.
type Config struct {
	Name      string            // must: the function's name
	ARN       string            // must
	Bootstrap string            // must: the executable
	Timeout   time.Duration     // must: as the template has it
	MemoryMB  int               // must: told to the function, not enforced
	Env       map[string]string // must: all variables but those that Lambda sets itself
	Identity  Identity          // must
	// Concurrency is how many environments there may be at once; may, default
	// 10, which is what new accounts have.
	Concurrency int
	LogGroup    string // may: default /aws/lambda/<Name>
	// Log may take each line that the function prints.
	Log func(line string)
}

// Identity is what a function shows to AWS.
type Identity struct{ Region, AccessKeyID, SecretAccessKey, SessionToken string }

// An Error is a failure as Lambda reports it.
type Error struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// What Lambda itself reports, beside what the function does.
const (
	TimedOut = "Sandbox.Timedout"
	Exited   = "Runtime.ExitError"
)

// ErrClosed says that the function was invoked after Close.
var ErrClosed = errors.New("the function is closed")

// A Function takes events, several at once.
type Function struct {
	cfg   Config
	slots chan struct{}

	mu     sync.Mutex
	idle   []*environment
	all    map[*environment]bool
	closed bool
	starts int
}

// New makes a function. No environment starts before the first event.
func New(cfg Config) *Function {
	if cfg.Concurrency <= 0 {
		cfg.Concurrency = 10
	}
	if cfg.LogGroup == "" {
		cfg.LogGroup = "/aws/lambda/" + cfg.Name
	}
	if cfg.Log == nil {
		cfg.Log = func(string) {}
	}
	return &Function{cfg: cfg, slots: make(chan struct{}, cfg.Concurrency), all: map[*environment]bool{}}
}

// Invoke hands an event to the function and returns its answer. The error is an
// *Error when the function failed.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	select {
	case f.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-f.slots }()
	e, err := f.take()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", f.cfg.Name, err)
	}
	answer, err := e.invoke(ctx, payload)
	f.giveBack(e)
	return answer, err
}

// Starts is how many environments were started so far.
func (f *Function) Starts() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.starts
}

func (f *Function) take() (*environment, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, ErrClosed
	}
	for len(f.idle) > 0 {
		e := f.idle[len(f.idle)-1]
		f.idle = f.idle[:len(f.idle)-1]
		if e.alive() {
			return e, nil
		}
		delete(f.all, e)
	}
	e, err := start(f.cfg)
	if err != nil {
		return nil, err
	}
	f.all[e] = true
	f.starts++
	return e, nil
}

func (f *Function) giveBack(e *environment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e.alive() && !f.closed {
		f.idle = append(f.idle, e)
		return
	}
	delete(f.all, e)
}

// Close ends all environments.
func (f *Function) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for e := range f.all {
		e.stop()
	}
	f.all, f.idle = nil, nil
	return nil
}
