package operator

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

func path(id string, rest ...string) string {
	p := "/v1/integrations/" + url.PathEscape(id)
	for _, r := range rest {
		p += "/" + url.PathEscape(r)
	}
	return p
}

// Create makes an integration and invites its contacts. With an idempotency
// key, which may be empty, it may be repeated when no answer came.
func (c *Client) Create(ctx context.Context, n NewIntegration, idempotencyKey string) (out Integration, err error) {
	var headers []header
	if idempotencyKey != "" {
		headers = append(headers, header{"Idempotency-Key", idempotencyKey})
	}
	err = c.call(ctx, http.MethodPost, "/v1/integrations", n, &out, headers...)
	return out, err
}

// A Listing chooses what List returns. The zero value is the first page of
// everything.
type Listing struct {
	State, Customer, Cursor string
	Order                   string // "attention": only what needs it; "id": stable while reading all; empty: what needs attention first
	Limit                   int    // 1 to 200; 0 means 50
}

// List returns a page, without contacts.
func (c *Client) List(ctx context.Context, l Listing) (out List, err error) {
	q := url.Values{}
	for name, value := range map[string]string{"state": l.State, "customer": l.Customer, "cursor": l.Cursor, "order": l.Order} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if l.Limit > 0 {
		q.Set("limit", strconv.Itoa(l.Limit))
	}
	err = c.call(ctx, http.MethodGet, withQuery("/v1/integrations", q), nil, &out)
	return out, err
}

func withQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// Find looks integrations up. Nothing found is no error.
func (c *Client) Find(ctx context.Context, s Search) ([]Integration, error) {
	var out List
	err := c.call(ctx, http.MethodPost, "/v1/find", s, &out)
	return out.Integrations, err
}

// Get returns one integration with its contacts.
func (c *Client) Get(ctx context.Context, id string) (out Integration, err error) {
	err = c.call(ctx, http.MethodGet, path(id), nil, &out)
	return out, err
}

// Change changes what the patch gives. A version other than 0 must be the
// integration's present one.
func (c *Client) Change(ctx context.Context, id string, p Patch, version int64) (out Integration, err error) {
	var headers []header
	if version > 0 {
		headers = append(headers, header{"If-Match", etag(version)})
	}
	err = c.call(ctx, http.MethodPatch, path(id), p, &out, headers...)
	return out, err
}

// History returns a page of the history, newest first. A limit of 0 means 50.
func (c *Client) History(ctx context.Context, id, cursor string, limit int) (out History, err error) {
	err = c.call(ctx, http.MethodGet, withQuery(path(id, "history"), paged(cursor, limit)), nil, &out)
	return out, err
}

func paged(cursor string, limit int) url.Values {
	q := url.Values{}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	return q
}

// Notices returns the mails about the integration, newest first.
func (c *Client) Notices(ctx context.Context, id string) ([]Notice, error) {
	var out Notices
	err := c.call(ctx, http.MethodGet, path(id, "notices"), nil, &out)
	return out.Notices, err
}

// Notice returns one mail with its text.
func (c *Client) Notice(ctx context.Context, id, notice string) (out SentNotice, err error) {
	err = c.call(ctx, http.MethodGet, path(id, "notices", notice), nil, &out)
	return out, err
}

// Uploads returns the key files that came in, newest first.
func (c *Client) Uploads(ctx context.Context, id string) ([]Upload, error) {
	var out Uploads
	err := c.call(ctx, http.MethodGet, path(id, "uploads"), nil, &out)
	return out.Uploads, err
}

// Certificates returns the team's certificates as last listed.
func (c *Client) Certificates(ctx context.Context, id string) ([]Certificate, error) {
	var out Certificates
	err := c.call(ctx, http.MethodGet, path(id, "certificates"), nil, &out)
	return out.Certificates, err
}

// Fleet says how all integrations are together.
func (c *Client) Fleet(ctx context.Context) (out Fleet, err error) {
	err = c.call(ctx, http.MethodGet, "/v1/fleet", nil, &out)
	return out, err
}

// FleetHistory returns a page of what was done about all integrations
// together, newest first. A limit of 0 means 50.
func (c *Client) FleetHistory(ctx context.Context, cursor string, limit int) (out History, err error) {
	err = c.call(ctx, http.MethodGet, withQuery("/v1/fleet/history", paged(cursor, limit)), nil, &out)
	return out, err
}

// AccessLevels returns those on offer.
func (c *Client) AccessLevels(ctx context.Context) ([]AccessLevel, error) {
	var out AccessLevels
	err := c.call(ctx, http.MethodGet, "/v1/access-levels", nil, &out)
	return out.AccessLevels, err
}
