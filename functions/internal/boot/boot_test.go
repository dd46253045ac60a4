package boot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/pkg/integration"
)

func lookUp(m map[string]string) func(string) string { return func(k string) string { return m[k] } }

func noAWS(context.Context, ...func(*config.LoadOptions) error) (aws.Config, error) {
	return aws.Config{Region: "eu-central-1"}, nil
}

func TestEverythingMissingIsSaidAtOnce(t *testing.T) {
	for _, n := range Names() {
		_, err := Load(n, lookUp(nil))
		must, _ := Variables(n)
		if err == nil || len(must) < 2 {
			t.Fatalf("%s starts with nothing", n)
		}
		for _, name := range must {
			if !strings.Contains(err.Error(), name+" is missing") {
				t.Errorf("%s does not say that %s is missing: %v", n, name, err)
			}
		}
	}
}

func TestClocksOfOthersAreRefused(t *testing.T) {
	env := map[string]string{"STAGE": "dev", "TABLE_NAME": "t"}
	for url, ok := range map[string]bool{
		"": true, "http://127.0.0.1:8080/now": true, "http://[::1]:8080": true,
		"http://10.0.0.1/": false, "http://localhost:80": false, "https://127.0.0.1": false, "http://127.0.0.1.example.com": false,
		"http://example.com@127.0.0.1": false, "//127.0.0.1": false, "http://": false, "http://0.0.0.0": false, "::": false,
	} {
		env["CLOCK_URL"] = url
		if _, err := Load(Feedback, lookUp(env)); (err == nil) != ok {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestTheClockIsAskedEachTime(t *testing.T) {
	at := time.Date(2026, 3, 22, 9, 30, 0, 5, time.UTC)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(at.Format(time.RFC3339Nano)))
	}))
	t.Cleanup(srv.Close)
	now, err := clock(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := now(); !got.Equal(at) {
			t.Errorf("%s, not %s", got, at)
		}
		at = at.Add(48 * time.Hour)
	}
}

func TestALostClockEndsTheProcess(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	now, err := clock(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("it goes on without a time")
		}
	}()
	now()
}

// run starts feedback around the batch handler and sends it two events.
func run(t *testing.T, env map[string]string, h func(*Parts) Handler) []map[string]any {
	t.Helper()
	var out bytes.Buffer
	made, err := start(t.Context(), Feedback, noAWS, func(p *Parts) (Handler, error) { return h(p), nil }, lookUp(env), &out)
	if err != nil {
		t.Fatal(err)
	}
	handler := lambda.NewHandler(made)
	for _, id := range []string{"req-1", "req-2"} {
		ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: id})
		//lint:ignore SA1029 it is aws-lambda-go's own key
		ctx = context.WithValue(ctx, "x-amzn-trace-id", "Root=1-abc;Parent=def;Sampled=1")
		if _, err := handler.Invoke(ctx, []byte(`{"Records":[{"messageId":"m1"},{"messageId":"m2"}]}`)); err != nil {
			t.Fatal(err)
		}
	}
	var lines []map[string]any
	for line := range strings.Lines(out.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("not JSON: %s", line)
		}
		lines = append(lines, m)
	}
	return lines
}

func oneFails(p *Parts) Handler {
	return Batch(p, func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		p.Logger.InfoContext(ctx, "worked", "integration", "int_1")
		p.Logger.DebugContext(ctx, "not shown")
		p.Logger.With(slog.String("a", "b")).WithGroup("g").WarnContext(ctx, "grouped")
		return events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{{ItemIdentifier: "m2"}}}, nil
	})
}

