package local

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
	*StreamMapping
	whole   bool // fails the whole batch, instead of naming records
	bad     string
	batches []string
	gaveUp  []string
}

func newTried(whole bool, bad string, bisect bool, retries int) *tried {
	x := &tried{whole: whole, bad: bad}
	x.StreamMapping = &StreamMapping{
		Batch: 4, Bisect: bisect, Retries: retries, MaxAge: time.Hour, To: x.handle,
		GaveUp: func(_ context.Context, rest []StreamRecord, _ int, _ time.Time) error {
			x.gaveUp = append(x.gaveUp, rest[0].Sequence+rest[len(rest)-1].Sequence)
			return nil
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
	now, done := begin, ""
	x.Now = func() time.Time { return now }
	x.Done = func(_ context.Context, through string) error {
		done = through
		return nil
	}
	x.Read = func(context.Context) (records []StreamRecord, _ error) {
		for _, l := range letters {
			records = append(records, StreamRecord{string(l), begin, fmt.Appendf(nil, `{"dynamodb":{"SequenceNumber":%q}}`, string(l))})
		}
		return records, nil
	}
	for done == "" {
		if _, err := x.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if next := x.Next(); next.After(now) {
			now = next
		}
		if len(x.batches) > 100 {
			t.Fatal("it never ends")
		}
	}
	if done != letters[len(letters)-1:] {
		t.Errorf("done through %q", done)
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

func TestPartialAnswersOfQueues(t *testing.T) {
	batch := []events.SQSMessage{{MessageId: "a", ReceiptHandle: "A"}, {MessageId: "b", ReceiptHandle: "B"}}
	tests := map[string]struct {
		whole      bool
		answer     string
		done       string
		unreadable bool
	}{
		"nothing failed":     {false, `{"batchItemFailures":[]}`, "A B", false},
		"no answer":          {false, ``, "A B", false},
		"null":               {false, `null`, "A B", false},
		"one failed":         {false, `{"batchItemFailures":[{"itemIdentifier":"b"}]}`, "A", false},
		"not asked for":      {true, `{"batchItemFailures":[{"itemIdentifier":"b"}]}`, "A B", false},
		"an unknown message": {false, `{"batchItemFailures":[{"itemIdentifier":"c"}]}`, "", true},
		"an empty name":      {false, `{"batchItemFailures":[{"itemIdentifier":""}]}`, "", true},
		"not JSON":           {false, `oops`, "", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			unreadable := false
			m := &QueueMapping{Whole: tt.whole, Unreadable: func([]byte) { unreadable = true }}
			done := strings.Join(m.done([]byte(tt.answer), batch), " ")
			if done != tt.done || unreadable != tt.unreadable {
				t.Errorf("done with %q, unreadable %v", done, unreadable)
			}
		})
	}
}
