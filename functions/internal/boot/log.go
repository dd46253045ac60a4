package boot

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"keyward/pkg/correlation"
)

// lines lets loggers and metrics share an output: one line at a time.
type lines struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// newLogger logs JSON, each line with what is known of the invocation.
func newLogger(w io.Writer, n Name, e Env) *slog.Logger {
	h := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: e.LogLevel})
	return slog.New(invocationHandler{correlation.Handler{Handler: h}}).With("function", string(n), "stage", e.Stage)
}

// An invocation is what Lambda says of one run of the function.
type invocation struct {
	cold    bool
	request string
}

type invocationKey struct{}

func withInvocation(ctx context.Context, cold bool) context.Context {
	inv := invocation{cold: cold}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		inv.request = lc.AwsRequestID
	}
	ctx = correlation.With(ctx, cmp.Or(traceRoot(ctx), inv.request)) // until a message says better
	return context.WithValue(ctx, invocationKey{}, inv)
}

// traceRoot is the root of X-Ray's trace, which aws-lambda-go puts into the
// context as the header has it: "Root=1-…;Parent=…;Sampled=1".
func traceRoot(ctx context.Context) string {
	header, _ := ctx.Value("x-amzn-trace-id").(string)
	for part := range strings.SplitSeq(header, ";") {
		if root, ok := strings.CutPrefix(strings.TrimSpace(part), "Root="); ok {
			return root
		}
	}
	return ""
}

// An invocationHandler adds the invocation of a record's context to it.
type invocationHandler struct{ slog.Handler }

func (h invocationHandler) Handle(ctx context.Context, r slog.Record) error {
	if inv, ok := ctx.Value(invocationKey{}).(invocation); ok {
		r = r.Clone()
		r.AddAttrs(slog.Bool("cold_start", inv.cold), slog.String("request_id", inv.request))
	}
	return h.Handler.Handle(ctx, r)
}

func (h invocationHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return invocationHandler{h.Handler.WithAttrs(attrs)}
}

func (h invocationHandler) WithGroup(name string) slog.Handler {
	return invocationHandler{h.Handler.WithGroup(name)}
}
