package appstoreconnect

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"keyward/pkg/integration"
)

const (
	// DefaultBaseURL is the App Store Connect API [SPEC].
	DefaultBaseURL = "https://api.appstoreconnect.apple.com"
	// DefaultEnterpriseURL serves keys of the Apple Developer Enterprise
	// Program [FIELD].
	DefaultEnterpriseURL = "https://api.enterprise.developer.apple.com"

	// DefaultTimeout bounds every call of this package whose context has no
	// deadline of its own.
	DefaultTimeout = 30 * time.Second
)

// A Scoping says how much a token that the client mints for itself can do.
// It has nothing to do with the tokens that Mint makes for others.
type Scoping string

const (
	Unscoped  Scoping = ""        // one token for all requests of a key
	PerTarget Scoping = "request" // a token for each request, good for that alone
)

// Config configures a Client. The zero value speaks to Apple.
type Config struct {
	// BaseURL may name another server than DefaultBaseURL, such as a
	// simulator: scheme, host and perhaps a path in front of "/v1".
	BaseURL string
	// EnterpriseURL may name another server than DefaultEnterpriseURL. Where
	// BaseURL names a server of its own and EnterpriseURL none, there is no
	// Enterprise Program: nothing but BaseURL is ever called.
	EnterpriseURL string
	// HTTPClient may lend its Transport, and nothing else: redirects are
	// never followed, cookies are not kept and the context alone is the
	// time-out. Default: a transport for one busy host, TLS 1.2 or newer.
	HTTPClient *http.Client
	// Now may replace the clock of tokens. Default: time.Now.
	Now func() time.Time
	// Random may replace the source of jitter. Default: crypto/rand.Reader.
	Random io.Reader
	// Scoping may narrow the client's own tokens. Default: Unscoped.
	Scoping Scoping
	// UserAgent may replace "Keyward".
	UserAgent string
}

// A Client speaks to App Store Connect. It is safe for concurrent use; share
// one, so that connections and tokens are used again.
type Client struct {
	hosts     map[integration.Program]base
	transport http.RoundTripper
	now       func() time.Time
	random    io.Reader
	scoping   Scoping
	userAgent string
	tokens    *tokenCache
}

// New makes a client. It does not connect. An unusable URL shows in the first
// call, as an error that wraps integration.ErrInvalid; CheckURL tells earlier.
func New(cfg Config) *Client {
	hosts := map[integration.Program]base{integration.Standard: parseBase(cfg.BaseURL, DefaultBaseURL)}
	if cfg.BaseURL == "" || cfg.EnterpriseURL != "" {
		hosts[integration.Enterprise] = parseBase(cfg.EnterpriseURL, DefaultEnterpriseURL)
	}
	c := &Client{
		hosts: hosts,
		now:   cfg.Now, random: cfg.Random, scoping: cfg.Scoping, userAgent: cfg.UserAgent,
		tokens: newTokenCache(tokenCacheSize),
	}
	if cfg.HTTPClient != nil {
		c.transport = cfg.HTTPClient.Transport
	}
	c.fillIn()
	return c
}

func (c *Client) fillIn() {
	if c.transport == nil {
		c.transport = NewTransport(nil)
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.random == nil {
		c.random = rand.Reader
	}
	if c.userAgent == "" {
		c.userAgent = "Keyward"
	}
}

// A base is what every URL of a program begins with, or why there is none.
type base struct {
	url url.URL
	err error
}

func parseBase(configured, otherwise string) base {
	if configured == "" {
		configured = otherwise
	}
	configured = strings.TrimRight(configured, "/")
	if err := CheckURL(configured); err != nil {
		return base{err: err}
	}
	u, err := url.Parse(configured)
	if err != nil {
		return base{err: fmt.Errorf("%w: not a URL", integration.ErrInvalid)}
	}
	return base{url: *u}
}

// NewTransport makes the transport that a Client uses by default: HTTP/2 where
// the server has it, many idle connections to the one host that there is, no
// time-outs of its own. TLS may add certificate authorities or client
// certificates, such as a simulator's; nil is Apple's case.
func NewTransport(conf *tls.Config) *http.Transport {
	if conf == nil {
		conf = &tls.Config{}
	}
	conf = conf.Clone()
	conf.MinVersion = max(conf.MinVersion, tls.VersionTLS12)
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSClientConfig:     conf,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        256,
		MaxIdleConnsPerHost: 128,
		IdleConnTimeout:     90 * time.Second,
	}
}

// CheckURL tells whether a base URL can be used: absolute, http or https,
// without user, query and fragment. Its error wraps integration.ErrInvalid and
// does not repeat the URL, which may contain a password.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return fmt.Errorf("%w: not a URL", integration.ErrInvalid)
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "":
		return fmt.Errorf("%w: want a URL that begins with https:// and a host", integration.ErrInvalid)
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return fmt.Errorf("%w: want a URL without user, query and fragment", integration.ErrInvalid)
	}
	return nil
}

// target is the URL of a path at the program's host. The path has nothing that
// needs escaping; query is encoded.
func (c *Client) target(p integration.Program, path, query string) (*url.URL, error) {
	at, ok := c.hosts[p]
	switch {
	case !ok:
		return nil, fmt.Errorf("%w: no server is configured for the program", integration.ErrInvalid)
	case at.err != nil:
		return nil, at.err
	}
	u := at.url
	u.Path, u.RawPath, u.RawQuery = u.Path+path, "", query
	return &u, nil
}

// bound gives a context without a deadline the default one.
func bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, DefaultTimeout)
}
