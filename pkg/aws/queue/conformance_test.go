package queue_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/aws/queue"
	"keyward/pkg/conformance"
)

var moto awstest.Moto

func TestMain(m *testing.M) { os.Exit(moto.Run(m)) }

// visibility is in whole seconds, SQS's unit; the suite waits for it.
const (
	visibility  = time.Second
	maxReceives = 2
)

// pair makes a queue and the queue of its dead letters.
func pair(t *testing.T, client *sqs.Client) queue.Pair {
	t.Helper()
	name := rand.Text()
	dead, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name + "-dead")})
	if err != nil {
		t.Fatal(err)
	}
	source, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{
		"VisibilityTimeout": fmt.Sprint(int(visibility.Seconds())),
		"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:%s:123456789012:%s-dead","maxReceiveCount":%d}`,
			awstest.Region, name, maxReceives),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return queue.Pair{Dead: *dead.QueueUrl, Source: *source.QueueUrl}
}

// receive gives what is visible.
func receive(ctx context.Context, client *sqs.Client, url string) ([]conformance.Delivery, error) {
	out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
	if err != nil {
		return nil, err
	}
	var all []conformance.Delivery
	for _, m := range out.Messages {
		all = append(all, conformance.Delivery{Body: *m.Body, Receipt: *m.ReceiptHandle})
	}
	return all, nil
}

func open(t *testing.T) conformance.QueueRig {
	client := sqs.NewFromConfig(awstest.Config(moto.Start(t)))
	p := pair(t, client)
	q, err := queue.New(queue.Config{Client: client, URL: p.Source})
	if err != nil {
		t.Fatal(err)
	}
	return conformance.QueueRig{
		Queue: q, Visibility: visibility, MaxReceives: maxReceives, Advance: time.Sleep,
		Receive: func(ctx context.Context) ([]conformance.Delivery, error) { return receive(ctx, client, p.Source) },
		Delete: func(ctx context.Context, receipt string) error {
			_, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &p.Source, ReceiptHandle: &receipt})
			return err
		},
		Dead: func(ctx context.Context) ([]string, error) {
			all, err := receive(ctx, client, p.Dead)
			var bodies []string
			for _, d := range all {
				bodies = append(bodies, d.Body)
			}
			return bodies, err
		},
	}
}

func TestQueue(t *testing.T) { conformance.RunQueue(t, open) }
