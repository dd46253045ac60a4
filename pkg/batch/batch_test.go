package batch_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keyward/pkg/batch"
)

func messages(n int) events.SQSEvent {
	var e events.SQSEvent
	for i := range n {
		e.Records = append(e.Records, events.SQSMessage{MessageId: fmt.Sprint(i)})
	}
	return e
}

func TestWhatIsNotDoneComesAgain(t *testing.T) {
	var log bytes.Buffer
	h := batch.Handler(slog.New(slog.NewTextHandler(&log, nil)), 4, func(_ context.Context, m events.SQSMessage) bool {
		switch m.MessageId {
		case "3":
			panic("canary-secret")
		case "5":
			return false
		}
		return true
	})
	for range 50 {
		r, err := h(t.Context(), messages(9))
		if err != nil {
			t.Fatal(err)
		}
		var failed []string
		for _, f := range r.BatchItemFailures {
			failed = append(failed, f.ItemIdentifier)
		}
		if want := []string{"3", "5"}; !slices.Equal(failed, want) {
			t.Fatalf("given back: %q, want %q", failed, want)
		}
	}
	if text := log.String(); !strings.Contains(text, "message=3") || !strings.Contains(text, "batch_test.go") && !strings.Contains(text, "TestWhatIsNotDone") || strings.Contains(text, "canary") {
		t.Errorf("the log says %q", text)
	}
}

func TestNoMoreAtOnceThanAllowed(t *testing.T) {
	for _, limit := range []int{1, 3} {
		var now, most atomic.Int64
		h := batch.Handler(slog.New(slog.DiscardHandler), limit, func(context.Context, events.SQSMessage) bool {
			n := now.Add(1)
			for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
			}
			time.Sleep(time.Millisecond)
			now.Add(-1)
			return true
		})
		if r, err := h(t.Context(), messages(12)); err != nil || len(r.BatchItemFailures) > 0 {
			t.Fatal(r, err)
		}
		if most.Load() != int64(limit) {
			t.Errorf("%d at once, want %d", most.Load(), limit)
		}
	}
}

func TestAnEmptyBatchIsDone(t *testing.T) {
	h := batch.Handler(slog.New(slog.DiscardHandler), 4, func(context.Context, events.SQSMessage) bool { return false })
	if r, err := h(t.Context(), messages(0)); err != nil || len(r.BatchItemFailures) > 0 {
		t.Error(r, err)
	}
}
