package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"golang.org/x/sync/errgroup"
)

// A Mapping is one of Lambda's event source mappings: it takes what waits at
// its source to a function, and takes away what the function has dealt with.
type Mapping interface {
	Name() string
	// Step moves what can be moved now, and reports whether that was anything.
	// An error is one of the source; a function's failure leaves its batch for
	// later.
	Step(ctx context.Context) (moved bool, err error)
}

// An Invoke runs a function: an event in, an answer out, both JSON.
type Invoke func(ctx context.Context, event []byte) ([]byte, error)

// Undone are the items of a batch that come again, by the answer of a function
// that reports batch item failures. Where the answer cannot be read, or names
// an item that is not in the batch, the whole batch comes again.
// Source: Lambda Developer Guide, "Reporting batch item failures" [AWS].
func Undone(answer []byte, batch []string) (undone []string, readable bool) {
	var r struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if len(answer) > 0 && json.Unmarshal(answer, &r) != nil {
		return batch, false
	}
	for _, f := range r.BatchItemFailures {
		if !slices.Contains(batch, f.ItemIdentifier) {
			return batch, false
		}
		undone = append(undone, f.ItemIdentifier)
	}
	return undone, true
}

// FirstUndone is the index of the first item that comes again, with all after
// it, as those of a stream do; len(batch) for none.
func FirstUndone(answer []byte, batch []string) int {
	undone, _ := Undone(answer, batch)
	for i, id := range batch {
		if slices.Contains(undone, id) {
			return i
		}
	}
	return len(batch)
}

// A QueueMapping takes batches of a queue to a function.
type QueueMapping struct {
	ID      string
	Receive func(ctx context.Context, most int) ([]events.SQSMessage, error)
	Delete  func(ctx context.Context, receipts []string) error
	To      Invoke
	Batch   int
	AtOnce  int  // batches
	Whole   bool // without ReportBatchItemFailures, an answer is about the whole batch
	// Unreadable may be told of an answer that Lambda could not read.
	Unreadable func(answer []byte)

	mu sync.Mutex
}

// Name is the mapping's ID.
func (m *QueueMapping) Name() string { return m.ID }

// Step takes what is visible, in as many batches at once as there may be.
func (m *QueueMapping) Step(ctx context.Context) (moved bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var work errgroup.Group
	for range m.AtOnce {
		batch, receiveErr := m.Receive(ctx, m.Batch)
		if receiveErr != nil || len(batch) == 0 {
			err = receiveErr
			break
		}
		moved = true
		work.Go(func() error { return m.deliver(ctx, batch) })
	}
	return moved, errors.Join(err, work.Wait())
}

func (m *QueueMapping) deliver(ctx context.Context, batch []events.SQSMessage) error {
	event, err := json.Marshal(events.SQSEvent{Records: batch})
	if err != nil {
		return fmt.Errorf("encoding a batch of %s: %w", m.ID, err)
	}
	answer, err := m.To(ctx, event)
	if err != nil {
		return ctx.Err() // the whole batch comes again
	}
	return m.Delete(ctx, m.done(answer, batch))
}

// done are the receipts of the messages that the function has dealt with.
func (m *QueueMapping) done(answer []byte, batch []events.SQSMessage) (receipts []string) {
	var ids []string
	for _, one := range batch {
		ids = append(ids, one.MessageId)
	}
	var undone []string
	if readable := true; !m.Whole {
		if undone, readable = Undone(answer, ids); !readable && m.Unreadable != nil {
			m.Unreadable(answer)
		}
	}
	for _, one := range batch {
		if !slices.Contains(undone, one.MessageId) {
			receipts = append(receipts, one.ReceiptHandle)
		}
	}
	return receipts
}

// A StreamRecord is one change of a table.
type StreamRecord struct {
	Sequence string
	At       time.Time
	Event    json.RawMessage // an element of a Lambda event's Records
}

