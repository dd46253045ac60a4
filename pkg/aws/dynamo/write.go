package dynamo

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyward/pkg/integration"
	"keyward/pkg/table"
)

// maxItems is DynamoDB's limit on a transaction.
const maxItems = 100

func (e *engine) Write(ctx context.Context, op string, plan func() ([]table.Write, error)) error {
	op = "dynamo." + op
	writes, err := plan()
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return e.execute(ctx, op, writes)
}

// errClash says that another transaction had hold of an item just then.
var errClash = errors.New("another transaction is at work")

// maxClashes is how often a write is repeated that clashed with another
// transaction; its conditions were not looked at.
const maxClashes = 4

// execute writes until the conditions are judged. Notices that were there
// already are left out of what is written again.
func (e *engine) execute(ctx context.Context, op string, all []table.Write) error {
	writes, err := e.prepare(all)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	for clashes := 0; len(writes) > 0; {
		there, err := e.write(ctx, op, writes)
		switch {
		case errors.Is(err, errClash) && clashes < maxClashes:
			clashes++
			if err := pause(ctx, clashes); err != nil {
				return fmt.Errorf("%s: %w", op, err)
			}
		case err != nil || len(there) == 0:
			return err
		default:
			writes = without(writes, there)
		}
	}
	return nil
}

// A write is one item of a change, with the change's name.
type write struct {
	table.Write
	name string
}

// prepare names the writes, and refuses more than a transaction holds.
func (e *engine) prepare(writes []table.Write) ([]write, error) {
	if len(writes) > maxItems {
		return nil, fmt.Errorf("%w: a change of %d items, and a transaction holds %d", integration.ErrInvalid, len(writes), maxItems)
	}
	name := make([]byte, 10)
	if _, err := io.ReadFull(e.random, name); err != nil {
		return nil, fmt.Errorf("no randomness: %w", err)
	}
	text := base32.StdEncoding.EncodeToString(name)
	named := make([]write, len(writes))
	for i, w := range writes {
		named[i] = write{w, text}
	}
	return named, nil
}

func without(writes []write, there []int) []write {
	var left []write
	for i, w := range writes {
		if !slices.Contains(there, i) {
			left = append(left, w)
		}
	}
	return left
}

// write tries once. Where notices that are there already were all that stood
// in the way, it gives their places and no error; nothing was written then.
func (e *engine) write(ctx context.Context, op string, writes []write) (there []int, err error) {
	if len(writes) == 1 {
		switch w := writes[0]; {
		case !w.Delete:
			return nil, e.putOne(ctx, op, w)
		case w.When == table.Always:
			_, err := e.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &e.table, Key: keyOf(w.Item.Key)})
			return nil, failed(op, err)
		}
	}
	in := &dynamodb.TransactWriteItemsInput{}
	for _, w := range writes {
		in.TransactItems = append(in.TransactItems, e.action(w))
	}
	_, err = e.client.TransactWriteItems(ctx, in)
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		return judge(op, writes, cancelled)
	}
	return nil, failed(op, err)
}

// pause waits a little, longer each time, and not as long as others do.
func pause(ctx context.Context, attempt int) error {
	most := 20 * time.Millisecond << min(attempt, 6)
	timer := time.NewTimer(most/2 + rand.N(most/2))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
