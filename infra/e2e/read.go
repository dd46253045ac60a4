package e2e

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// object, list, str and number read the properties of resources; what is not
// of the kind is empty.
func object(v any) map[string]any { m, _ := v.(map[string]any); return m }
func list(v any) []any            { l, _ := v.([]any); return l }
func str(v any) string            { s, _ := v.(string); return s }

func number(v any, otherwise int) int {
	switch n := v.(type) {
	case float64:
		return int(n)
	case string: // a parameter
		if i, err := strconv.Atoi(n); err == nil {
			return i
		}
	}
	return otherwise
}

func seconds(v any, otherwise int) time.Duration {
	return time.Duration(number(v, otherwise)) * time.Second
}

// name is the end of an ARN or a URL.
func name(s string) string { return s[strings.LastIndexAny(s, "/:")+1:] }

// known refuses properties that the harness would otherwise overlook: they
// might change what happens.
func known(properties map[string]any, names ...string) error {
	for p := range properties {
		if !slices.Contains(names, p) {
			return fmt.Errorf("property %s is not understood", p)
		}
	}
	return nil
}
