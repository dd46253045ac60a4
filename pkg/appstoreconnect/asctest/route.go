package asctest

import (
	"net/http"
	"strings"

	"keyward/pkg/appstoreconnect/asctest/internal/digest"
)

// A route is what a path and a method lead to.
type route struct {
	op     digest.Operation
	kind   string // resource type that the path begins with
	id     string // empty for a collection
	rel    string // relationship, empty for the resource itself
	link   bool   // the relationship itself, not what it leads to
	target string // resource type that the answer is about
}

func (c *call) route() (route, error) {
	rt, template, ok := parsePath(c.path)
	if !ok {
		return rt, errPath()
	}
	ops := c.server.shapes.Operations
	if rt.op, ok = ops[c.r.Method+" "+template]; ok {
		rt.target = c.server.target(rt)
		return rt, nil
	}
	return rt, refuseMethod(ops, c.r.Method, template, rt)
}

// parsePath takes a path apart. The template is the path as the document
// writes it.
func parsePath(path string) (rt route, template string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/v1/")
	if !ok {
		return rt, "", false
	}
	parts := strings.Split(rest, "/")
	for _, p := range parts {
		if p == "" {
			return rt, "", false
		}
	}
	rt.kind = parts[0]
	switch {
	case len(parts) == 1:
		return rt, "/v1/" + rt.kind, true
	case len(parts) == 2:
		rt.id = parts[1]
		return rt, "/v1/" + rt.kind + "/{id}", true
	case len(parts) == 3:
		rt.id, rt.rel = parts[1], parts[2]
		return rt, "/v1/" + rt.kind + "/{id}/" + rt.rel, true
	case len(parts) == 4 && parts[2] == "relationships":
		rt.id, rt.rel, rt.link = parts[1], parts[3], true
		return rt, "/v1/" + rt.kind + "/{id}/relationships/" + rt.rel, true
	}
	return rt, "", false
}

// target is the type at the end of the path.
func (s *Server) target(rt route) string {
	if rt.rel == "" {
		return rt.kind
	}
	if inv, ok := inverse(rt.kind, rt.rel); ok {
		return inv.kind
	}
	if r, ok := s.schemas[rt.kind].relation(rt.rel); ok && r.kind != "" {
		return r.kind
	}
	return rt.rel
}

// operationNames are the names that Apple's error texts have for methods.
func operationNames() []struct{ method, collection, instance string } {
	return []struct{ method, collection, instance string }{
		{http.MethodPost, "CREATE", "CREATE"},
		{http.MethodGet, "GET_COLLECTION", "GET_INSTANCE"},
		{http.MethodPatch, "UPDATE", "UPDATE"},
		{http.MethodDelete, "DELETE", "DELETE"},
	}
}

// refuseMethod distinguishes an unknown path from a known one that does not
// have the method. An operation that the type does not have at all is answered
// 403, with the list of those that it has [FIELD: POST /v1/apps, GET
// /v1/appStoreVersions]. One that it has, asked for at another of its paths,
// is answered 405 [FIELD: PATCH /v1/bundleIdCapabilities], as is a method that
// a related path does not have [GUESS].
func refuseMethod(ops map[string]digest.Operation, method, template string, rt route) error {
	collection := "/v1/" + rt.kind
	var allowed []string
	known, name := false, ""
	for _, o := range operationNames() {
		_, here := ops[o.method+" "+template]
		known = known || here
		if o.method == method {
			name = o.instance
			if template == collection {
				name = o.collection
			}
		}
		for _, at := range [][2]string{{collection, o.collection}, {collection + "/{id}", o.instance}} {
			if _, ok := ops[o.method+" "+at[0]]; ok {
				allowed = append(allowed, at[1])
			}
		}
	}
	switch {
	case len(allowed) == 0, rt.rel != "" && !known:
		return errPath()
	case name == "", rt.rel != "", oneOf(name, allowed):
		return errMethod()
	}
	return errOperation(rt.kind, name, strings.Join(allowed, ", "))
}

// serve answers a request that nothing stands in the way of.
func (c *call) serve(rt route, q query) (response, error) {
	switch c.r.Method {
	case http.MethodGet:
		return c.get(rt, q)
	case http.MethodPost:
		return c.post(rt)
	case http.MethodPatch:
		return c.patch(rt)
	default:
		return c.delete(rt)
	}
}
