package dynamo

import (
	"context"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyward/pkg/integration"
)

type attributes = map[string]types.AttributeValue

// rows are items of a query, or the error that ended it.
type rows = iter.Seq2[attributes, error]

// within asks for the items of a partition whose sort keys begin so, as they
// are now.
func within(pk, prefix string) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String(attrPK + " = :pk AND begins_with(" + attrSK + ", :prefix)"),
		ExpressionAttributeValues: attributes{":pk": text(pk), ":prefix": text(prefix)},
		ConsistentRead:            aws.Bool(true),
	}
}

// query gives the items page by page, for as long as they are asked for. In a
// partition that DynamoDB would not take there is nothing.
func (s *Store) query(ctx context.Context, op string, in *dynamodb.QueryInput) rows {
	return func(yield func(attributes, error) bool) {
		if pk := textOf(in.ExpressionAttributeValues, ":pk"); validKey(pk, "") != nil || pk == "" {
			return
		}
		in.TableName = &s.table
		for {
			out, err := s.client.Query(ctx, in)
			if err != nil {
				yield(nil, failed(op, err))
				return
			}
			for _, i := range out.Items {
				if !yield(i, nil) {
					return
				}
			}
			if in.ExclusiveStartKey = out.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
				return
			}
		}
	}
}

// collect reads all rows.
func collect[T any](all rows, op string, read func(attributes) (T, error)) ([]T, error) {
	return take(all, op, -1, read)
}

// take reads at most limit rows; all, where the limit is negative.
func take[T any](all rows, op string, limit int, read func(attributes) (T, error)) ([]T, error) {
	var out []T
	for row, err := range all {
		if err != nil {
			return nil, err
		}
		v, err := read(row)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
		if out = append(out, v); len(out) == limit {
			break
		}
	}
	return out, nil
}

// atLeastOne refuses a limit that allows nothing.
func atLeastOne(limit int) error {
	if limit < 1 {
		return fmt.Errorf("%w: a limit of %d", integration.ErrInvalid, limit)
	}
	return nil
}

// pageSize is a limit as DynamoDB takes it.
func pageSize(limit int) *int32 { return aws.Int32(int32(min(limit, 1000))) }
