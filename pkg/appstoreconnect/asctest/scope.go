package asctest

import (
	"net/url"
	"slices"
	"strings"
)

// inScope tells whether a request is one of those that the token's scope
// names. A token without a scope may do everything. An entry is
// "GET /v1/apps?filter[platform]=IOS"; limit, cursor and sort do not count
// [APPLE]. paths are the request's path with and without the prefix that the
// handler is mounted under.
func (c *claims) inScope(method string, paths [2]string, query url.Values) bool {
	if c.Scope == nil {
		return true
	}
	return slices.ContainsFunc(c.Scope, func(entry string) bool {
		m, target, ok := strings.Cut(entry, " ")
		path, raw, _ := strings.Cut(target, "?")
		want, err := url.ParseQuery(raw)
		return ok && err == nil && m == method && slices.Contains(paths[:], path) && sameQuery(want, query)
	})
}

func sameQuery(a, b url.Values) bool { return slices.Equal(scoped(a), scoped(b)) }

// scoped lists the parameters that count, in an order of its own.
func scoped(q url.Values) []string {
	var out []string
	for name, values := range q {
		if name == "limit" || name == "cursor" || name == "sort" {
			continue
		}
		for _, v := range values {
			out = append(out, name+"="+v)
		}
	}
	slices.Sort(out)
	return out
}
