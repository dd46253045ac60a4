package table

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"keyward/pkg/integration"
)

// format is how Data is written now; see the package comment.
const format = 1

// encode is the JSON of a domain value without its zero fields, and with all
// times in UTC. Most of an integration's hundred fields are zero: DynamoDB
// bills each kilobyte, and reading them back would be most of the cost of a
// read. Plain encoding/json reads it. ErrInvalid: JSON cannot hold the value.
func encode(value any) ([]byte, error) {
	b, err := appendValue(make([]byte, 0, usualSize), reflect.ValueOf(value))
	if err != nil {
		return nil, fmt.Errorf("%w: a value that JSON cannot hold", integration.ErrInvalid)
	}
	return b, nil
}

// usualSize is room enough for most integrations.
const usualSize = 2 << 10

// asWritten reads durations as encode writes them. Version 2 of encoding/json
// reads an item in a third of the time of version 1.
var asWritten = jsonv1.FormatDurationAsNano(true)

// valueOf reads the domain's value out of an item.
func valueOf[T any](i Item) (T, error) {
	var v T
	if i.Format > format {
		return v, fmt.Errorf("%w: it has format %d, which is newer than this program's %d", ErrItem, i.Format, format)
	}
	if err := jsonv2.Unmarshal(i.Data, &v, asWritten); err != nil {
		return v, ErrItem
	}
	return v, nil
}

var timeType = reflect.TypeFor[time.Time]()

func appendValue(b []byte, v reflect.Value) ([]byte, error) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == timeType {
			return appendTime(b, v.Interface().(time.Time))
		}
		return appendStruct(b, v)
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		return appendValue(b, v.Elem())
	case reflect.Slice:
		return appendSlice(b, v)
	case reflect.String:
		return appendString(b, v.String())
	case reflect.Int, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10), nil
	default:
		text, err := json.Marshal(v.Interface())
		return append(b, text...), err
	}
}

func appendStruct(b []byte, v reflect.Value) (_ []byte, err error) {
	b = append(b, '{')
	first := true
	names := fieldNames(v.Type())
	for i, name := range names {
		field := v.Field(i)
		if field.IsZero() {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, name...)
		if b, err = appendValue(b, field); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// named remembers fieldNames: reflection takes as long as writing does.
var named sync.Map // of []string by reflect.Type

// fieldNames are the names of a struct's fields as they stand before a value.
func fieldNames(t reflect.Type) []string {
	if known, ok := named.Load(t); ok {
		return known.([]string)
	}
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = `"` + fieldName(t.Field(i)) + `":`
	}
	named.Store(t, names)
	return names
}

// fieldName is the name that encoding/json knows the field by.
func fieldName(f reflect.StructField) string {
	if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
		return name
	}
	return f.Name
}

func appendSlice(b []byte, v reflect.Value) (_ []byte, err error) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		text, err := json.Marshal(v.Interface())
		return append(b, text...), err
	}
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendValue(b, v.Index(i)); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendTime(b []byte, t time.Time) ([]byte, error) {
	t = t.UTC()
	if y := t.Year(); y < 0 || y > 9999 {
		return nil, fmt.Errorf("%w: the year %d", integration.ErrInvalid, y)
	}
	b = t.AppendFormat(append(b, '"'), time.RFC3339Nano)
	return append(b, '"'), nil
}

// appendString leaves all but plain text to encoding/json.
func appendString(b []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			text, err := json.Marshal(s)
			return append(b, text...), err
		}
	}
	return append(append(append(b, '"'), s...), '"'), nil
}
