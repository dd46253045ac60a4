package digest

import (
	"encoding/base64"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Check holds a decoded JSON value to a shape, strictly: what the shape does
// not name, what it requires and is missing, another type and a value outside
// an enumeration are all errors, null included. The error says where.
func (d *Digest) Check(s *Shape, v any) error { return d.check(s, v, "") }

func (d *Digest) check(s *Shape, v any, at string) error {
	s = d.Resolve(s)
	if s == nil {
		return fmt.Errorf("%s: no shape", at)
	}
	if len(s.OneOf) > 0 {
		return d.checkOneOf(s, v, at)
	}
	switch s.Type {
	case "object":
		return d.checkObject(s, v, at)
	case "array":
		return d.checkArray(s, v, at)
	case "string":
		return checkText(s, v, at)
	case "integer":
		if n, ok := v.(float64); !ok || n != math.Trunc(n) {
			return fmt.Errorf("%s: %T is not an integer", at, v)
		}
	case "number":
		if _, ok := v.(float64); !ok {
			return fmt.Errorf("%s: %T is not a number", at, v)
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return fmt.Errorf("%s: %T is not a boolean", at, v)
		}
	}
	return nil
}

// checkOneOf wants a shape that fits. An object's member "type" decides which
// error is told.
func (d *Digest) checkOneOf(s *Shape, v any, at string) error {
	var first error
	for _, o := range s.OneOf {
		err := d.check(o, v, at)
		if err == nil {
			return nil
		}
		if first == nil || !strings.HasPrefix(err.Error(), at+".type:") {
			first = err
		}
	}
	return first
}

func (d *Digest) checkObject(s *Shape, v any, at string) error {
	m, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: %T is not an object", at, v)
	}
	for _, name := range s.Required {
		if _, there := m[name]; !there {
			return fmt.Errorf("%s: %s is missing", at, name)
		}
	}
	// The member "type" goes first, so that checkOneOf can tell shapes apart.
	for _, name := range memberOrder(m) {
		p, known := s.Properties[name]
		if !known {
			if s.Open {
				continue
			}
			return fmt.Errorf("%s: %s is unknown", at, name)
		}
		if err := d.check(p, m[name], at+"."+name); err != nil {
			return err
		}
	}
	return nil
}

func memberOrder(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if (a == "type") != (b == "type") {
			if a == "type" {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return names
}

func (d *Digest) checkArray(s *Shape, v any, at string) error {
	list, ok := v.([]any)
	if !ok {
		return fmt.Errorf("%s: %T is not an array", at, v)
	}
	for i, e := range list {
		if err := d.check(s.Items, e, fmt.Sprintf("%s[%d]", at, i)); err != nil {
			return err
		}
	}
	return nil
}

func checkText(s *Shape, v any, at string) error {
	t, ok := v.(string)
	if !ok {
		return fmt.Errorf("%s: %T is not a string", at, v)
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, t) {
		return fmt.Errorf("%s: a value outside the enumeration", at)
	}
	var err error
	switch s.Format {
	case "date-time":
		_, err = time.Parse(time.RFC3339, t)
	case "uri", "uri-reference":
		_, err = url.Parse(t)
	case "byte":
		_, err = base64.StdEncoding.DecodeString(t)
	}
	if err != nil {
		return fmt.Errorf("%s: not a %s", at, s.Format)
	}
	return nil
}
