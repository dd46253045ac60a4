package queues

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"keyward/infra/e2e/moto"
	"keyward/pkg/aws/awstest"
)

const (
	urlWork = "https://sqs.eu-central-1.amazonaws.com/123456789012/work"
	urlDead = "https://sqs.eu-central-1.amazonaws.com/123456789012/work-dead"
)

// rig is two queues in a moto of their own, and a clock.
type rig struct {
	*Queues
	now time.Time
}

func mustRig(t *testing.T) *rig {
	t.Helper()
	if _, err := awstest.Python(); err != nil && os.Getenv("CI") == "" {
		t.Skip("skipped: " + err.Error())
	}
	m, err := moto.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	for _, in := range []map[string]any{
		{"QueueName": "work-dead"},
		{"QueueName": "work", "Attributes": map[string]string{
			"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:123456789012:work-dead","maxReceiveCount":2}`,
		}},
	} {
		if err := m.Call(t.Context(), "AmazonSQS.CreateQueue", in, nil); err != nil {
			t.Fatal(err)
		}
	}
	r := &rig{now: time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)}
	r.Queues = New(Config{
		Moto: m.URL, Authorization: moto.Authorization("sqs"), Now: func() time.Time { return r.now },
		Queues: []Queue{{URL: urlWork, Visibility: 6 * time.Minute, Dead: urlDead}, {URL: urlDead, Visibility: time.Minute}},
	})
	return r
}

// mustReceive says what is visible.
func (r *rig) mustReceive(t *testing.T, url string) (bodies string, receipts []string) {
	t.Helper()
	if err := r.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	batch, err := r.Receive(t.Context(), url, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range batch {
		bodies += m.Body
		receipts = append(receipts, m.Receipt)
	}
	return bodies, receipts
}

func (r *rig) mustSee(t *testing.T, url, want string) []string {
	t.Helper()
	got, receipts := r.mustReceive(t, url)
	if got != want {
		t.Fatalf("at %s %q is visible, not %q", r.now.Format(time.TimeOnly), got, want)
	}
	return receipts
}

// functionSends sends as a function does, by SQS's protocol.
func (r *rig) functionSends(t *testing.T, body string) {
	t.Helper()
	req := httptest.NewRequest("POST", "/", strings.NewReader(body))
	req.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "MD5OfMessageBody") {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
}

func TestTimeIsTheVirtualClocks(t *testing.T) {
	r := mustRig(t)
	r.functionSends(t, `{"QueueUrl":"`+urlWork+`","MessageBody":"late","DelaySeconds":900}`)
	r.mustSee(t, urlWork, "")
	if want := r.now.Add(15 * time.Minute); !r.Next().Equal(want) {
		t.Fatalf("next at %v", r.Next())
	}
	r.now = r.Next()
	receipts := r.mustSee(t, urlWork, "late")
	r.mustSee(t, urlWork, "") // hidden
	r.now = r.now.Add(6 * time.Minute)
	receipts = append(receipts, r.mustSee(t, urlWork, "late")...)
	if err := r.Delete(t.Context(), urlWork, receipts[1:]); err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(time.Hour)
	r.mustSee(t, urlWork, "")
	if !r.Next().IsZero() {
		t.Errorf("something is held until %v", r.Next())
	}
}

func TestDeadLetters(t *testing.T) {
	r := mustRig(t)
	if err := r.Send(t.Context(), urlWork, "poison"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		r.mustSee(t, urlWork, "poison")
		r.mustSee(t, urlDead, "")
		r.now = r.now.Add(6 * time.Minute)
	}
	r.mustSee(t, urlWork, "")
	r.mustSee(t, urlDead, "poison")
	if n, err := r.Count(t.Context(), urlDead); n != 1 || err != nil {
		t.Errorf("%d dead letters, %v", n, err)
	}
}
