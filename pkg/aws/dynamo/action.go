package dynamo

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyward/pkg/aws/internal/fault"
	"keyward/pkg/integration"
)

// A demand is a condition as DynamoDB takes it; the zero value is none.
type demand struct {
	expression *string
	names      map[string]string
	values     attributes
}

// demand is what must hold of the item for the write to happen.
func (w write) demand() demand {
	absent := "attribute_not_exists(" + attrPK + ")"
	switch {
	case w.when == unclaimed:
		return demand{aws.String(absent + " OR #member = :member"), map[string]string{"#member": attrMember},
			attributes{":member": text(w.item.Member)}}
	case w.when == ifAbsent || w.when == atVersion && w.version == 0:
		return demand{expression: &absent}
	case w.when == atVersion:
		return demand{aws.String("#version = :version"), map[string]string{"#version": attrVersion},
			attributes{":version": &types.AttributeValueMemberN{Value: strconv.FormatInt(w.version, 10)}}}
	}
	return demand{}
}

// action is the write as part of a transaction.
func (s *Store) action(w write) (types.TransactWriteItem, error) {
	d := w.demand()
	if w.gone {
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: keyOf(w.item.PK, w.item.SK), ConditionExpression: d.expression,
			ExpressionAttributeNames: d.names, ExpressionAttributeValues: d.values,
		}}, nil
	}
	attrs, err := w.item.attributes()
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &s.table, Item: attrs, ConditionExpression: d.expression,
		ExpressionAttributeNames: d.names, ExpressionAttributeValues: d.values,
	}}, err
}

// putOne writes a single item without a transaction.
func (s *Store) putOne(ctx context.Context, op string, w write) error {
	attrs, err := w.item.attributes()
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	d := w.demand()
	in := &dynamodb.PutItemInput{
		TableName: &s.table, Item: attrs, ConditionExpression: d.expression,
		ExpressionAttributeNames: d.names, ExpressionAttributeValues: d.values,
	}
	if d.expression != nil {
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	_, err = s.client.PutItem(ctx, in)
	var refused *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &refused):
		return w.refused(op, refused.Item)
	case fault.Is(err, "TransactionConflictException"):
		return clash(op)
	}
	return failed(op, err)
}

// refused says what it means that another item is in the way. It may be the
// write itself, whose first answer was lost.
func (w write) refused(op string, there attributes) error {
	switch {
	case textOf(there, attrWrite) == w.item.Write, w.when == ifAbsent:
		return nil
	case w.when == unclaimed:
		return fmt.Errorf("%s: %w", op, integration.ErrTaken)
	}
	return fmt.Errorf("%s: %w", op, integration.ErrConflict)
}

// clash is ErrConflict too, for when repeating does not help.
func clash(op string) error { return fmt.Errorf("%s: %w: %w", op, integration.ErrConflict, errClash) }