// A StreamMapping takes the changes of a table to a function, in their order.
type StreamMapping struct {
	ID      string
	Read    func(ctx context.Context) ([]StreamRecord, error) // what is new; all before was dealt with
	Done    func(ctx context.Context, through string) error   // may: all through that sequence number was dealt with
	Wanted  func(StreamRecord) (bool, error)                  // may: the filters
	To      Invoke
	Batch   int
	Whole   bool          // without ReportBatchItemFailures, an answer is about the whole batch
	Bisect  bool          // BisectBatchOnFunctionError
	Retries int           // MaximumRetryAttempts; -1: as long as the records live
	MaxAge  time.Duration // MaximumRecordAgeInSeconds
	GaveUp  func(ctx context.Context, rest []StreamRecord, tries int, now time.Time) error
	Now     func() time.Time

	mu    sync.Mutex
	units []unit // read, not dealt with; the first blocks the others
	last  string // sequence number that was read last, and not reported as done
}

// A unit is a batch on its way, or a part of one.
type unit struct {
	records []StreamRecord
	tries   int
	from    time.Time // not before
}

// Name is the mapping's ID.
func (m *StreamMapping) Name() string { return m.ID }

// Next is when a unit may be tried again; zero when none waits.
func (m *StreamMapping) Next() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.units) == 0 {
		return time.Time{}
	}
	return m.units[0].from
}

// Step hands over one unit, and reads what is new when none is left.
func (m *StreamMapping) Step(ctx context.Context) (moved bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.units) == 0 {
		if err := m.read(ctx); err != nil {
			return false, err
		}
	}
	now := m.Now()
	if len(m.units) > 0 && !m.units[0].from.After(now) {
		again, err := m.deliver(ctx, m.units[0], now)
		m.units = append(again, m.units[1:]...)
		if err != nil {
			return true, err
		}
		moved = true
	}
	if len(m.units) > 0 || m.last == "" {
		return moved, nil
	}
	through := m.last
	m.last = ""
	if m.Done == nil {
		return true, nil
	}
	return true, m.Done(ctx, through)
}

// read takes new records through the filters into units.
func (m *StreamMapping) read(ctx context.Context) error {
	records, err := m.Read(ctx)
	if err != nil || len(records) == 0 {
		return err
	}
	var wanted []StreamRecord
	for _, r := range records {
		ok := m.Wanted == nil
		if !ok {
			if ok, err = m.Wanted(r); err != nil {
				return err
			}
		}
		if ok {
			wanted = append(wanted, r)
		}
	}
	m.last = records[len(records)-1].Sequence
	for batch := range slices.Chunk(wanted, m.Batch) {
		m.units = append(m.units, unit{records: batch})
	}
	return nil
}

// deliver hands a unit over, and returns what of it is to be tried again.
// Source: Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB",
// batching behaviour and error handling [AWS].
func (m *StreamMapping) deliver(ctx context.Context, u unit, now time.Time) ([]unit, error) {
	var event struct{ Records []json.RawMessage }
	for _, r := range u.records {
		event.Records = append(event.Records, r.Event)
	}
	text, err := json.Marshal(event)
	if err != nil {
		return nil, fmt.Errorf("encoding a batch of %s: %w", m.ID, err)
	}
	answer, err := m.To(ctx, text)
	if ctx.Err() != nil {
		return []unit{u}, ctx.Err()
	}
	first := m.firstFailure(u.records, answer, err)
	rest := u.records[first:]
	switch n := len(rest); {
	case n == 0:
		return nil, nil
	case m.Bisect && first == 0 && n > 1:
		return []unit{{rest[:n/2], u.tries, now}, {rest[n/2:], u.tries, now}}, nil
	case m.Retries >= 0 && u.tries >= m.Retries, now.Sub(rest[0].At) > m.MaxAge:
		if m.GaveUp == nil {
			return nil, nil
		}
		return nil, m.GaveUp(ctx, rest, u.tries+1, now)
	}
	return []unit{{rest, u.tries + 1, now.Add(time.Second << u.tries)}}, nil
}

// firstFailure is the index of the first record that is to come again;
// len(records) for none.
func (m *StreamMapping) firstFailure(records []StreamRecord, answer []byte, err error) int {
	if err != nil {
		return 0
	}
	if m.Whole {
		return len(records)
	}
	var ids []string
	for _, r := range records {
		ids = append(ids, r.Sequence)
	}
	return FirstUndone(answer, ids)
}
