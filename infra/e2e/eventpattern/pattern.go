// Package eventpattern matches events against EventBridge's patterns, for
// rules and for the filters of event source mappings.
//
// What Keyward's templates use is implemented: exact values and prefix.
// Anything else is an error, never a guess.
//
// Source: EventBridge User Guide, "Comparison operators for use in event
// patterns" [AWS].
package eventpattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Pattern is what an event must look like.
type Pattern struct{ fields map[string]any }

// Parse reads a pattern from JSON. An unknown operator is an error.
func Parse(text []byte) (Pattern, error) {
	var p Pattern
	err := json.Unmarshal(text, &p.fields)
	if err == nil {
		err = check(p.fields)
	}
	if err != nil {
		return Pattern{}, fmt.Errorf("reading an event pattern: %w", err)
	}
	return p, nil
}

func check(fields map[string]any) error {
	if len(fields) == 0 {
		return errors.New("an object is empty")
	}
	for name, want := range fields {
		err := errors.New("values must be in an array, and not none")
		switch want := want.(type) {
		case map[string]any:
			err = check(want)
		case []any:
			if len(want) > 0 {
				err = checkValues(want)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func checkValues(values []any) error {
	for _, v := range values {
		switch v := v.(type) {
		case []any:
			return errors.New("an array in an array")
		case map[string]any:
			if prefix, ok := v["prefix"].(string); !ok || prefix == "" || len(v) != 1 {
				return fmt.Errorf("an operator other than prefix, or without its text: %v", v)
			}
		}
	}
	return nil
}

// Match reports whether the event, JSON, is one that the pattern wants.
func (p Pattern) Match(event []byte) (bool, error) {
	var e map[string]any
	if err := json.Unmarshal(event, &e); err != nil {
		return false, fmt.Errorf("reading an event: %w", err)
	}
	return all(p.fields, e), nil
}

// all reports whether the event has what is wanted in every field. Of an array
// in the event, one element is enough.
func all(fields, event map[string]any) bool {
	for name, want := range fields {
		got, there := event[name]
		several, isArray := got.([]any)
		if !isArray {
			several = []any{got}
		}
		if !there || !slices.ContainsFunc(several, func(one any) bool { return fits(want, one) }) {
			return false
		}
	}
	return true
}

func fits(want, got any) bool {
	switch want := want.(type) {
	case map[string]any:
		inner, ok := got.(map[string]any)
		return ok && all(want, inner)
	case []any:
		return slices.ContainsFunc(want, func(w any) bool { return equal(w, got) })
	}
	return false
}

func equal(want, got any) bool {
	if operator, ok := want.(map[string]any); ok {
		text, isText := got.(string)
		prefix, _ := operator["prefix"].(string)
		return isText && strings.HasPrefix(text, prefix)
	}
	switch got.(type) {
	case map[string]any, []any:
		return false // only values can be compared
	}
	return want == got
}
