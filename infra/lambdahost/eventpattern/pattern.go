// Package eventpattern matches events against EventBridge's patterns, for
// rules and for the filters of event source mappings.
//
// What Keyward's template uses is implemented: exact values, null, prefix,
// suffix, anything-but, exists, equals-ignore-case, numeric, and $or. Anything
// else is an error, never a guess.
//
// Source: EventBridge User Guide, "Comparison operators for use in event
// patterns" [AWS].
package eventpattern

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// A Pattern is what an event must look like.
type Pattern struct{ root object }

// An object wants something of some fields; of $or, one of several objects.
type object struct {
	fields map[string]node
	or     []object
}

// A node is an object, or a list of leaves of which one must match.
type node struct {
	object *object
	leaves []leaf
}

// A leaf judges a field's values, of which there are several in an array and
// none where the field is absent.
type leaf func(values []any) bool

// Parse reads a pattern from JSON. An unknown operator is an error.
func Parse(text []byte) (Pattern, error) {
	var raw map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&raw); err != nil {
		return Pattern{}, fmt.Errorf("reading an event pattern: %w", err)
	}
	root, err := parseObject(raw)
	if err != nil {
		return Pattern{}, fmt.Errorf("reading an event pattern: %w", err)
	}
	return Pattern{root}, nil
}

func parseObject(raw map[string]any) (object, error) {
	o := object{fields: map[string]node{}}
	if len(raw) == 0 {
		return o, fmt.Errorf("an object is empty")
	}
	for name, v := range raw {
		var err error
		switch v := v.(type) {
		case map[string]any:
			var inner object
			inner, err = parseObject(v)
			o.fields[name] = node{object: &inner}
		case []any:
			if name == "$or" {
				o.or, err = parseOr(v)
			} else {
				o.fields[name], err = parseLeaves(v)
			}
		default:
			err = fmt.Errorf("values must be in an array")
		}
		if err != nil {
			return o, fmt.Errorf("%s: %w", name, err)
		}
	}
	return o, nil
}

func parseOr(list []any) (out []object, err error) {
	for _, v := range list {
		raw, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("holds objects only")
		}
		o, err := parseObject(raw)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

func parseLeaves(list []any) (node, error) {
	if len(list) == 0 {
		return node{}, fmt.Errorf("an array is empty")
	}
	var n node
	for _, v := range list {
		l, err := parseLeaf(v)
		if err != nil {
			return node{}, err
		}
		n.leaves = append(n.leaves, l)
	}
	return n, nil
}

// Match tells whether the event, JSON, is one that the pattern wants.
func (p Pattern) Match(event []byte) (bool, error) {
	var raw map[string]any
	d := json.NewDecoder(bytes.NewReader(event))
	d.UseNumber()
	if err := d.Decode(&raw); err != nil {
		return false, fmt.Errorf("reading an event: %w", err)
	}
	return p.root.match(raw), nil
}

func (o object) match(event map[string]any) bool {
	for name, n := range o.fields {
		if !n.match(event, name) {
			return false
		}
	}
	return o.or == nil || slices.ContainsFunc(o.or, func(one object) bool { return one.match(event) })
}

func (n node) match(event map[string]any, name string) bool {
	value, there := event[name]
	if n.object != nil {
		inner, _ := value.(map[string]any) // absent fields match {"exists": false}
		if list, ok := value.([]any); ok {
			return slices.ContainsFunc(list, func(v any) bool {
				one, ok := v.(map[string]any)
				return ok && n.object.match(one)
			})
		}
		return n.object.match(inner)
	}
	var values []any
	switch v := value.(type) {
	case []any:
		values = v
	case map[string]any: // no leaf: only values can be compared
	default:
		if there {
			values = []any{v}
		}
	}
	return slices.ContainsFunc(n.leaves, func(l leaf) bool { return l(values) })
}
