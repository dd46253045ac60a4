package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// tried is a mapping to a function that fails some records, and what it was
// given: one letter a record.
type tried struct {
	*streamMapping
	whole   bool // fails the whole batch, instead of naming records
	bad     string
	batches []string
	gaveUp  []string
}

func newTried(whole bool, bad string, bisect bool, retries int) *tried {
	x := &tried{whole: whole, bad: bad}
	x.streamMapping = &streamMapping{
		to: &function{}, stream: &stream{}, partial: true, bisect: bisect, retries: retries, maxAge: time.Hour, failed: "dead",
		call: x.handle,
		tell: func(_ context.Context, _, message string) error {
			var m struct {
				DDBStreamBatchInfo struct{ StartSequenceNumber, EndSequenceNumber string }
			}
			err := json.Unmarshal([]byte(message), &m)
			x.gaveUp = append(x.gaveUp, m.DDBStreamBatchInfo.StartSequenceNumber+m.DDBStreamBatchInfo.EndSequenceNumber)
			return err
		},
	}
	return x
}

func (x *tried) handle(_ context.Context, event []byte) ([]byte, error) {
	var e events.DynamoDBEvent
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, err
	}
	batch, first := "", ""
	for _, r := range e.Records {
		batch += r.Change.SequenceNumber
		if strings.Contains(x.bad, r.Change.SequenceNumber) && first == "" {
			first = r.Change.SequenceNumber
		}
	}
	x.batches = append(x.batches, batch)
	switch {
	case first == "":
		return []byte(`{"batchItemFailures":[]}`), nil
	case x.whole:
		return nil, errors.New("failed")
	}
	return fmt.Appendf(nil, `{"batchItemFailures":[{"itemIdentifier":%q}]}`, first), nil
}

// run delivers until nothing is left, and tells how long that took.
func (x *tried) run(t *testing.T, letters string) time.Duration {
	t.Helper()
	begin := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	var records []record
	for _, l := range letters {
		records = append(records, record{string(l), begin, map[string]any{"dynamodb": map[string]any{"SequenceNumber": string(l)}}})
	}
	now := begin
	for units := []unit{{records: records}}; len(units) > 0; {
		if units[0].from.After(now) {
			now = units[0].from
		}
		again, err := x.deliver(t.Context(), units[0], now)
		if err != nil {
			t.Fatal(err)
		}
		units = append(again, units[1:]...)
		if len(x.batches) > 100 {
			t.Fatal("it never ends")
		}
	}
	return now.Sub(begin)
}

func TestStreamsAreRepeatedAsLambdaDoes(t *testing.T) {
	tests := map[string]struct {
		x       *tried
		batches string
		gaveUp  string
		waited  time.Duration
	}{
		"all is well":                  {newTried(false, "", true, 2), "abcd", "", 0},
		"the function fails":           {newTried(true, "c", true, 1), "abcd ab cd c c d", "cc", time.Second},
		"without bisecting":            {newTried(true, "c", false, 1), "abcd abcd", "ad", time.Second},
		"a record is named":            {newTried(false, "c", false, 2), "abcd cd cd", "cd", 3 * time.Second},
		"a record is named, bisecting": {newTried(false, "c", true, 1), "abcd cd c d", "cc", time.Second},
		"age ends it":                  {newTried(true, "a", false, -1), strings.TrimSpace(strings.Repeat("abcd ", 13)), "ad", 4095 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			waited := tt.x.run(t, "abcd")
			if got := strings.Join(tt.x.batches, " "); got != tt.batches {
				t.Errorf("batches %q, not %q", got, tt.batches)
			}
			if got := strings.Join(tt.x.gaveUp, " "); got != tt.gaveUp || waited != tt.waited {
				t.Errorf("gave up on %q after %v, not on %q after %v", got, waited, tt.gaveUp, tt.waited)
			}
		})
	}
}
