package boot

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"keyward/pkg/correlation"
	"keyward/pkg/integration"
)

// namespace is where CloudWatch keeps our metrics; infra/alarms.yaml knows it.
const namespace = "Keyward"

// A Metric is one number at one time.
type Metric struct {
	Name  string // as alarms and the dashboard know it
	Unit  string // CloudWatch's: "Count", "Seconds"
	Value float64
}

// Metrics writes metrics as lines of the log. The zero value writes nothing.
type Metrics struct {
	out      io.Writer
	function Name
	stage    string
	wall     func() time.Time // CloudWatch refuses times that are far from its own
}

// NewMetrics writes to out. The wall is a clock that CloudWatch agrees with.
func NewMetrics(out io.Writer, n Name, stage string, wall func() time.Time) Metrics {
	return Metrics{out: out, function: n, stage: stage, wall: wall}
}

type definition struct {
	Name string
	Unit string
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

// Emit writes the metrics as one line. It never fails: a number that is lost
// must not stop the work that it is about.
func (m Metrics) Emit(ctx context.Context, metrics ...Metric) {
	if m.out == nil {
		return
	}
	d := directive{Namespace: namespace, Dimensions: [][]string{{"Stage"}}}
	line := map[string]any{"Stage": m.stage, "function": string(m.function)}
	for _, one := range metrics {
		d.Metrics = append(d.Metrics, definition{one.Name, one.Unit})
		line[one.Name] = one.Value
	}
	if inv, ok := ctx.Value(invocationKey{}).(invocation); ok {
		line["request_id"], line["correlation_id"] = inv.request, correlation.ID(ctx)
	}
	line["_aws"] = map[string]any{"Timestamp": m.wall().UnixMilli(), "CloudWatchMetrics": []directive{d}}
	text, err := json.Marshal(line)
	if err != nil {
		return // numbers and strings: it does not happen
	}
	_, _ = m.out.Write(append(text, '\n'))
}

// A Mailer sends, and counts what did not go out for certain: notify tries
// again later, and nobody would hear of mail by mail.
type Mailer struct {
	next interface {
		Send(context.Context, integration.Mail) (string, error)
	}
	metrics Metrics
}

// Send is that of pkg/aws/email.
func (m Mailer) Send(ctx context.Context, mail integration.Mail) (string, error) {
	id, err := m.next.Send(ctx, mail)
	if err != nil {
		m.metrics.Emit(ctx, Metric{"MailsNotSent", "Count", 1})
	}
	return id, err
}
