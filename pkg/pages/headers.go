package pages

import (
	"net/http"
	"net/url"
	"strings"
)

// Headers sets the security headers of every answer, errors and assets
// included. Handlers may overwrite Cache-Control, and widen the policy with
// AllowFormTo. The func tells whether the request came by HTTPS, and so
// whether the browser is told to stay there; nil means never.
func Headers(https func(*http.Request) bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", policy(""))
			h.Set("Cache-Control", "no-store")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("X-Frame-Options", "DENY")
			h.Set("X-Robots-Tag", "noindex, nofollow, noarchive")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
			if https != nil && https(r) {
				h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
			}
			next.ServeHTTP(w, r)
		})
	}
}

// AllowFormTo lets this one answer's forms, and its script, post to the origin
// of the URL as well. Chromium applies form-action to redirects too, so 'self' stays: the
// bucket redirects back to us. A URL without an http origin changes nothing.
func AllowFormTo(w http.ResponseWriter, target string) {
	if o := Origin(target); o != "" {
		w.Header().Set("Content-Security-Policy", policy(" "+o))
	}
}

// Origin is the scheme and host of an http or https URL, in the form in which
// browsers send it, or "".
func Origin(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.ContainsAny(u.Host, " ;,'\"") {
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host)
}

func policy(formTargets string) string {
	return strings.Join([]string{
		"default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "connect-src 'self'" + formTargets,
		"form-action 'self'" + formTargets, "frame-ancestors 'none'", "base-uri 'none'",
	}, "; ")
}
