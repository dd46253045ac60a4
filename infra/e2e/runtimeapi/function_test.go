package runtimeapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-lambda-go/lambdaurl"
)

// TestMain makes the test's own binary a bootstrap where ACT says so.
func TestMain(m *testing.M) {
	switch os.Getenv("ACT") {
	case "":
		os.Exit(m.Run())
	case "not start":
		println("nothing to start with")
		os.Exit(3)
	case "stream":
		lambda.Start(lambdaurl.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Path", r.URL.Path)
			w.WriteHeader(http.StatusTeapot)
			io.WriteString(w, "short and stout")
		})))
	case "break":
		lambda.Start(func() (io.Reader, error) {
			return io.MultiReader(strings.NewReader("half"), broken{}), nil
		})
	}
	lambda.Start(act)
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the stream broke") }

type order struct{ Do string }

type told struct {
	PID      int
	ID, ARN  string
	Left     time.Duration
	Variable []string
}

func act(ctx context.Context, o order) (told, error) {
	switch o.Do {
	case "fail":
		return told{}, errors.New("it cannot be done")
	case "panic":
		panic("out of order")
	case "exit":
		os.Exit(7)
	case "sleep":
		time.Sleep(time.Minute)
	case "wait":
		time.Sleep(200 * time.Millisecond)
	}
	lc, _ := lambdacontext.FromContext(ctx)
	end, _ := ctx.Deadline()
	return told{PID: os.Getpid(), ID: lc.AwsRequestID, ARN: lc.InvokedFunctionArn, Left: time.Until(end), Variable: os.Environ()}, nil
}

func mustFunction(t *testing.T, acting string, change func(*Config)) *Function {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Name: "keyward-test-act", ARN: "arn:aws:lambda:eu-central-1:123456789012:function:keyward-test-act", Bootstrap: self,
		Timeout: 20 * time.Second, MemoryMB: 256, Env: map[string]string{"ACT": acting},
		Identity: Identity{Region: "eu-central-1", AccessKeyID: "ASIATEST", SecretAccessKey: "s", SessionToken: "t"},
	}
	if change != nil {
		change(&cfg)
	}
	f := New(cfg)
	t.Cleanup(func() { f.Close() })
	return f
}

func mustTell(t *testing.T, f *Function, do string) told {
	t.Helper()
	answer, err := f.Invoke(t.Context(), []byte(`{"Do":"`+do+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	var out told
	if err := json.Unmarshal(answer, &out); err != nil {
		t.Fatalf("%s: %v", answer, err)
	}
	return out
}

func TestAFunctionGetsWhatLambdaGives(t *testing.T) {
	t.Setenv("OF_THE_HOST", "must not get in")
	f := mustFunction(t, "obey", func(c *Config) { c.Env["AWS_REGION"] = "must not win" })
	first, second := mustTell(t, f, ""), mustTell(t, f, "")
	if first.PID != second.PID || f.Starts() != 1 {
		t.Errorf("a warm environment was not used again")
	}
	if len(first.ID) != 36 || first.ID == second.ID || first.ARN != f.cfg.ARN {
		t.Errorf("request %q, then %q of %q", first.ID, second.ID, first.ARN)
	}
	if first.Left < 15*time.Second || first.Left > 20*time.Second {
		t.Errorf("%v left of 20 s", first.Left)
	}
	got := map[string]string{}
	for _, v := range first.Variable {
		name, value, _ := strings.Cut(v, "=")
		got[name] = value
	}
	for name, want := range map[string]string{
		"ACT": "obey", "AWS_REGION": "eu-central-1", "AWS_LAMBDA_FUNCTION_NAME": "keyward-test-act", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
		"AWS_ACCESS_KEY_ID": "ASIATEST", "AWS_SESSION_TOKEN": "t", "_HANDLER": "bootstrap",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, not %q", name, got[name], want)
		}
	}
	if _, there := got["OF_THE_HOST"]; there || len(got) > 23 {
		t.Errorf("too much: %v", slices.Sorted(maps.Keys(got)))
	}
}

func TestFailures(t *testing.T) {
	tests := map[string]struct {
		acting, do, kind, message string
		again                     bool // the same environment goes on
	}{
		"error":         {"obey", "fail", "errorString", "it cannot be done", true},
		"panic":         {"obey", "panic", "string", "out of order", false},
		"exit":          {"obey", "exit", Exited, "exit status 7", false},
		"time-out":      {"obey", "sleep", TimedOut, "Task timed out after 1.00 seconds", false},
		"broken stream": {"break", "", "errorString", "the stream broke", true},
		"no start":      {"not start", "", Exited, "exit status 3", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := mustFunction(t, tt.acting, func(c *Config) { c.Timeout = time.Second })
			for range 2 {
				answer, err := f.Invoke(t.Context(), []byte(`{"Do":"`+tt.do+`"}`))
				var e *Error
				if !errors.As(err, &e) || e.Type != tt.kind || !strings.Contains(e.Message, tt.message) {
					t.Fatalf("%s, %v", answer, err)
				}
			}
			if want := map[bool]int{true: 1, false: 2}[tt.again]; f.Starts() != want {
				t.Errorf("%d environments were started, not %d", f.Starts(), want)
			}
		})
	}
}

func TestAStreamedAnswer(t *testing.T) {
	f := mustFunction(t, "stream", nil)
	answer, err := f.Invoke(t.Context(), []byte(`{"rawPath":"/pot","requestContext":{"domainName":"x.example","http":{"method":"GET"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	prelude, body, _ := bytes.Cut(answer, make([]byte, 8))
	if !strings.Contains(string(prelude), `"statusCode":418`) || !strings.Contains(string(prelude), "/pot") || string(body) != "short and stout" {
		t.Errorf("got %q, %q", prelude, body)
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	f := mustFunction(t, "obey", func(c *Config) { c.Concurrency = 2 })
	var all sync.WaitGroup
	pids := make([]int, 6)
	for i := range pids {
		all.Go(func() { pids[i] = mustTell(t, f, "wait").PID })
	}
	all.Wait()
	slices.Sort(pids)
	if different := slices.Compact(pids); len(different) != 2 || f.Starts() != 2 {
		t.Errorf("%d environments", len(different))
	}
}

func TestPrintedLinesAreKept(t *testing.T) {
	var mu sync.Mutex
	var lines []string
	f := mustFunction(t, "not start", func(c *Config) {
		c.Log = func(l string) { mu.Lock(); lines = append(lines, l); mu.Unlock() }
	})
	f.Invoke(t.Context(), nil)
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		mu.Lock()
		said := strings.Join(lines, "")
		mu.Unlock()
		if said == "nothing to start with\n" {
			return
		}
	}
	t.Errorf("got %q", lines)
}

func TestCloseEndsWhatRuns(t *testing.T) {
	f := mustFunction(t, "obey", nil)
	pid := mustTell(t, f, "").PID
	f.Close()
	if p, err := os.FindProcess(pid); err == nil && p.Signal(syscall.Signal(0)) == nil {
		t.Error("the process still runs")
	}
	if _, err := f.Invoke(t.Context(), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}
