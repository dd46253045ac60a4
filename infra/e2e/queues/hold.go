package queues

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// do does one operation: what has to do with time here, all else in moto. An
// answer that is not 200 is an error too.
func (q *Queues) do(ctx context.Context, op string, in map[string]any) (status int, answer []byte, err error) {
	url, _ := in["QueueUrl"].(string)
	switch op {
	case "SendMessage":
		if delay := q.delay(in, url); delay > 0 {
			return q.delaySend(in, delay)
		}
		delete(in, "DelaySeconds")
		q.mark(url)
	case "SendMessageBatch":
		return http.StatusBadRequest, []byte(`{"__type":"com.amazonaws.sqs#UnsupportedOperation"}`), fmt.Errorf("the harness does not know %s", op)
	case "ReceiveMessage":
		return q.receive(ctx, in, url)
	case "ChangeMessageVisibility":
		return q.change(in, url)
	case "DeleteMessage":
		q.forget(in["ReceiptHandle"])
	}
	return checked(op)(q.ask(ctx, op, in))
}

func checked(op string) func(int, []byte, error) (int, []byte, error) {
	return func(status int, answer []byte, err error) (int, []byte, error) {
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("SQS's %s: status %d", op, status)
		}
		return status, answer, err
	}
}

func seconds(v any) (time.Duration, bool) {
	switch n := v.(type) {
	case float64:
		return time.Duration(n) * time.Second, true
	case int:
		return time.Duration(n) * time.Second, true
	}
	return 0, false
}

func (q *Queues) delay(in map[string]any, url string) time.Duration {
	if d, given := seconds(in["DelaySeconds"]); given && d > 0 {
		return d
	}
	return q.queues[name(url)].Delay
}

// delaySend answers as SQS does and keeps the message.
func (q *Queues) delaySend(in map[string]any, delay time.Duration) (int, []byte, error) {
	delete(in, "DelaySeconds")
	q.mu.Lock()
	q.delayed = append(q.delayed, delayed{q.cfg.Now().Add(delay), in})
	q.mu.Unlock()
	body, _ := in["MessageBody"].(string)
	sum, id := md5.Sum([]byte(body)), make([]byte, 16)
	rand.Read(id) // never fails
	answer, err := json.Marshal(map[string]string{
		"MD5OfMessageBody": hex.EncodeToString(sum[:]),
		"MessageId":        fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]),
	})
	return http.StatusOK, answer, err
}

// mark notes that the queue may hold something.
func (q *Queues) mark(url string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.full[name(url)] = true
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Wake tells when a message may have become visible.
func (q *Queues) Wake() <-chan struct{} { return q.wake }

// receive hides what it takes for as long as was asked for, or as the queue
// says.
func (q *Queues) receive(ctx context.Context, in map[string]any, url string) (int, []byte, error) {
	q.mu.Lock()
	full := q.full[name(url)]
	q.full[name(url)] = false // until the answer, or another message, says otherwise
	q.mu.Unlock()
	if !full {
		return http.StatusOK, []byte(`{}`), nil
	}
	visibility, given := seconds(in["VisibilityTimeout"])
	if !given {
		visibility = q.queues[name(url)].Visibility
	}
	in["VisibilityTimeout"], in["WaitTimeSeconds"] = int(forGood/time.Second), 0
	status, answer, err := checked("ReceiveMessage")(q.ask(ctx, "ReceiveMessage", in))
	var out struct{ Messages []Message }
	if err != nil || json.Unmarshal(answer, &out) != nil {
		q.mark(url)
		return status, answer, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range out.Messages {
		q.hidden[m.Receipt] = hidden{q.cfg.Now().Add(visibility), url}
		q.full[name(url)] = true // there may be more
	}
	return status, answer, nil
}

func (q *Queues) change(in map[string]any, url string) (int, []byte, error) {
	receipt, _ := in["ReceiptHandle"].(string)
	d, _ := seconds(in["VisibilityTimeout"])
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, there := q.hidden[receipt]; !there {
		return http.StatusBadRequest, []byte(`{"__type":"com.amazonaws.sqs#MessageNotInflight"}`), fmt.Errorf("the message is not in flight")
	}
	q.hidden[receipt] = hidden{q.cfg.Now().Add(d), url}
	return http.StatusOK, []byte(`{}`), nil
}

func (q *Queues) forget(receipt any) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if r, ok := receipt.(string); ok {
		delete(q.hidden, r)
	}
}

// Next is when the next message becomes visible; zero when none is held.
func (q *Queues) Next() time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	var next time.Time
	earlier := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	for _, d := range q.delayed {
		earlier(d.at)
	}
	for _, h := range q.hidden {
		earlier(h.until)
	}
	return next
}

// Release lets go of what is due.
func (q *Queues) Release(ctx context.Context) error {
	sends, shows := q.due()
	for _, s := range sends {
		url, _ := s["QueueUrl"].(string)
		if _, _, err := checked("SendMessage")(q.ask(ctx, "SendMessage", s)); err != nil {
			return err
		}
		q.mark(url)
	}
	for receipt, url := range shows {
		in := map[string]any{"QueueUrl": url, "ReceiptHandle": receipt, "VisibilityTimeout": 0}
		if _, _, err := checked("ChangeMessageVisibility")(q.ask(ctx, "ChangeMessageVisibility", in)); err != nil {
			return err
		}
		q.mark(url)
		if dead := q.queues[name(url)].Dead; dead != "" {
			q.mark(dead) // moto may move it there, the next time that it is asked
		}
	}
	return nil
}

// due takes out all whose time has come.
func (q *Queues) due() (sends []map[string]any, shows map[string]string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.cfg.Now()
	var later []delayed
	for _, d := range q.delayed {
		if d.at.After(now) {
			later = append(later, d)
		} else {
			sends = append(sends, d.send)
		}
	}
	q.delayed = later
	shows = map[string]string{}
	for receipt, h := range q.hidden {
		if !h.until.After(now) {
			shows[receipt] = h.url
			delete(q.hidden, receipt)
		}
	}
	return sends, shows
}
