package appstoreconnect

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
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
	Meta struct {
		Paging struct {
			Total count `json:"total"`
		} `json:"paging"`
	} `json:"meta"`
}

// A count decodes from a JSON number; what is none says nothing, as 0 does.
type count int

// UnmarshalJSON never fails.
func (c *count) UnmarshalJSON(b []byte) error {
	var n int
	if json.Unmarshal(b, &n) == nil {
		*c = count(n)
	}
	return nil
}

// A resource is one item, with the attributes that were asked for.
type resource[T any] struct {
	ID         lenient `json:"id"`
	Attributes T       `json:"attributes"`
}

// onePage gets one page. A last page that has fewer resources than were asked
// for, and than there are, is an error: it does not show what is missing.
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
	limit, _ := strconv.Atoi(u.Query().Get("limit"))
	if u.Query().Get("cursor") == "" && doc.Links.Next == "" && distinct(doc.Data) < min(int(doc.Meta.Paging.Total), limit) {
		return document[T]{}, partial()
	}
	return doc, nil
}

func partial() error { return &APIError{Status: http.StatusOK, form: formPartial} }

// distinct counts the resources that have an ID of their own.
func distinct[T any](list []resource[T]) int {
	ids := map[lenient]bool{}
	for _, r := range list {
		ids[r.ID] = true
	}
	delete(ids, "")
	return len(ids)
}

// allPages follows links.next. A listing that cannot be read to its end is an
// error and never a part of it: what is missing would look revoked. So is one
// with fewer resources than Apple says there are, and one that repeats a
// resource: pages that shift while they are read leave others out.
func allPages[T any](ctx context.Context, s *session, first *url.URL) ([]resource[T], error) {
	var all []resource[T]
	total := 0
	seen := map[string]bool{first.String(): true}
	for u := first; ; {
		doc, err := onePage[T](ctx, s, u)
		if err != nil {
			return nil, err
		}
		all, total = append(all, doc.Data...), max(total, int(doc.Meta.Paging.Total))
		if doc.Links.Next == "" {
			break
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
	if n := distinct(all); n < len(all) || n < total {
		return nil, partial()
	}
	return all, nil
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
