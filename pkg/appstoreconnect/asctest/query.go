package asctest

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"keyward/pkg/appstoreconnect/asctest/internal/digest"
)

// A query is what the parameters of a GET ask for.
type query struct {
	limit, offset int
	cursor        string                     // as given, empty on the first page
	fields        map[string]map[string]bool // by resource type; nil asks for all
	filters       map[string][]string        // by what stands in the brackets
	sort, include []string
	limits        map[string]int // by included relationship
}

// parseQuery checks the parameters against the document.
func (s *Server) parseQuery(rt route, params url.Values) (query, error) {
	q := query{limit: 20}
	if oneOf(rt.target, []string{"apps", "builds", "users", "userInvitations", "customerReviews"}) {
		q.limit = 50 // the page sizes that Apple uses by default [FIELD]
	}
	for name, values := range params {
		if name == "cursor" {
			if err := q.setCursor(values[0]); err != nil {
				return q, err
			}
			continue
		}
		p, ok := rt.op.Params[name]
		if !ok {
			return q, errIllegal(name)
		}
		if err := q.set(name, strings.Join(values, ","), p); err != nil {
			return q, err
		}
	}
	for _, name := range rt.op.Required {
		if params.Get(name) == "" {
			return q, errMissingParam(name)
		}
	}
	for _, v := range q.filters["certificateType"] {
		if oneOf(v, s.cfg.RefusedCertificateTypes) {
			return q, errInvalidFilter("filter[certificateType]", v, rt.op.Params["filter[certificateType]"].Enum, s.cfg.RefusedCertificateTypes)
		}
	}
	return q, nil
}

func (q *query) set(name, value string, p digest.Param) error {
	family, inner, _ := strings.Cut(strings.TrimSuffix(name, "]"), "[")
	if p.Type == "integer" {
		return q.setLimit(name, inner, value, p.Max)
	}
	values := strings.Split(value, ",")
	for i, v := range values {
		values[i] = strings.TrimSpace(v)
		if p.Enum != nil && !slices.Contains(p.Enum, values[i]) {
			if family == "filter" {
				return errInvalidFilter(name, v, p.Enum, nil)
			}
			return errInvalidParam(name, v)
		}
	}
	switch family {
	case "fields":
		q.setFields(inner, values)
	case "filter":
		if q.filters == nil {
			q.filters = map[string][]string{}
		}
		q.filters[inner] = values
	case "sort":
		q.sort = values
	case "include":
		q.include = values
	}
	return nil
}

func (q *query) setFields(kind string, names []string) {
	if q.fields == nil {
		q.fields = map[string]map[string]bool{}
	}
	chosen := make(map[string]bool, len(names))
	for _, n := range names {
		chosen[n] = true
	}
	q.fields[kind] = chosen
}

func (q *query) setLimit(name, inner, value string, most int) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || (most > 0 && n > most) {
		return errInvalidParam(name, value)
	}
	if inner == "" {
		q.limit = n
		return nil
	}
	if q.limits == nil {
		q.limits = map[string]int{}
	}
	q.limits[inner] = n
	return nil
}

// A cursor is opaque to clients. At Apple some are, in base64, the number of
// resources before the page [FIELD]; so are these.
func (q *query) setCursor(v string) error {
	var c struct {
		Offset int `json:"offset,string"`
	}
	b, err := base64.RawURLEncoding.DecodeString(v)
	if err != nil || json.Unmarshal(b, &c) != nil || c.Offset < 1 {
		e := errInvalidParam("cursor", v)
		e.detail = "'" + v + "' is not a valid cursor for this request" // clients look for this [FIELD]
		return e
	}
	q.offset, q.cursor = c.Offset, v
	return nil
}

func cursorAt(offset int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(`{"offset":"` + strconv.Itoa(offset) + `"}`))
}
