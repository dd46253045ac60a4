package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"keyward/pkg/aws/internal/fault"
	"keyward/pkg/integration"
)

// LetterClient is what DeadLetters needs of SQS's client.
type LetterClient interface {
	Client
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
}

// A Pair is a queue of dead letters with the queue that they came from.
type Pair struct {
	Dead   string // URL
	Source string // URL
}

// LettersConfig is what DeadLetters needs.
type LettersConfig struct {
	Client LetterClient // must
	Pairs  []Pair       // must; each is looked at in turn
}

// DeadLetters is what the queues gave up on. StartMessageMoveTask would move
// everything, poison included, again and again; here each letter counts its
// rounds.
type DeadLetters struct{ cfg LettersConfig }

// NewDeadLetters makes one. The error lists every field that is missing.
func NewDeadLetters(c LettersConfig) (*DeadLetters, error) {
	var errs []error
	if c.Client == nil {
		errs = append(errs, errors.New("queue: LettersConfig.Client is missing"))
	}
	for i, p := range c.Pairs {
		if p.Dead == "" || p.Source == "" {
			errs = append(errs, fmt.Errorf("queue: LettersConfig.Pairs[%d] lacks a URL", i))
		}
	}
	return &DeadLetters{c}, errors.Join(errs...)
}

// attrRedriven counts how often a letter was sent back. SQS keeps message
// attributes when it moves a message to the queue of dead letters.
const attrRedriven = "redriven"

const (
	perReceive = 10 // SQS's limit

	// hidden is how long a letter that was looked at is not seen again, so that
	// one run counts it once. In seconds; below the minute between sweeps.
	hidden = 45
)

// Redrive moves at most limit letters back to the queues that they came from.
// A letter that was moved so rounds times already stays, for a person to look
// at. It returns how many were moved, and how many of those seen stay. Letters
// whose move failed half-way may be in both queues.
func (d *DeadLetters) Redrive(ctx context.Context, limit, rounds int) (moved, stuck int, err error) {
	if limit < 1 || rounds < 1 {
		return 0, 0, fmt.Errorf("queue.Redrive: %w: a limit of %d letters, %d rounds", integration.ErrInvalid, limit, rounds)
	}
	var errs []error
	for _, p := range d.cfg.Pairs {
		m, s, err := d.redrive(ctx, p, limit-moved, rounds)
		moved, stuck = moved+m, stuck+s
		errs = append(errs, err)
	}
	return moved, stuck, errors.Join(errs...)
}

// redrive empties one queue of what may go. It looks at no more than twice the
// limit, so that stuck letters do not keep it busy.
func (d *DeadLetters) redrive(ctx context.Context, p Pair, limit, rounds int) (moved, stuck int, err error) {
	for moved < limit && moved+stuck < 2*limit {
		letters, err := d.receive(ctx, p.Dead, min(perReceive, limit-moved))
		if err != nil || len(letters) == 0 {
			return moved, stuck, err
		}
		for _, l := range letters {
			if redriven(l) >= rounds {
				stuck++
				continue
			}
			if err := d.move(ctx, p, l); err != nil {
				return moved, stuck, err
			}
			moved++
		}
	}
	return moved, stuck, nil
}

// receive does not wait. SQS then asks a few of its servers only: a letter
// that is missed now is found a minute later, and the sweep has other work.
func (d *DeadLetters) receive(ctx context.Context, url string, most int) ([]types.Message, error) {
	out, err := d.cfg.Client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &url, MaxNumberOfMessages: int32(most), VisibilityTimeout: hidden,
		MessageAttributeNames: []string{"All"},
	})
	if err != nil {
		return nil, fault.New("queue.Redrive", err, meanings)
	}
	return out.Messages, nil
}

// redriven is how often the letter was sent back; who wrote nonsense there is
// not trusted with another round.
func redriven(l types.Message) int {
	a, there := l.MessageAttributes[attrRedriven]
	if !there {
		return 0
	}
	n, err := strconv.Atoi(aws.ToString(a.StringValue))
	if err != nil || n < 0 {
		return 1 << 30
	}
	return n
}

// move sends the letter back and deletes it, in this order: it is never lost.
func (d *DeadLetters) move(ctx context.Context, p Pair, l types.Message) error {
	attrs := map[string]types.MessageAttributeValue{}
	for name, value := range l.MessageAttributes {
		attrs[name] = value
	}
	attrs[attrRedriven] = types.MessageAttributeValue{
		DataType: aws.String("Number"), StringValue: aws.String(strconv.Itoa(redriven(l) + 1)),
	}
	_, err := d.cfg.Client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &p.Source, MessageBody: l.Body, MessageAttributes: attrs})
	if err == nil {
		_, err = d.cfg.Client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &p.Dead, ReceiptHandle: l.ReceiptHandle})
	}
	return fault.New("queue.Redrive", err, meanings)
}
