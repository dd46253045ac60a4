package appstoreconnect

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// maxPages bounds a listing: 200 to a page, 10,000 in all.
const maxPages = 50

// A document is a JSON:API answer with a list of resources.
type document[T any] struct {
	Data  []resource[T] `json:"data"`
	Links struct {
		Next lenient `json:"next"`
	} `json:"links"`
}

// A resource is one item, with the attributes that were asked for.
type resource[T any] struct {
	ID         lenient `json:"id"`
	Attributes T       `json:"attributes"`
}

// onePage gets one page.
func onePage[T any](ctx context.Context, s *session, u *url.URL) (document[T], error) {
	var doc document[T]
	body, err := s.get(ctx, u)
	if err != nil {
		return doc, err
	}
	// A list that is missing decodes like one that is empty; but it means an
	// answer of the wrong shape, where an empty one means no apps.
	if err := json.Unmarshal(body, &doc); err != nil || doc.Data == nil {
		return document[T]{}, &APIError{Status: http.StatusOK, form: formGarbled}
	}
	return doc, nil
}

// allPages follows links.next. A listing that cannot be read to its end is an
// error and never a part of it: what is missing would look revoked.
func allPages[T any](ctx context.Context, s *session, first *url.URL) ([]resource[T], error) {
	var all []resource[T]
	seen := map[string]bool{first.String(): true}
	for u := first; ; {
		doc, err := onePage[T](ctx, s, u)
		if err != nil {
			return nil, err
		}
		all = append(all, doc.Data...)
		if doc.Links.Next == "" {
			return all, nil
		}
		next, err := nextPage(first, string(doc.Links.Next))
		if err != nil {
			return nil, err
		}
		if seen[next.String()] || len(seen) == maxPages {
			return nil, &APIError{Status: http.StatusOK, form: formEndless}
		}
		seen[next.String()] = true
		u = next
	}
}

// nextPage reads links.next, which may be relative [SPEC: uri-reference]. The
// request carries a token, so it goes to the same scheme, host and path as the
// first page, or not at all.
func nextPage(first *url.URL, link string) (*url.URL, error) {
	next, err := first.Parse(link)
	if err != nil || next.Scheme != first.Scheme || !strings.EqualFold(next.Host, first.Host) ||
		next.EscapedPath() != first.EscapedPath() || next.User != nil {
		return nil, &APIError{Status: http.StatusOK, form: formForeign}
	}
	next.Host, next.Fragment, next.RawFragment = first.Host, "", ""
	return next, nil
}