func TestLogLinesSayWhereTheyComeFrom(t *testing.T) {
	lines := run(t, map[string]string{"STAGE": "dev", "TABLE_NAME": "t"}, oneFails)
	if len(lines) != 6 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, want := range map[int]map[string]any{
		0: {"msg": "worked", "level": "INFO", "function": "feedback", "stage": "dev", "cold_start": true, "request_id": "req-1", "correlation_id": "1-abc", "integration": "int_1"},
		3: {"msg": "worked", "cold_start": false, "request_id": "req-2"},
	} {
		for k, v := range want {
			if lines[i][k] != v {
				t.Errorf("line %d: %s is %v, not %v", i, k, lines[i][k], v)
			}
		}
	}
}

func TestMetricsHaveTheStageAsTheirOnlyDimension(t *testing.T) {
	line := run(t, map[string]string{"STAGE": "dev", "TABLE_NAME": "t", "LOG_LEVEL": "error"}, oneFails)[0]
	meta, _ := line["_aws"].(map[string]any)
	text, _ := json.Marshal(meta["CloudWatchMetrics"])
	want := `[{"Dimensions":[["Stage"]],"Metrics":[{"Name":"ItemsReceived","Unit":"Count"},{"Name":"ItemsFailed","Unit":"Count"}],"Namespace":"Keyward"}]`
	if string(text) != want {
		t.Errorf("%s", text)
	}
	if line["Stage"] != "dev" || line["ItemsReceived"] != 2.0 || line["ItemsFailed"] != 1.0 || line["request_id"] != "req-1" || line["function"] != "feedback" {
		t.Errorf("%v", line)
	}
	if at, _ := meta["Timestamp"].(float64); time.Since(time.UnixMilli(int64(at))) > time.Minute {
		t.Error("not the wall's time, in milliseconds")
	}
}

// postOffice refuses every second mail.
type postOffice struct{ n int }

func (o *postOffice) Send(context.Context, integration.Mail) (string, error) {
	if o.n++; o.n%2 == 0 {
		return "", integration.ErrNotSent
	}
	return "id", nil
}

func TestMailsThatDoNotGoOutAreCounted(t *testing.T) {
	office := &postOffice{}
	lines := run(t, map[string]string{"STAGE": "dev", "TABLE_NAME": "t", "LOG_LEVEL": "error"}, func(p *Parts) Handler {
		m := Mailer{office, p.Metrics}
		return func(ctx context.Context, _ events.SQSEvent) error {
			if _, err := m.Send(ctx, integration.Mail{}); err != nil && !errors.Is(err, integration.ErrNotSent) {
				return err
			}
			return nil
		}
	})
	if len(lines) != 1 || lines[0]["MailsNotSent"] != 1.0 || lines[0]["Stage"] != "dev" {
		t.Errorf("after one of two: %v", lines)
	}
}

func TestAPartThatCannotBeMadeKeepsTheFunctionFromStarting(t *testing.T) {
	env := map[string]string{"STAGE": "dev", "TABLE_NAME": "t"}
	_, err := start(t.Context(), Feedback, noAWS, func(p *Parts) (Handler, error) {
		p.Queue("")
		p.Mailer()
		return nil, errors.New("and this")
	}, lookUp(env), &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "URL") || !strings.Contains(err.Error(), "ConfigurationSet") || !strings.Contains(err.Error(), "and this") {
		t.Errorf("%v", err)
	}
}

func TestViewersAreBelievedToCloudFrontAlone(t *testing.T) {
	p := &Parts{Env: Env{OriginSecret: "s3cret", OriginSecretBefore: "s3cret-before"}}
	for name, c := range map[string]struct{ secret, viewer, want string }{
		"the secret before": {"s3cret-before", "198.51.100.7", "198.51.100.7"},
		"CloudFront":        {"s3cret", "198.51.100.7", "198.51.100.7"},
		"somebody":          {"guess", "198.51.100.7", "192.0.2.1"},
		"without secret":    {"", "198.51.100.7", "192.0.2.1"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = "192.0.2.1"
		r.Header.Set(headerOrigin, c.secret)
		r.Header.Set(headerViewer, c.viewer)
		if got := p.ViewerAddress(r); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
