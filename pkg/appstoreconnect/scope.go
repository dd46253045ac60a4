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
// cursor and sort there [APPLE], so that one entry serves all pages.
func scopeOf(u *url.URL, basePath string) string {
	entry := http.MethodGet + " " + strings.TrimPrefix(u.Path, basePath)
	query := u.Query()
	for _, ignored := range []string{"limit", "cursor", "sort"} {
		query.Del(ignored)
	}
	if len(query) == 0 {
		return entry
	}
	return entry + "?" + unescape.Replace(query.Encode())
}

// unescape writes brackets and commas as Apple's examples do.
var unescape = strings.NewReplacer("%5B", "[", "%5D", "]", "%2C", ",")
