package queue_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/aws/queue"
	"keyward/pkg/integration"
)

// letters are pairs of queues, and DeadLetters over them.
type letters struct {
	*queue.DeadLetters
	client *sqs.Client
	pairs  []queue.Pair
}

func openLetters(t *testing.T, n int) letters {
	t.Helper()
	l := letters{client: sqs.NewFromConfig(awstest.Config(moto.Start(t)))}
	for range n {
		l.pairs = append(l.pairs, pair(t, l.client))
	}
	var err error
	if l.DeadLetters, err = queue.NewDeadLetters(queue.LettersConfig{Client: l.client, Pairs: l.pairs}); err != nil {
		t.Fatal(err)
	}
	return l
}

// die puts a message among the dead, as SQS does when it has been sent back so
// often: with its attributes.
func (l letters) die(t *testing.T, p queue.Pair, body string, rounds int) {
	t.Helper()
	attrs := map[string]types.MessageAttributeValue{"trace": {DataType: aws.String("String"), StringValue: aws.String("t1")}}
	if rounds > 0 {
		attrs["redriven"] = types.MessageAttributeValue{DataType: aws.String("Number"), StringValue: aws.String(fmt.Sprint(rounds))}
	}
	if _, err := l.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &p.Dead, MessageBody: &body, MessageAttributes: attrs}); err != nil {
		t.Fatal(err)
	}
}

// back are the messages that were sent back.
func (l letters) back(t *testing.T, p queue.Pair) []types.Message {
	t.Helper()
	out, err := l.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: &p.Source, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Messages
}

func (l letters) redrive(t *testing.T, limit, rounds, moved, stuck int) {
	t.Helper()
	m, s, err := l.Redrive(t.Context(), limit, rounds)
	if m != moved || s != stuck || err != nil {
		t.Errorf("moved %d, stuck %d, error %v; want %d, %d", m, s, err, moved, stuck)
	}
}

func TestALetterGoesBackAndCounts(t *testing.T) {
	l := openLetters(t, 1)
	l.die(t, l.pairs[0], `"poison"`, 1)
	l.redrive(t, 10, 3, 1, 0)
	got := l.back(t, l.pairs[0])
	if len(got) != 1 || *got[0].Body != `"poison"` {
		t.Fatalf("%d messages came back", len(got))
	}
	if a := got[0].MessageAttributes; *a["redriven"].StringValue != "2" || *a["trace"].StringValue != "t1" {
		t.Errorf("its attributes are %v", a)
	}
	l.redrive(t, 10, 3, 0, 0) // it is not among the dead any more
}

func TestALetterThatWentBackTooOftenStays(t *testing.T) {
	l := openLetters(t, 1)
	l.die(t, l.pairs[0], "stuck", 3)
	l.die(t, l.pairs[0], "well", 2)
	l.redrive(t, 10, 3, 1, 1)
	if got := l.back(t, l.pairs[0]); len(got) != 1 || *got[0].Body != "well" {
		t.Errorf("%d messages came back", len(got))
	}
}

func TestTheLimitIsForAllQueuesTogether(t *testing.T) {
	l := openLetters(t, 2)
	for i := range 3 {
		l.die(t, l.pairs[0], fmt.Sprint(i), 0)
		l.die(t, l.pairs[1], fmt.Sprint(i), 0)
	}
	l.redrive(t, 4, 3, 4, 0)
	if a, b := len(l.back(t, l.pairs[0])), len(l.back(t, l.pairs[1])); a != 3 || b != 1 {
		t.Errorf("%d and %d came back, want 3 and 1", a, b)
	}
	l.redrive(t, 4, 3, 2, 0)
}

func TestStuckLettersDoNotKeepItBusy(t *testing.T) {
	l := openLetters(t, 1)
	for i := range 9 {
		l.die(t, l.pairs[0], fmt.Sprint(i), 5)
	}
	if _, stuck, err := l.Redrive(t.Context(), 2, 3); stuck != 4 || err != nil {
		t.Errorf("%d stuck, error %v; want 4 looked at", stuck, err)
	}
}

// failing is a client whose calls of one kind fail.
type failing struct {
	*sqs.Client
	send, remove error
}

func (f failing) SendMessage(ctx context.Context, in *sqs.SendMessageInput, opts ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	if f.send != nil {
		return nil, f.send
	}
	return f.Client.SendMessage(ctx, in, opts...)
}

func (f failing) DeleteMessage(ctx context.Context, in *sqs.DeleteMessageInput, opts ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error) {
	if f.remove != nil {
		return nil, f.remove
	}
	return f.Client.DeleteMessage(ctx, in, opts...)
}

func TestALetterIsNeverLost(t *testing.T) {
	l := openLetters(t, 2)
	l.die(t, l.pairs[0], "a", 0)
	l.die(t, l.pairs[1], "b", 0)
	d, err := queue.NewDeadLetters(queue.LettersConfig{Client: failing{l.client, errors.New("down"), nil}, Pairs: l.pairs})
	if err != nil {
		t.Fatal(err)
	}
	if moved, _, err := d.Redrive(t.Context(), 10, 3); moved != 0 || err == nil {
		t.Errorf("moved %d, error %v", moved, err)
	}
	for _, p := range l.pairs { // hidden for a while, and still there
		out, err := l.client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: &p.Dead, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessagesNotVisible},
		})
		if err != nil || out.Attributes["ApproximateNumberOfMessagesNotVisible"] != "1" {
			t.Errorf("the dead are %v, error %v", out.Attributes, err)
		}
	}
}

func TestALetterThatCannotBeDeletedGoesBackAllTheSame(t *testing.T) {
	l := openLetters(t, 1)
	l.die(t, l.pairs[0], "a", 0)
	d, err := queue.NewDeadLetters(queue.LettersConfig{Client: failing{l.client, nil, errors.New("down")}, Pairs: l.pairs})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Redrive(t.Context(), 10, 3); err == nil {
		t.Error("no error")
	}
	if n := len(l.back(t, l.pairs[0])); n != 1 {
		t.Errorf("%d came back", n)
	}
}

func TestNonsenseOfLetters(t *testing.T) {
	l := openLetters(t, 1)
	if _, _, err := l.Redrive(t.Context(), 0, 3); !errors.Is(err, integration.ErrInvalid) {
		t.Errorf("a limit of nothing: %v", err)
	}
	if _, err := queue.NewDeadLetters(queue.LettersConfig{Pairs: []queue.Pair{{Dead: "d"}}}); err == nil {
		t.Error("a pair without source, and no client")
	}
}
