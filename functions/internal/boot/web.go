package boot

import (
	"crypto/subtle"
	"net/http"

	"github.com/aws/aws-lambda-go/lambdaurl"

	"keyward/pkg/pages"
)

// The headers by which CloudFront is known; infra/domain.yaml sets them.
const (
	headerOrigin = "X-Keyward-Origin" // the secret
	headerViewer = "X-Keyward-Viewer" // who sent the request to CloudFront
)

// BehindCloudFront lets only requests pass that carry the secret, where there
// is one: with a domain, nobody uses the function's own nameless URL.
func (p *Parts) BehindCloudFront(next http.Handler) http.Handler {
	if p.Env.OriginSecret == "" {
		return next
	}
	https := func(*http.Request) bool { return true }
	closed := pages.Headers(https)(http.NotFoundHandler())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !p.fromCloudFront(r) {
			closed.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// fromCloudFront reports whether the request carries the secret, or the one
// before it: while they are exchanged, parts of CloudFront still send that.
func (p *Parts) fromCloudFront(r *http.Request) bool {
	sent := []byte(r.Header.Get(headerOrigin))
	for _, secret := range []string{p.Env.OriginSecret, p.Env.OriginSecretBefore} {
		if secret != "" && subtle.ConstantTimeCompare(sent, []byte(secret)) == 1 {
			return true
		}
	}
	return false
}

// ViewerAddress is who sent the request: what CloudFront says, if it is
// CloudFront, else who Lambda says.
func (p *Parts) ViewerAddress(r *http.Request) string {
	if v := r.Header.Get(headerViewer); v != "" && p.fromCloudFront(r) {
		return v
	}
	return r.RemoteAddr // lambdaurl gives no port
}

// RequestOrigin is the origin of a request by the function's own URL. Lambda
// sets X-Forwarded-Proto itself; it is https always, but for stand-ins.
func RequestOrigin(r *http.Request) string {
	host := r.Host
	if e, ok := lambdaurl.RequestFromContext(r.Context()); ok && e.RequestContext.DomainName != "" {
		host = e.RequestContext.DomainName
	}
	if r.Header.Get("X-Forwarded-Proto") == "http" {
		return "http://" + host
	}
	return "https://" + host
}
