package notify

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"keyward/pkg/integration"
)

// TestStream drives the handler with the stream's own records, through the
// same JSON as Lambda's.
func TestStream(t *testing.T) {
	b := newBench(t)
	it, n := b.invited()
	b.put(it, n, ada())
	if failed := b.drain(); failed != "" {
		t.Errorf("failed: %s", failed)
	}
	b.wantMails("ada@acme.example")
	if failed := b.drain(); failed != "" {
		t.Errorf("failed: %s", failed)
	}
	b.wantMails("ada@acme.example") // its own writes came back through the stream
}

// drain hands all records of the stream to the handler, and returns the
// sequence numbers that it reports as failed.
func (b *bench) drain() string {
	b.t.Helper()
	records, err := b.db.Stream().Read(b.t.Context(), 100)
	if err != nil {
		b.t.Fatal(err)
	}
	var raw []string
	for _, r := range records {
		raw = append(raw, string(r.Event))
	}
	return b.invoke(`{"Records":[` + strings.Join(raw, ",") + `]}`)
}

func (b *bench) invoke(event string) string {
	b.t.Helper()
	answer, err := lambda.NewHandler(Handler(b.Service)).Invoke(b.t.Context(), []byte(event))
	if err != nil {
		b.t.Fatal(err)
	}
	var r events.DynamoDBEventResponse
	if err := json.Unmarshal(answer, &r); err != nil {
		b.t.Fatal(err)
	}
	var ids []string
	for _, f := range r.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return strings.Join(ids, " ")
}

func TestStreamReportsTheSequenceNumber(t *testing.T) {
	b := newBench(t)
	it, n := b.invited()
	b.put(it, n, ada())
	records, err := b.db.Stream().Read(t.Context(), 10)
	if err != nil || len(records) != 1 {
		t.Fatal(records, err)
	}
	b.fail("store.Contacts", errors.New("no table for ada@acme.example"))
	if got := b.invoke(`{"Records":[` + string(records[0].Event) + `]}`); got != records[0].Sequence {
		t.Errorf("failed: %q, want %q", got, records[0].Sequence)
	}
	b.setHook(nil)
	b.wantMails()
}

func TestRecordsThatAreNotOurs(t *testing.T) {
	record := func(name, pk, sk, status string) string {
		return `{"eventName":"` + name + `","dynamodb":{"SequenceNumber":"1","Keys":{"PK":` + pk + `,"SK":` + sk + `},"NewImage":{"status":` + status + `}}}`
	}
	pk, sk, pending := `{"S":"INT#`+string(acme().ID)+`"}`, `{"S":"NTC#the notice"}`, `{"S":"pending"}`
	for name, c := range map[string]struct {
		record string
		want   string
	}{
		"pending":         {record("INSERT", pk, sk, pending), "ada@acme.example"},
		"pending again":   {record("MODIFY", pk, sk, pending), "ada@acme.example"},
		"removed":         {record("REMOVE", pk, sk, pending), ""},
		"sending":         {record("MODIFY", pk, sk, `{"S":"sending"}`), ""},
		"another item":    {record("INSERT", pk, `{"S":"META"}`, pending), ""},
		"another kind":    {record("INSERT", `{"S":"LNK#abc"}`, sk, pending), ""},
		"keys of numbers": {record("INSERT", `{"N":"1"}`, `{"N":"2"}`, `{"N":"3"}`), ""},
		"nothing in it":   {`{"eventName":"INSERT","dynamodb":{}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			it, n := b.invited()
			b.put(it, n, ada())
			if failed := b.invoke(`{"Records":[` + c.record + `]}`); failed != "" {
				t.Errorf("failed: %s", failed)
			}
			b.wantMails(strings.Fields(c.want)...)
		})
	}
}

func TestNewNamesAllThatIsMissing(t *testing.T) {
	_, err := New(Config{Sender: "Lernwerk <keys@vendor.example>", ConsoleURL: "console"})
	for _, want := range []string{"Store", "Mailer", "Vendor", "Sender", "SupportAddress", "PublicURL", "ConsoleURL", "Now"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	if !errors.Is(err, integration.ErrInvalid) {
		t.Error("not marked as invalid")
	}
}
