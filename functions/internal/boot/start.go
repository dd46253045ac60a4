package boot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdaurl"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/pkg/app"
	"keyward/pkg/panics"
)

// A Handler is what lambda.Start takes; Batch, Stream, Scheduled and Web make
// them.
type Handler any

// LoadAWS is config.LoadDefaultConfig, which mains alone name.
type LoadAWS func(context.Context, ...func(*config.LoadOptions) error) (aws.Config, error)

// Main runs a function until Lambda ends it. Where it cannot start it says
// why, in one line, and ends with 1.
func Main(n Name, load LoadAWS, build func(*Parts) (Handler, error)) {
	h, err := start(context.Background(), n, load, build, os.Getenv, os.Stdout)
	if err != nil {
		newLogger(os.Stdout, n, Env{Stage: os.Getenv("STAGE")}).ErrorContext(context.Background(), "cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(h)
}

func start(ctx context.Context, n Name, load LoadAWS, build func(*Parts) (Handler, error), getenv func(string) string, out io.Writer) (Handler, error) {
	env, err := Load(n, getenv)
	if err != nil {
		return nil, err
	}
	now, err := clock(env.ClockURL)
	if err != nil {
		return nil, err
	}
	cfg, err := load(ctx)
	if err != nil {
		return nil, fmt.Errorf("loading AWS's configuration: %w", err)
	}
	shared := &lines{w: out}
	p := &Parts{
		Env: env, Now: now, aws: cfg, Logger: newLogger(shared, n, env),
		Metrics: NewMetrics(shared, n, env.Stage, time.Now),
	}
	h, err := build(p)
	return h, errors.Join(err, p.err())
}

// Batch serves a queue. Lambda counts no error for messages that are given
// back one by one, so we count them.
func Batch(p *Parts, h app.QueueHandler) Handler {
	return func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		ctx = p.invoke(ctx)
		r, err := h(ctx, e)
		p.items(ctx, len(e.Records), len(r.BatchItemFailures))
		return r, err
	}
}

// Stream serves the table's stream.
func Stream(p *Parts, h app.StreamHandler) Handler {
	return func(ctx context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
		ctx = p.invoke(ctx)
		r, err := h(ctx, e)
		p.items(ctx, len(e.Records), len(r.BatchItemFailures))
		return r, err
	}
}

// Scheduled serves the schedule. Lambda would log what a panic came with.
func Scheduled[E any](p *Parts, h func(context.Context, E) error) Handler {
	return func(ctx context.Context, e E) error {
		return panics.Catch(func() error { return h(p.invoke(ctx), e) })
	}
}

// Web serves a function URL. Lambda takes cookies out of the headers and into
// a list of their own, which lambdaurl does not look at.
func Web(p *Parts, h http.Handler) Handler {
	serve := lambdaurl.Wrap(h)
	return func(ctx context.Context, r *events.LambdaFunctionURLRequest) (*events.LambdaFunctionURLStreamingResponse, error) {
		if r == nil {
			return nil, errNoRequest
		}
		if len(r.Cookies) > 0 && r.Headers != nil {
			r.Headers["cookie"] = strings.Join(r.Cookies, "; ")
		}
		out, err := serve(p.invoke(ctx), r)
		if err != nil {
			return nil, errNoRequest // its own text holds the URL, and so perhaps a link's token; Lambda logs it
		}
		return out, nil
	}
}

var errNoRequest = errors.New("the event is no request that can be served")

func (p *Parts) items(ctx context.Context, received, failed int) {
	p.Metrics.Emit(ctx, Metric{"ItemsReceived", "Count", float64(received)}, Metric{"ItemsFailed", "Count", float64(failed)})
}
