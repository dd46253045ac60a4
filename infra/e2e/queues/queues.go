package queues

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A Queue is what the template says of one.
type Queue struct {
	URL        string
	Visibility time.Duration // how long a message is hidden that was received
	Delay      time.Duration
	Dead       string // URL of the queue of its dead letters; empty: none
}

// Config is what Queues needs.
type Config struct {
	Moto          string           // must: its URL
	Authorization string           // must: a header that names the region
	Now           func() time.Time // must: the virtual clock
	Queues        []Queue          // must
}

// Queues are all queues of a stack.
type Queues struct {
	cfg    Config
	queues map[string]Queue // by the name at the end of the URL
	client *http.Client

	mu      sync.Mutex
	delayed []delayed
	hidden  map[string]hidden // by receipt
	full    map[string]bool   // queues that may hold something, by name
	wake    chan struct{}
}

// delayed is a message that moto does not have yet.
type delayed struct {
	at   time.Time
	send map[string]any // SendMessage's input
}

// hidden is a message that was received.
type hidden struct {
	until time.Time
	url   string
}

// New makes the holder of queues, which must be there in moto.
func New(cfg Config) *Queues {
	q := &Queues{
		cfg: cfg, queues: map[string]Queue{}, hidden: map[string]hidden{}, full: map[string]bool{}, wake: make(chan struct{}, 1),
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 32}},
	}
	for _, one := range cfg.Queues {
		q.queues[name(one.URL)] = one
	}
	return q
}

// name is the end of a queue's URL or ARN.
func name(urlOrARN string) string { return urlOrARN[strings.LastIndexAny(urlOrARN, "/:")+1:] }

// forGood is SQS's longest visibility time-out.
const forGood = 12 * time.Hour

// A Message is one that was received.
type Message struct {
	ID                string `json:"MessageId"`
	Receipt           string `json:"ReceiptHandle"`
	Body              string
	MD5               string `json:"MD5OfBody"`
	Attributes        map[string]string
	MessageAttributes map[string]Attribute
}

// An Attribute is one of a message's own.
type Attribute struct{ StringValue, DataType string }

// Send puts a message into a queue.
func (q *Queues) Send(ctx context.Context, url, body string) error {
	_, _, err := q.do(ctx, "SendMessage", map[string]any{"QueueUrl": url, "MessageBody": body})
	return err
}

// Receive takes at most n messages, as an event source mapping does.
func (q *Queues) Receive(ctx context.Context, url string, n int) ([]Message, error) {
	_, answer, err := q.do(ctx, "ReceiveMessage", map[string]any{
		"QueueUrl": url, "MaxNumberOfMessages": n, "AttributeNames": []string{"All"}, "MessageAttributeNames": []string{"All"},
	})
	var out struct{ Messages []Message }
	if err == nil {
		err = json.Unmarshal(answer, &out)
	}
	return out.Messages, err
}

// Delete takes messages away.
func (q *Queues) Delete(ctx context.Context, url string, receipts []string) error {
	for _, r := range receipts {
		if _, _, err := q.do(ctx, "DeleteMessage", map[string]any{"QueueUrl": url, "ReceiptHandle": r}); err != nil {
			return err
		}
	}
	return nil
}

// Count is how many messages moto has in the queue, hidden ones too.
func (q *Queues) Count(ctx context.Context, url string) (int, error) {
	_, answer, err := q.do(ctx, "GetQueueAttributes", map[string]any{"QueueUrl": url, "AttributeNames": []string{"All"}})
	if err != nil {
		return 0, err
	}
	var out struct {
		Attributes struct {
			Visible int `json:"ApproximateNumberOfMessages,string"`
			Hidden  int `json:"ApproximateNumberOfMessagesNotVisible,string"`
		}
	}
	err = json.Unmarshal(answer, &out)
	return out.Attributes.Visible + out.Attributes.Hidden, err
}

// ask sends one request to moto.
func (q *Queues) ask(ctx context.Context, op string, in map[string]any) (status int, answer []byte, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, q.cfg.Moto, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "AmazonSQS."+op)
	req.Header.Set("Authorization", q.cfg.Authorization)
	resp, err := q.client.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("SQS's %s: %w", op, err)
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// ServeHTTP answers functions, by SQS's JSON protocol.
func (q *Queues) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var in map[string]any
	status, answer := http.StatusBadRequest, []byte(`{"__type":"com.amazonaws.sqs#InvalidParameterValue"}`)
	if json.NewDecoder(r.Body).Decode(&in) == nil {
		var err error
		if status, answer, err = q.do(r.Context(), op, in); err != nil && answer == nil {
			status, answer = http.StatusServiceUnavailable, []byte(`{"__type":"com.amazonaws.sqs#ServiceUnavailable"}`)
		}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}
