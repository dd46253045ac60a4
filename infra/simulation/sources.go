package simulation

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keyward/infra/local"
	"keyward/pkg/embedded"
	"keyward/pkg/sweep"
)

// A source is where work comes from: a queue, the stream, the schedule.
type source struct {
	name string
	next func() time.Time // when there is work; zero: none
	take func()
	rest time.Time // not before: deliveries take their time
}

// at is when the source is to be turned to next; zero: never.
func (s *source) at(now time.Time) time.Time {
	at := s.next()
	if at.IsZero() {
		return at
	}
	if at.Before(s.rest) {
		at = s.rest
	}
	if at.Before(now) {
		at = now
	}
	return at
}

var queueNames = [...]string{"intake", "validate", "certificates", "feedback"}

func (w *World) connect() {
	for _, name := range queueNames {
		s := &source{name: name}
		q := w.queues[name]
		s.next = func() time.Time { at, _ := q.NextVisibleAt(); return at }
		s.take = func() { w.deliver(s, q) }
		w.sources = append(w.sources, s)
	}
	w.sources = append(w.sources, w.streamSource(), w.sweepSource())
}

// transit is how long until the source is turned to again.
func (w *World) transit() time.Duration {
	d := w.between(0, 2*time.Second)
	if !w.still() && w.chance(w.weather.late/4) {
		w.strike(late)
		d = w.between(time.Minute, 10*time.Minute)
	}
	return d
}

// deliver hands one message to the queue's function.
func (w *World) deliver(s *source, q *embedded.Queue) {
	s.rest = w.now().Add(w.transit())
	batch, err := q.Receive(ctx(), 1)
	if err != nil {
		w.fail("queues-work", err.Error())
		return
	}
	for _, m := range batch {
		w.deliverOne(s.name, q, m)
	}
}

func (w *World) deliverOne(name string, q *embedded.Queue, m embedded.Message) {
	event := events.SQSEvent{Records: []events.SQSMessage{{MessageId: m.ID, ReceiptHandle: m.Receipt, Body: m.Body}}}
	var answer events.SQSEventResponse
	var err error
	t := &task{name: name, fn: name, until: w.now().Add(queueLimit)}
	t.done = func(t *task) {
		w.tally.Invocations[name]++
		if t.dead || err != nil {
			return
		}
		undone, readable := local.Undone(asJSON(answer), []string{m.ID})
		switch {
		case !readable:
			w.fail("partial-batches", name+" reported a message that was not in its batch")
		case len(undone) == 0:
			w.acknowledge(q, m)
		}
	}
	handler := w.functions().queues[name]
	w.start(t, func(ctx context.Context) { answer, err = handler(ctx, event) })
}

// acknowledge deletes a message; sometimes that comes to nothing.
func (w *World) acknowledge(q *embedded.Queue, m embedded.Message) {
	if !w.still() && w.chance(w.weather.lost) {
		w.strike(duplicate)
		return
	}
	if err := q.Delete(ctx(), m.Receipt); err != nil {
		w.fail("queues-work", err.Error())
	}
}

// maxTries is how often the stream shows a record that fails.
const maxTries = 3

// streamSource shows changed notices to notify, in their order: a batch that
// fails comes again.
func (w *World) streamSource() *source {
	stream := w.db.Stream()
	busy, tries := false, 0
	s := &source{name: "stream"}
	s.next = func() time.Time {
		if busy || !w.streamed {
			return time.Time{}
		}
		return w.now()
	}
	s.take = func() {
		s.rest = w.now().Add(w.transit())
		records, err := stream.Read(ctx(), 1+w.dice.IntN(4))
		if err != nil || len(records) == 0 {
			w.streamed = false
			return
		}
		busy = true
		w.show(records, func(through int) {
			busy = false
			tries++
			if through == 0 && tries >= maxTries {
				through = 1 // passed over: the sweep finds the notice by its due time
			}
			if through > 0 {
				tries = 0
				_ = stream.Trim(ctx(), records[through-1].Sequence)
			}
		})
	}
	return s
}

// show hands records to notify; done learns how many of them are dealt with.
func (w *World) show(records []embedded.Record, done func(int)) {
	var event events.DynamoDBEvent
	for _, r := range records {
		var one events.DynamoDBEventRecord
		if err := json.Unmarshal(r.Event, &one); err != nil {
			w.fail("queues-work", err.Error())
		}
		event.Records = append(event.Records, one)
	}
	var answer events.DynamoDBEventResponse
	var err error
	t := &task{name: "notify", fn: "notify", until: w.now().Add(queueLimit)}
	t.done = func(t *task) {
		w.tally.Invocations["notify"]++
		if t.dead || err != nil {
			done(0)
			return
		}
		done(dealtWith(records, answer))
	}
	handler := w.functions().stream
	w.start(t, func(ctx context.Context) { answer, err = handler(ctx, event) })
}

// dealtWith is the number of records before the first that failed.
func dealtWith(records []embedded.Record, answer events.DynamoDBEventResponse) int {
	var sequences []string
	for _, r := range records {
		sequences = append(sequences, r.Sequence)
	}
	return local.FirstUndone(asJSON(answer), sequences)
}

// asJSON is an answer as Lambda reads it.
func asJSON(answer any) []byte {
	text, err := json.Marshal(answer)
	if err != nil {
		panic("simulation: " + err.Error()) // identifiers only: it does not happen
	}
	return text
}

// The schedule runs the sweep every minute. Minutes in which it would find
// nothing are left out, up to a few hours of them.
const idleSweep = 4 * time.Hour

func (w *World) sweepSource() *source {
	s := &source{name: "sweep"}
	s.next = func() time.Time { return w.nextSweep() }
	s.take = func() {
		w.swept, w.marked = w.now(), false
		w.sweep()
		if !w.still() && w.chance(w.weather.twice) {
			w.strike(duplicate)
			w.after(w.between(0, 4*time.Second), w.sweep)
		}
	}
	return s
}

// nextDue is the time of the first entry of the index of due work, which only a
// write changes.
func (w *World) nextDue() time.Time {
	if !w.dueKnown {
		var err error
		if w.dueAt, err = w.db.NextDue(); err != nil {
			w.fail("queues-work", err.Error())
		}
		w.dueKnown = true
	}
	return w.dueAt
}

func (w *World) nextSweep() time.Time {
	next := w.swept.Add(idleSweep)
	sooner := func(at time.Time) {
		if !at.IsZero() && at.Before(next) {
			next = at
		}
	}
	sooner(w.nextDue().Add(-w.clock.ahead("sweep")))
	letters, _ := w.dead.NextVisibleAt()
	sooner(letters)
	if w.marked {
		sooner(w.now())
	}
	if !w.truth.status.HoldSince.IsZero() {
		sooner(w.swept.Add(30 * time.Minute))
	}
	if soonest := w.swept.Add(time.Minute); next.Before(soonest) {
		next = soonest
	}
	if !next.Before(w.asleep.from) && next.Before(w.asleep.to) {
		next = w.asleep.to
	}
	return next
}

func (w *World) sweep() {
	t := &task{name: "sweep", fn: "sweep", until: w.now().Add(sweepLimit), gate: w.newShardGate()}
	t.done = func(*task) {
		w.tally.Invocations["sweep"]++
		w.truth.swept()
	}
	handler := w.functions().sweep
	schedule := sweep.Schedule{ScheduledAt: w.now().Format(time.RFC3339)}
	w.start(t, func(ctx context.Context) { _ = handler(ctx, schedule) })
}

func (w *World) functions() handlers {
	if w.canary != "" {
		return w.rig.canary
	}
	return w.rig.plain
}
