package dynamo

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyward/pkg/integration"
	"keyward/pkg/table"
)

// A verdict is why one item of a transaction stood in its way. The greater
// counts for more: a conflict more than a name that is taken, since who reads
// again sees both; a judgement about items more than one about the moment.
type verdict int

const (
	fine verdict = iota
	thereAlready
	unclear
	clashed
	throttled
	invalid
	taken
	conflict
)

// verdict reads a cancellation reason about the write.
// Source: DynamoDB's API reference, "TransactWriteItems", Errors.
func (w write) verdict(code string) verdict {
	switch code {
	case "", "None":
		return fine
	case "ConditionalCheckFailed":
		switch w.When {
		case table.IfAbsent:
			return thereAlready
		case table.Unclaimed:
			return taken
		}
		return conflict
	case "TransactionConflict":
		return clashed
	case "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded":
		return throttled
	case "ValidationError", "ItemCollectionSizeLimitExceeded":
		return invalid
	}
	return unclear
}

// sentinel is nil for a verdict that has none.
func (v verdict) sentinel() error {
	switch v {
	case conflict:
		return integration.ErrConflict
	case taken:
		return integration.ErrTaken
	case invalid:
		return integration.ErrInvalid
	case throttled:
		return integration.ErrThrottled
	}
	return nil
}

// judge says why a transaction was cancelled. Where notices that are there
// already were all that stood in its way, it gives their places instead.
func judge(op string, writes []write, cancelled *types.TransactionCanceledException) (there []int, err error) {
	worst := fine
	for i, r := range cancelled.CancellationReasons {
		if i >= len(writes) {
			worst = max(worst, unclear)
			break
		}
		v := writes[i].verdict(aws.ToString(r.Code))
		if v == thereAlready {
			there = append(there, i)
		}
		worst = max(worst, v)
	}
	switch sentinel := worst.sentinel(); {
	case sentinel != nil:
		return nil, fmt.Errorf("%s: %w", op, sentinel)
	case worst == clashed:
		return nil, clash(op)
	case worst == thereAlready:
		return there, nil
	}
	return nil, failed(op, cancelled)
}
