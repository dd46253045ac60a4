package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
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
	attrWrite   = "write"
	attrMember  = "member"

	indexDue  = "due"
	indexList = "list"
)

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
			keysOnly(indexDue, attrDuePK, attrDueAt), keysOnly(indexList, attrListPK, attrListSK),
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

func keysOnly(name, hash, sort string) types.GlobalSecondaryIndex {
	return types.GlobalSecondaryIndex{
		IndexName: aws.String(name), KeySchema: keySchema(hash, sort),
		Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
	}
}
