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

	"keyward/pkg/correlation"
	"keyward/pkg/integration"
)

// maxItems is DynamoDB's limit on a transaction.
const maxItems = 100

// Commit writes all of the change or nothing; see conformance.Store. A change
// of more than 100 items is ErrInvalid.
func (s *Store) Commit(ctx context.Context, c integration.Change) error {
	const op = "dynamo.Commit"
	writes, err := compile(c.Correlated(correlation.ID(ctx)))
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return s.execute(ctx, op, writes)
}

// errClash says that another transaction had hold of an item just then.
var errClash = errors.New("another transaction is at work")

// maxClashes is how often a write is repeated that clashed with another
// transaction; its conditions were not looked at.
const maxClashes = 4

// execute writes until the conditions are judged. Notices that were there
// already are left out of what is written again.
func (s *Store) execute(ctx context.Context, op string, writes []write) error {
	writes, err := s.prepare(writes)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	for clashes := 0; len(writes) > 0; {
		there, err := s.write(ctx, op, writes)
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

// prepare names the writes, and refuses more than a transaction holds.
func (s *Store) prepare(writes []write) ([]write, error) {
	if len(writes) > maxItems {
		return nil, fmt.Errorf("%w: a change of %d items, and a transaction holds %d", integration.ErrInvalid, len(writes), maxItems)
	}
	name := make([]byte, 10)
	if _, err := io.ReadFull(s.random, name); err != nil {
		return nil, fmt.Errorf("no randomness: %w", err)
	}
	writes = slices.Clone(writes)
	for i := range writes {
		writes[i].item.Write = base32.StdEncoding.EncodeToString(name)
	}
	return writes, nil
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
func (s *Store) write(ctx context.Context, op string, writes []write) (there []int, err error) {
	if len(writes) == 1 && !writes[0].gone {
		return nil, s.putOne(ctx, op, writes[0])
	}
	in := &dynamodb.TransactWriteItemsInput{}
	for _, w := range writes {
		a, err := s.action(w)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
		in.TransactItems = append(in.TransactItems, a)
	}
	_, err = s.client.TransactWriteItems(ctx, in)
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
