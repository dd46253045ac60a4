package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyward/pkg/integration"
)

// History returns an integration's history, newest first.
func (s *Store) History(ctx context.Context, id integration.ID, cursor string, limit int) ([]integration.Entry, string, error) {
	const op, prefix = "dynamo.History", "EVT#"
	pk := pkIntegration(id)
	at, err := placeOf(cursor, "history "+string(id), prefix)
	if err == nil {
		err = validKey(pk, "")
	}
	if err == nil {
		err = atLeastOne(limit)
	}
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", op, err)
	}
	in := within(pk, prefix)
	in.ScanIndexForward, in.Limit = aws.Bool(false), pageSize(limit+1)
	if at.After != "" {
		in.ExclusiveStartKey = keyOf(pk, at.After)
	}
	entries, err := take(s.query(ctx, op, in), op, limit+1, decode[integration.Entry])
	if err != nil || len(entries) <= limit {
		return entries, "", err
	}
	at.After = skEntry(entries[limit-1])
	return entries[:limit], at.cursor(), nil
}

// Count is the number of integrations in the state, as the index has it.
func (s *Store) Count(ctx context.Context, st integration.State) (int, error) {
	in := &dynamodb.QueryInput{
		TableName: &s.table, IndexName: aws.String(indexList), Select: types.SelectCount,
		KeyConditionExpression:    aws.String(attrListPK + " = :pk"),
		ExpressionAttributeValues: attributes{":pk": text(listPKState(st))},
	}
	for n := 0; ; {
		out, err := s.client.Query(ctx, in)
		if err != nil {
			return 0, failed("dynamo.Count", err)
		}
		n += int(out.Count)
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
			return n, nil
		}
	}
}
