// Package pattern matches events against the patterns of EventBridge's rules
// and the filters of Lambda's event source mappings, which are of one kind.
//
// It knows exact values, prefix, suffix, exists, anything-but (of values) and
// equals-ignore-case, and refuses patterns with anything else.
//
// Source: EventBridge user guide, "Comparison operators for use in event
// patterns"; Lambda developer guide, "Control which events Lambda sends to
// your function".
package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// A Pattern says which events are wanted.
type Pattern struct{ fields map[string]any }

// Parse reads a pattern, as JSON text or as what a template holds.
func Parse(from any) (Pattern, error) {
	if text, ok := from.(string); ok {
		from = nil
		if err := json.Unmarshal([]byte(text), &from); err != nil {
			return Pattern{}, fmt.Errorf("a pattern that is not JSON: %w", err)
		}
	}
	fields, ok := from.(map[string]any)
	if !ok || len(fields) == 0 {
		return Pattern{}, errors.New("a pattern must be an object, and not empty")
	}
	return Pattern{fields}, check(fields)
}

// check refuses what the package does not know.
func check(fields map[string]any) error {
	for name, want := range fields {
		switch want := want.(type) {
		case map[string]any:
			if len(want) == 0 {
				return fmt.Errorf("%s: an empty object", name)
			}
			if err := check(want); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		case []any:
			for _, one := range want {
				if err := checkOne(one); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
			if len(want) == 0 {
				return fmt.Errorf("%s: an empty list", name)
			}
		default:
			return fmt.Errorf("%s: neither a list nor an object", name)
		}
	}
	return nil
}

func checkOne(one any) error {
	m, ok := one.(map[string]any)
	if !ok {
		if _, isList := one.([]any); isList {
			return errors.New("a list in a list")
		}
		return nil
	}
	for operator := range m {
		switch operator {
		case "prefix", "suffix", "exists", "anything-but", "equals-ignore-case":
		default:
			return fmt.Errorf("operator %q is not known", operator)
		}
	}
	if len(m) != 1 {
		return errors.New("an operator stands alone")
	}
	return nil
}

// Match tells whether the event, as JSON, is wanted.
func (p Pattern) Match(event []byte) (bool, error) {
	var e map[string]any
	if err := json.Unmarshal(event, &e); err != nil {
		return false, fmt.Errorf("an event that is not JSON: %w", err)
	}
	return object(p.fields, e), nil
}

func object(fields, event map[string]any) bool {
	for name, want := range fields {
		got, there := event[name]
		switch want := want.(type) {
		case map[string]any:
			inner, _ := got.(map[string]any)
			if !object(want, inner) {
				return false
			}
		case []any:
			if !value(want, got, there) {
				return false
			}
		}
	}
	return true
}

// value tells whether any of the wanted fits; of a list, whether any element
// does.
func value(want []any, got any, there bool) bool {
	if several, ok := got.([]any); ok {
		for _, g := range several {
			if value(want, g, true) {
				return true
			}
		}
		return false
	}
	for _, w := range want {
		if one(w, got, there) {
			return true
		}
	}
	return false
}

func one(want, got any, there bool) bool {
	m, ok := want.(map[string]any)
	if !ok {
		return there && want == got
	}
	text, isText := got.(string)
	for operator, arg := range m {
		like, _ := arg.(string)
		switch operator {
		case "prefix":
			return isText && strings.HasPrefix(text, like)
		case "suffix":
			return isText && strings.HasSuffix(text, like)
		case "equals-ignore-case":
			return isText && strings.EqualFold(text, like)
		case "exists":
			return there == (arg == true)
		case "anything-but":
			return there && !among(arg, got)
		}
	}
	return false
}

func among(arg, got any) bool {
	several, ok := arg.([]any)
	if !ok {
		several = []any{arg}
	}
	for _, a := range several {
		if a == got {
			return true
		}
	}
	return false
}
