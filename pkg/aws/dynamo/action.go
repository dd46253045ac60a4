package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyward/pkg/aws/internal/fault"
	"keyward/pkg/integration"
	"keyward/pkg/table"
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
	case w.When == table.Unclaimed:
		return demand{aws.String(absent + " OR #member = :member"), map[string]string{"#member": attrMember},
			attributes{":member": text(w.Item.Member)}}
	case w.When == table.IfAbsent || w.When == table.AtVersion && w.Version == 0:
		return demand{expression: &absent}
	case w.When == table.AtVersion:
		return demand{aws.String("#version = :version"), map[string]string{"#version": attrVersion},
			attributes{":version": number(w.Version)}}
	}
	return demand{}
}

// action is the write as part of a transaction.
func (e *engine) action(w write) types.TransactWriteItem {
	d := w.demand()
	if w.Delete {
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &e.table, Key: keyOf(w.Item.Key), ConditionExpression: d.expression,
			ExpressionAttributeNames: d.names, ExpressionAttributeValues: d.values,
		}}
	}
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &e.table, Item: w.attributes(), ConditionExpression: d.expression,
		ExpressionAttributeNames: d.names, ExpressionAttributeValues: d.values,
	}}
}

// putOne writes a single item without a transaction.
func (e *engine) putOne(ctx context.Context, op string, w write) error {
	d := w.demand()
	in := &dynamodb.PutItemInput{
		TableName: &e.table, Item: w.attributes(), ConditionExpression: d.expression,
		ExpressionAttributeNames: d.names, ExpressionAttributeValues: d.values,
	}
	if d.expression != nil {
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	_, err := e.client.PutItem(ctx, in)
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
	case textOf(there, attrWrite) == w.name, w.When == table.IfAbsent:
		return nil
	case w.When == table.Unclaimed:
		return fmt.Errorf("%s: %w", op, integration.ErrTaken)
	}
	return fmt.Errorf("%s: %w", op, integration.ErrConflict)
}

// clash is ErrConflict too, for when repeating does not help.
func clash(op string) error { return fmt.Errorf("%s: %w: %w", op, integration.ErrConflict, errClash) }
