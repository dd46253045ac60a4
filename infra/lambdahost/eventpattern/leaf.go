package eventpattern

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// parseLeaf reads one element of a field's array: a value, or an object with
// one operator.
func parseLeaf(v any) (leaf, error) {
	raw, ok := v.(map[string]any)
	if !ok {
		return exact(v), nil
	}
	if len(raw) != 1 {
		return nil, fmt.Errorf("an operator must stand alone")
	}
	for name, operand := range raw {
		switch name {
		case "exists":
			want, ok := operand.(bool)
			if !ok {
				return nil, fmt.Errorf("exists wants true or false")
			}
			return func(values []any) bool { return (len(values) > 0) == want }, nil
		case "anything-but":
			return anythingBut(operand)
		case "numeric":
			return numeric(operand)
		case "prefix", "suffix", "equals-ignore-case":
			return text(name, operand)
		}
		return nil, fmt.Errorf("unknown operator %q", name)
	}
	return nil, nil // not reached
}

func exact(want any) leaf {
	return func(values []any) bool { return slices.ContainsFunc(values, func(v any) bool { return same(v, want) }) }
}

func same(a, b any) bool {
	x, xNumber := a.(json.Number)
	y, yNumber := b.(json.Number)
	if xNumber && yNumber {
		f, err1 := x.Float64()
		g, err2 := y.Float64()
		return err1 == nil && err2 == nil && f == g
	}
	if _, list := a.([]any); list {
		return false
	}
	if _, object := a.(map[string]any); object {
		return false
	}
	return a == b
}

var comparisons = map[string]func(value, operand string) bool{
	"prefix": strings.HasPrefix, "suffix": strings.HasSuffix, "equals-ignore-case": strings.EqualFold,
}

func text(operator string, operand any) (leaf, error) {
	want, ok := operand.(string)
	if !ok || want == "" {
		return nil, fmt.Errorf("%s wants a string", operator)
	}
	return func(values []any) bool {
		return slices.ContainsFunc(values, func(v any) bool {
			s, ok := v.(string)
			return ok && comparisons[operator](s, want)
		})
	}, nil
}

// anythingBut matches a field that is there and has another value than those
// of the operand: a value, several, or one of the comparisons of strings.
func anythingBut(operand any) (leaf, error) {
	var not leaf
	switch v := operand.(type) {
	case []any:
		n, err := parseLeaves(v)
		if err != nil {
			return nil, err
		}
		not = func(values []any) bool {
			return slices.ContainsFunc(n.leaves, func(l leaf) bool { return l(values) })
		}
	default:
		var err error
		if not, err = parseLeaf(v); err != nil {
			return nil, err
		}
	}
	return func(values []any) bool {
		return slices.ContainsFunc(values, func(v any) bool { return !not([]any{v}) })
	}, nil
}

// numeric reads ["<", 5] or [">=", 0, "<", 5].
func numeric(operand any) (leaf, error) {
	list, ok := operand.([]any)
	if !ok || len(list) == 0 || len(list)%2 != 0 {
		return nil, fmt.Errorf("numeric wants pairs of an operator and a number")
	}
	var tests []func(float64) bool
	for pair := range slices.Chunk(list, 2) {
		operator, _ := pair[0].(string)
		n, _ := pair[1].(json.Number)
		bound, err := strconv.ParseFloat(string(n), 64)
		test, known := map[string]func(float64) bool{
			"<": func(f float64) bool { return f < bound }, "<=": func(f float64) bool { return f <= bound },
			">": func(f float64) bool { return f > bound }, ">=": func(f float64) bool { return f >= bound },
			"=": func(f float64) bool { return f == bound },
		}[operator]
		if err != nil || !known {
			return nil, fmt.Errorf("numeric wants an operator and a number")
		}
		tests = append(tests, test)
	}
	return func(values []any) bool {
		return slices.ContainsFunc(values, func(v any) bool {
			n, ok := v.(json.Number)
			f, err := n.Float64()
			return ok && err == nil && !slices.ContainsFunc(tests, func(t func(float64) bool) bool { return !t(f) })
		})
	}, nil
}
