package appstoreconnect

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// validScope tells whether a scope entry has Apple's form: a method, a blank,
// a path, and perhaps a query [APPLE].
func validScope(entry string) bool {
	method, target, ok := strings.Cut(entry, " ")
	if !ok || !slices.Contains(scopeMethods, method) {
		return false
	}
	if !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") || strings.ContainsAny(target, " #\\") {
		return false
	}
	u, err := url.ParseRequestURI(target)
	return err == nil && u.Host == "" && !hasControl(target)
}

var scopeMethods = []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// scopeOf is the scope that allows one GET and no more. Apple ignores limit,
// cursor and sort there [APPLE], so that one entry serves all pages. Its
// examples write brackets and commas unescaped.
func scopeOf(u *url.URL, basePath string) string {
	entry := http.MethodGet + " " + strings.TrimPrefix(u.EscapedPath(), basePath)
	query := u.Query()
	names := make([]string, 0, len(query))
	for name := range query {
		if name != "limit" && name != "cursor" && name != "sort" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for i, name := range names {
		names[i] = name + "=" + strings.Join(query[name], ",")
	}
	if len(names) == 0 {
		return entry
	}
	return entry + "?" + strings.Join(names, "&")
}
