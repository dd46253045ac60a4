package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ErrUnreachable says that the service gave no answer, or none that could be
// understood. Whether it did what was asked is not known.
var ErrUnreachable = errors.New("keyward does not answer")

const (
	clientTimeout = 30 * time.Second // where the context has no deadline
	maxAnswer     = 8 << 20          // 200 integrations with 50 apps each are below 2 MiB
)

// ClientConfig configures a Client.
type ClientConfig struct {
	// BaseURL must be given: what comes before /v1.
	BaseURL string
	// Transport may replace http.DefaultTransport.
	Transport http.RoundTripper
	// Authorize may sign each request, such as with SigV4 or a bearer token.
	// It may read the body through GetBody.
	Authorize func(*http.Request) error
	// UserAgent may replace "keyward".
	UserAgent string
}

// A Client speaks to a Service. Its errors are a *Problem that the service
// answered, or wrap ErrUnreachable. It is safe for concurrent use.
type Client struct {
	base      string
	http      http.Client
	authorize func(*http.Request) error
	userAgent string
}

// NewClient makes a client; it does not connect. It never follows redirects:
// they would carry the authorisation elsewhere.
func NewClient(cfg ClientConfig) (*Client, error) {
	u, err := url.Parse(cfg.BaseURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("the service's URL must read like https://operator.example.com")
	}
	c := &Client{base: strings.TrimRight(cfg.BaseURL, "/"), authorize: cfg.Authorize, userAgent: cfg.UserAgent}
	c.http.Transport = cfg.Transport
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if c.userAgent == "" {
		c.userAgent = "keyward"
	}
	return c, nil
}

// Bearer authorises requests with a token, as the local host wants it.
func Bearer(token string) func(*http.Request) error {
	return func(r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
}

// A header is one that a call adds.
type header struct{ name, value string }

// call sends in, if it is not nil, and decodes the answer into out.
func (c *Client) call(ctx context.Context, method, path string, in, out any, headers ...header) error {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, clientTimeout)
		defer cancel()
	}
	req, err := c.request(ctx, method, path, in, headers)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(body) > maxAnswer {
		return fmt.Errorf("%w: the answer broke off", ErrUnreachable)
	}
	return understand(resp, body, out)
}

func (c *Client) request(ctx context.Context, method, path string, in any, headers []header) (*http.Request, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("writing a request: %w", err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json, application/problem+json")
	req.Header.Set("User-Agent", c.userAgent)
	for _, h := range headers {
		req.Header.Set(h.name, h.value)
	}
	if c.authorize == nil {
		return req, nil
	}
	if err := c.authorize(req); err != nil {
		return nil, fmt.Errorf("authorising a request: %w", err)
	}
	return req, nil
}

// understand tells an answer from a problem. What is neither came from
// something else than the service: a proxy, or a wrong URL.
func understand(resp *http.Response, body []byte, out any) error {
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		if err := json.Unmarshal(body, out); err != nil {
			return fmt.Errorf("%w: the answer is not the expected JSON; is the URL right?", ErrUnreachable)
		}
		return nil
	}
	var p Problem
	if json.Unmarshal(body, &p) == nil && p.Code != "" {
		return &p
	}
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return problem(resp.StatusCode, CodeUnauthenticated, "The service does not know you. Check the credentials that you use.")
	}
	return fmt.Errorf("%w: status %d, and not in its form; is the URL right?", ErrUnreachable, resp.StatusCode)
}
