package dynamo

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyward/pkg/table"
)

// The table's attributes; the package comment says what each holds.
const (
	attrPK      = "PK"
	attrSK      = "SK"
	attrDuePK   = "DUE_PK"
	attrDueAt   = "DUE_AT"
	attrListPK  = "LIST_PK"
	attrListSK  = "LIST_SK"
	attrVersion = "version"
	attrFormat  = "format"
	attrData    = "data"
	attrStatus  = "status"
	attrMember  = "member"
	attrCorrel  = "correlation"
	attrWrite   = "write"
)

// indexKeys are the attributes that the indexes have as keys.
var indexKeys = map[table.Index]table.Key{
	table.DueIndex: {PK: attrDuePK, SK: attrDueAt}, table.ListIndex: {PK: attrListPK, SK: attrListSK},
}

// TTLAttribute is the attribute that DynamoDB's time to live must look at.
const TTLAttribute = "ttl"

// TableInput is the table's definition, for tests and tools. In AWS,
// template.yaml makes the table, with the same keys, indexes and stream.
func TableInput(name string) *dynamodb.CreateTableInput {
	return &dynamodb.CreateTableInput{
		TableName:            aws.String(name),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: stringAttributes(attrPK, attrSK, attrDuePK, attrDueAt, attrListPK, attrListSK),
		KeySchema:            keySchema(attrPK, attrSK),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			keysOnly(table.DueIndex), keysOnly(table.ListIndex),
		},
		StreamSpecification: &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewImage,
		},
	}
}

func stringAttributes(names ...string) []types.AttributeDefinition {
	var all []types.AttributeDefinition
	for _, n := range names {
		all = append(all, types.AttributeDefinition{AttributeName: aws.String(n), AttributeType: types.ScalarAttributeTypeS})
	}
	return all
}

func keySchema(hash, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
	}
}

func keysOnly(index table.Index) types.GlobalSecondaryIndex {
	return types.GlobalSecondaryIndex{
		IndexName: aws.String(string(index)), KeySchema: keySchema(indexKeys[index].PK, indexKeys[index].SK),
		Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
	}
}

type attributes = map[string]types.AttributeValue

// attributes are the item as the SDK takes it.
func (w write) attributes() attributes {
	i := w.Item
	all := attributes{attrVersion: number(i.Version), attrFormat: number(int64(i.Format))}
	for _, a := range []struct{ name, value string }{
		{attrPK, i.PK}, {attrSK, i.SK}, {attrDuePK, i.Due.PK}, {attrDueAt, i.Due.SK}, {attrListPK, i.List.PK}, {attrListSK, i.List.SK},
		{attrData, string(i.Data)}, {attrStatus, i.Status}, {attrMember, i.Member}, {attrCorrel, i.Correlation}, {attrWrite, w.name},
	} {
		if a.value != "" {
			all[a.name] = text(a.value)
		}
	}
	if i.TTL != 0 {
		all[TTLAttribute] = number(i.TTL)
	}
	return all
}

// itemOf reads what a reader needs of a stored item.
func itemOf(row attributes) table.Item {
	i := table.Item{
		Key: table.Key{PK: textOf(row, attrPK), SK: textOf(row, attrSK)}, Member: textOf(row, attrMember), Data: []byte(textOf(row, attrData)),
	}
	if n, ok := row[attrFormat].(*types.AttributeValueMemberN); ok {
		i.Format, _ = strconv.Atoi(n.Value) // DynamoDB holds numbers
	}
	return i
}

// keyOf is the primary key as the SDK takes it.
func keyOf(k table.Key) attributes { return attributes{attrPK: text(k.PK), attrSK: text(k.SK)} }

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// textOf reads a string attribute; empty when there is none.
func textOf(row attributes, name string) string {
	if s, ok := row[name].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}
