package pages

import "net/http"

// SameOrigin tells whether a request that changes something came from a page
// of ours. own is our origin, such as "https://keys.example.com".
//
// Sec-Fetch-Site decides where there is one: all browsers since 2023 send it,
// and pages cannot. "none" is a person's own doing, such as reloading a POST.
// Older browsers send Origin with every POST; it must be ours. "null" is not
// ours: that is what a sandboxed frame sends. (Our own pages say no-referrer,
// which makes browsers send "null" too, but those that lack Sec-Fetch-Site
// are older than that rule.) With neither header it is no browser, so nobody
// is lured into anything: such requests pass, as in net/http's
// CrossOriginProtection.
func SameOrigin(r *http.Request, own string) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
		origin := r.Header.Get("Origin")
		return origin == "" || (own != "" && origin == own)
	}
	return false
}
