package dynamo

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyward/pkg/integration"
)

// format is how data is written now; see the package comment.
const format = 1

// item is one item of the table.
type item struct {
	PK      string `dynamodbav:"PK"`
	SK      string `dynamodbav:"SK"`
	DuePK   string `dynamodbav:"DUE_PK,omitempty"`
	DueAt   string `dynamodbav:"DUE_AT,omitempty"`
	ListPK  string `dynamodbav:"LIST_PK,omitempty"`
	ListSK  string `dynamodbav:"LIST_SK,omitempty"`
	Version int64  `dynamodbav:"version"`
	Format  int    `dynamodbav:"format"`
	Data    string `dynamodbav:"data,omitempty"`
	Write   string `dynamodbav:"write"`
	Status  string `dynamodbav:"status,omitempty"`
	Member  string `dynamodbav:"member,omitempty"`
	Correl  string `dynamodbav:"correlation,omitempty"` // of a notice, for who reads the stream
	TTL     int64  `dynamodbav:"ttl,omitempty"`
}

// due puts the item into the index of due work; zero leaves it out.
func (i *item) due(shard int, at time.Time) {
	if !at.IsZero() {
		i.DuePK, i.DueAt = duePK(shard), sortable(at)
	}
}

// tidy lets DynamoDB delete the item so long after the time; zero keeps it.
func (i *item) tidy(at time.Time, after time.Duration) {
	if unix := at.Add(after).Unix(); !at.IsZero() && unix > 0 {
		i.TTL = unix
	}
}

// attributes are the item as the SDK takes it.
func (i item) attributes() (map[string]types.AttributeValue, error) {
	return attributevalue.MarshalMap(i)
}

// keyOf is the primary key as the SDK takes it.
func keyOf(pk, sk string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{attrPK: text(pk), attrSK: text(sk)}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// textOf reads a string attribute; empty when there is none.
func textOf(attrs map[string]types.AttributeValue, name string) string {
	if s, ok := attrs[name].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// errRow is all that is said of a stored row that cannot be read: the text of
// the decoder's error may quote it.
var errRow = errors.New("a stored row cannot be read")

// decode reads the domain's value out of an item.
func decode[T any](attrs map[string]types.AttributeValue) (T, error) {
	var v T
	var i item
	if err := attributevalue.UnmarshalMap(attrs, &i); err != nil {
		return v, errRow
	}
	if i.Format > format {
		return v, fmt.Errorf("%w: it has format %d, which is newer than this program's %d", errRow, i.Format, format)
	}
	if err := json.Unmarshal([]byte(i.Data), &v); err != nil {
		return v, errRow
	}
	return v, nil
}

// encode writes a domain's value as JSON without its zero fields, and with all
// times in UTC: most fields of an integration are zero, and DynamoDB bills
// each kilobyte.
func encode(value any) (string, error) {
	b, err := json.Marshal(sparse(reflect.ValueOf(value)))
	if err != nil {
		return "", fmt.Errorf("%w: a value that JSON cannot hold", integration.ErrInvalid)
	}
	return string(b), nil
}

// sparse is the value with maps, which have no zero fields, for structs.
func sparse(v reflect.Value) any {
	if at, ok := v.Interface().(time.Time); ok {
		return at.UTC()
	}
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return sparse(v.Elem())
	case v.Kind() == reflect.Struct:
		fields := map[string]any{}
		for f, field := range v.Fields() {
			if !field.IsZero() {
				fields[jsonName(f)] = sparse(field)
			}
		}
		return fields
	case v.Kind() == reflect.Slice && !v.IsNil() && v.Type().Elem().Kind() != reflect.Uint8:
		elements := make([]any, v.Len())
		for i := range elements {
			elements[i] = sparse(v.Index(i))
		}
		return elements
	}
	return v.Interface()
}

// jsonName is the name that encoding/json reads the field by.
func jsonName(f reflect.StructField) string {
	if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
		return name
	}
	return f.Name
}
