package iam

import (
	"slices"
	"strings"
)

// A Context is what is known of a request, by condition key. Keys are compared
// without regard to case.
type Context map[string]string

func (c Context) get(key string) (string, bool) {
	if v, ok := c[key]; ok {
		return v, true
	}
	for k, v := range c {
		if strings.EqualFold(k, key) {
			return v, true
		}
	}
	return "", false
}

var operators = map[string]func(pattern, value string) bool{
	"StringEquals": func(p, v string) bool { return p == v },
	"StringLike":   glob,
	"ArnEquals":    arnLike,
	"ArnLike":      arnLike,
	"Bool":         strings.EqualFold,
}

// negated are the operators that hold where the other one does not.
var negated = map[string]string{
	"StringNotEquals": "StringEquals", "StringNotLike": "StringLike", "ArnNotEquals": "ArnEquals", "ArnNotLike": "ArnLike",
}

func understood(operator string) bool {
	operator = strings.TrimSuffix(operator, "IfExists")
	return operator == "Null" || operators[operator] != nil || negated[operator] != ""
}

// holds judges one condition. A key that the request lacks fails a positive
// operator and satisfies a negated one.
func (c Condition) holds(ctx Context) bool {
	value, there := ctx.get(c.Key)
	operator, ifExists := strings.CutSuffix(c.Operator, "IfExists")
	switch {
	case operator == "Null":
		return slices.Contains(c.Values, map[bool]string{true: "false", false: "true"}[there])
	case !there && ifExists:
		return true
	}
	positive, negative := operators[operator], false
	if positive == nil {
		positive, negative = operators[negated[operator]], true
	}
	if !there {
		return negative
	}
	some := slices.ContainsFunc(c.Values, func(p string) bool { return positive(p, value) })
	return some != negative
}

// glob matches * and ?.
func glob(pattern, s string) bool {
	for pattern != "" {
		switch {
		case pattern[0] == '*':
			pattern = strings.TrimLeft(pattern, "*")
			if pattern == "" {
				return true
			}
			for i := range len(s) + 1 {
				if glob(pattern, s[i:]) {
					return true
				}
			}
			return false
		case s == "" || pattern[0] != '?' && pattern[0] != s[0]:
			return false
		}
		pattern, s = pattern[1:], s[1:]
	}
	return s == ""
}

// arnLike matches part by part, so that a * does not reach over a colon.
func arnLike(pattern, arn string) bool {
	p, a := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(p) != len(a) {
		return false
	}
	for i := range p {
		if !glob(p[i], a[i]) {
			return false
		}
	}
	return true
}

// covers tells whether the statement is about the action on the resource under
// these circumstances.
func (s Statement) covers(action, resource string, ctx Context) bool {
	named := slices.ContainsFunc(s.Actions, func(p string) bool { return glob(strings.ToLower(p), strings.ToLower(action)) })
	there := len(s.Resources) == 0 || slices.ContainsFunc(s.Resources, func(p string) bool { return glob(p, resource) })
	return named && there && !slices.ContainsFunc(s.Conditions, func(c Condition) bool { return !c.holds(ctx) })
}
