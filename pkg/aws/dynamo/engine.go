package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyward/pkg/aws/internal/fault"
	"keyward/pkg/integration"
	"keyward/pkg/required"
	"keyward/pkg/table"
)

// Client is what the store needs of DynamoDB's client, which should have the
// SDK's standard retryer.
type Client interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Config is what a store needs.
type Config struct {
	Client Client    // must
	Table  string    // must; made as TableInput says
	Random io.Reader // may; names writes; default crypto/rand.Reader
}

// NewStore makes a store on a DynamoDB table. The error lists every field that
// is missing.
func NewStore(c Config) (*table.Store, error) {
	if c.Random == nil {
		c.Random = rand.Reader
	}
	return table.NewStore(&engine{client: c.Client, table: c.Table, random: c.Random}), required.Check("dynamo",
		required.Field{Name: "Client", Absent: c.Client == nil},
		required.Field{Name: "Table", Absent: c.Table == ""},
	)
}

type engine struct {
	client Client
	table  string
	random io.Reader
}

// meanings are of those error codes that say what is wrong with the call. That
// the table is missing (ResourceNotFoundException) is never ErrNotFound.
var meanings = fault.Meanings{
	"ValidationException":                      integration.ErrInvalid,
	"TransactionConflictException":             integration.ErrConflict,
	"ItemCollectionSizeLimitExceededException": integration.ErrInvalid,
}

func failed(op string, err error) error { return fault.New(op, err, meanings) }

func (e *engine) Read(ctx context.Context, op table.Operation, look func(table.Reader) error) error {
	r := reader{engine: e, ctx: ctx, op: "dynamo." + op.Name}
	err := look(r)
	var answer *fault.Error
	if err == nil || errors.As(err, &answer) {
		return err
	}
	return fmt.Errorf("%s: %w", r.op, err)
}

// A reader reads for one operation. Its context is the operation's.
type reader struct {
	*engine
	ctx context.Context
	op  string
}

func (r reader) Get(k table.Key) (table.Item, bool, error) {
	out, err := r.client.GetItem(r.ctx, &dynamodb.GetItemInput{TableName: &r.table, Key: keyOf(k), ConsistentRead: aws.Bool(true)})
	if err != nil || out.Item == nil {
		return table.Item{}, false, failed(r.op, err)
	}
	return itemOf(out.Item), true, nil
}

// maxBatch is DynamoDB's limit on a BatchGetItem.
const maxBatch = 100

func (r reader) GetAll(keys []table.Key) ([]table.Item, error) {
	var all []table.Item
	for chunk := range slices.Chunk(keys, maxBatch) {
		var wanted []attributes
		for _, k := range chunk {
			wanted = append(wanted, keyOf(k))
		}
		items, err := r.batch(wanted)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return all, nil
}

// maxRounds is how often what DynamoDB left unread is asked for again.
const maxRounds = 6

func (r reader) batch(keys []attributes) (all []table.Item, err error) {
	for round := range maxRounds {
		if round > 0 {
			if err := pause(r.ctx, round); err != nil {
				return nil, err
			}
		}
		out, err := r.client.BatchGetItem(r.ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			r.table: {Keys: keys, ConsistentRead: aws.Bool(true)},
		}})
		if err != nil {
			return nil, failed(r.op, err)
		}
		for _, row := range out.Responses[r.table] {
			all = append(all, itemOf(row))
		}
		if keys = out.UnprocessedKeys[r.table].Keys; len(keys) == 0 {
			return all, nil
		}
	}
	return nil, integration.ErrThrottled
}

func (r reader) Items(in table.Range) iter.Seq2[table.Item, error] {
	q := &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String(attrPK + " = :pk AND begins_with(" + attrSK + ", :prefix)"),
		ExpressionAttributeValues: attributes{":pk": text(in.PK), ":prefix": text(in.Prefix)},
		ConsistentRead:            aws.Bool(true), ScanIndexForward: aws.Bool(!in.Backward), Limit: pageSize(in.Limit),
	}
	if in.After != "" {
		q.ExclusiveStartKey = keyOf(table.Key{PK: in.PK, SK: in.After})
	}
	return rows(r, q, itemOf)
}

func (r reader) Entries(in table.IndexRange) iter.Seq2[table.Entry, error] {
	q := ofIndex(in.Index, in.PK)
	q.Limit = pageSize(in.Limit)
	sk := indexKeys[in.Index].SK
	for _, bound := range []struct{ operator, name, value string }{{" > ", ":after", in.After}, {" <= ", ":through", in.Through}} {
		if bound.value != "" {
			q.KeyConditionExpression = aws.String(*q.KeyConditionExpression + " AND " + sk + bound.operator + bound.name)
			q.ExpressionAttributeValues[bound.name] = text(bound.value)
		}
	}
	return rows(r, q, func(row attributes) table.Entry {
		return table.Entry{Key: table.Key{PK: textOf(row, attrPK), SK: textOf(row, attrSK)}, IndexSK: textOf(row, sk)}
	})
}

func (r reader) Count(index table.Index, pk string) (int, error) {
	in := ofIndex(index, pk)
	in.TableName, in.Select = &r.table, types.SelectCount
	for n := 0; ; {
		out, err := r.client.Query(r.ctx, in)
		if err != nil {
			return 0, failed(r.op, err)
		}
		n += int(out.Count)
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
			return n, nil
		}
	}
}

// ofIndex asks for a partition of an index.
func ofIndex(index table.Index, pk string) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		IndexName: aws.String(string(index)), KeyConditionExpression: aws.String(indexKeys[index].PK + " = :pk"),
		ExpressionAttributeValues: attributes{":pk": text(pk)},
	}
}

// rows gives what a query finds, page by page, for as long as it is wanted.
func rows[T any](r reader, in *dynamodb.QueryInput, read func(attributes) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		in.TableName = &r.table
		for {
			out, err := r.client.Query(r.ctx, in)
			if err != nil {
				var none T
				yield(none, failed(r.op, err))
				return
			}
			for _, row := range out.Items {
				if !yield(read(row), nil) {
					return
				}
			}
			if in.ExclusiveStartKey = out.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
				return
			}
		}
	}
}

// pageSize is a limit as DynamoDB takes it; 0 is none.
func pageSize(limit int) *int32 {
	if limit == 0 {
		return nil
	}
	return aws.Int32(int32(min(limit, 1000)))
}
