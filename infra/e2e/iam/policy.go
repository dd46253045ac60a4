package iam

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// A Statement is one of a policy's. Its parts may be taken out by tests, to
// see whether anything depends on them.
type Statement struct {
	In         string // where it is: the logical ID of the role or of the policy
	Sid        string
	Deny       bool
	Principals []Principal // of resource policies
	Actions    []string
	Resources  []string
	Conditions []Condition
}

// A Principal of a statement: AWS (an ARN, or "*") or Service.
type Principal struct{ Kind, Value string }

// A Condition is one operator on one key.
type Condition struct {
	Operator, Key string
	Values        []string
}

func (s Statement) String() string { return s.In + "/" + s.Sid }

// statements reads a policy document.
func statements(in string, document any) ([]Statement, error) {
	d, _ := document.(map[string]any)
	if d["Version"] != "2012-10-17" {
		return nil, fmt.Errorf("%s: Version is not 2012-10-17", in)
	}
	raw, ok := d["Statement"].([]any)
	if !ok {
		return nil, fmt.Errorf("%s: no statements", in)
	}
	var out []Statement
	for i, r := range raw {
		m, _ := r.(map[string]any)
		s, err := statement(in, m)
		if err != nil {
			return nil, fmt.Errorf("%s, statement %d: %w", in, i, err)
		}
		out = append(out, s)
	}
	return out, nil
}

var known = []string{"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}

func statement(in string, m map[string]any) (Statement, error) {
	for k := range m {
		if !slices.Contains(known, k) {
			return Statement{}, fmt.Errorf("%s is not understood", k)
		}
	}
	s := Statement{In: in, Actions: texts(m["Action"]), Resources: texts(m["Resource"])}
	s.Sid, _ = m["Sid"].(string)
	switch m["Effect"] {
	case "Allow":
	case "Deny":
		s.Deny = true
	default:
		return Statement{}, errors.New("the effect is neither Allow nor Deny")
	}
	s.Principals = principals(m["Principal"])
	var err error
	s.Conditions, err = conditions(m["Condition"])
	if len(s.Actions) == 0 {
		err = errors.Join(err, errors.New("no action"))
	}
	return s, err
}

func principals(v any) []Principal {
	if v == "*" {
		return []Principal{{"AWS", "*"}}
	}
	var out []Principal
	m, _ := v.(map[string]any)
	for _, kind := range slices.Sorted(maps.Keys(m)) {
		for _, value := range texts(m[kind]) {
			out = append(out, Principal{kind, value})
		}
	}
	return out
}

func conditions(v any) ([]Condition, error) {
	var out []Condition
	operators, _ := v.(map[string]any)
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		if !understood(operator) {
			return nil, fmt.Errorf("operator %s is not understood", operator)
		}
		keys, _ := operators[operator].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			out = append(out, Condition{operator, key, texts(keys[key])})
		}
	}
	return out, nil
}

// texts is a string, or a list of them, as a list.
func texts(v any) []string {
	var out []string
	switch v := v.(type) {
	case string:
		out = append(out, v)
	case bool:
		out = append(out, fmt.Sprint(v))
	case []any:
		for _, e := range v {
			out = append(out, texts(e)...)
		}
	}
	return out
}
