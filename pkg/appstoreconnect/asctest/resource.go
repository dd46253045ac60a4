package asctest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// A ref names a resource.
type ref struct{ kind, id string }

// A resource is one object of the API. It never changes once it is in a set:
// a change puts another in its place, so that answers can be encoded without
// a lock.
type resource struct {
	ref
	attrs map[string]any // JSON values: string, bool, int, []string …
	rels  map[string][]ref
	enc   []field // attrs, encoded, by name
}

type field struct {
	name  string
	value []byte
}

// newResource makes a resource. Attributes that are nil are left out.
func newResource(kind, id string, attrs map[string]any, rels map[string][]ref) *resource {
	r := &resource{ref: ref{kind, id}, attrs: attrs, rels: rels}
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		if attrs[name] == nil {
			continue
		}
		value, err := json.Marshal(attrs[name])
		if err != nil {
			panic(fmt.Sprintf("asctest: attribute %s of %s: %v", name, kind, err)) // only our own values get here
		}
		r.enc = append(r.enc, field{name, value})
	}
	return r
}

// with is the resource with some attributes and relationships changed.
func (r *resource) with(attrs map[string]any, rels map[string][]ref) *resource {
	a, b := maps.Clone(r.attrs), maps.Clone(r.rels)
	if a == nil {
		a = map[string]any{}
	}
	if b == nil {
		b = map[string][]ref{}
	}
	maps.Copy(a, attrs)
	maps.Copy(b, rels)
	return newResource(r.kind, r.id, a, b)
}

// text is an attribute that is text, empty where it is not.
func (r *resource) text(name string) string {
	s, _ := r.attrs[name].(string)
	return s
}

// strings is an attribute's value or values as text, for filters.
func (r *resource) strings(name string) []string {
	switch v := r.attrs[name].(type) {
	case nil:
		return nil
	case string:
		return []string{v}
	case []string:
		return v
	case []any: // as read from a snapshot or a request
		out := make([]string, 0, len(v))
		for _, e := range v {
			out = append(out, fmt.Sprint(e))
		}
		return out
	default:
		return []string{fmt.Sprint(v)}
	}
}

// has tells whether a relationship leads to the resource with the ID.
func (r *resource) has(rel, id string) bool {
	return slices.ContainsFunc(r.rels[rel], func(x ref) bool { return x.id == id })
}

// A set holds the resources of one type of one team in order.
type set struct {
	list []*resource
	byID map[string]*resource
}

func (t *team) all(kind string) []*resource {
	if s := t.sets[kind]; s != nil {
		return s.list
	}
	return nil
}

func (t *team) get(r ref) *resource {
	if s := t.sets[r.kind]; s != nil {
		return s.byID[r.id]
	}
	return nil
}

// put adds a resource, or replaces the one with its ID.
func (t *team) put(r *resource) {
	s := t.sets[r.kind]
	if s == nil {
		s = &set{byID: map[string]*resource{}}
		t.sets[r.kind] = s
	}
	if _, there := s.byID[r.id]; there {
		s.list = slices.Clone(s.list)
		s.list[slices.IndexFunc(s.list, func(o *resource) bool { return o.id == r.id })] = r
	} else {
		s.list = append(s.list, r)
	}
	s.byID[r.id] = r
}

// remove deletes a resource, and every mention of it.
func (t *team) remove(r ref) {
	s := t.sets[r.kind]
	if s == nil || s.byID[r.id] == nil {
		return
	}
	delete(s.byID, r.id)
	s.list = slices.DeleteFunc(slices.Clone(s.list), func(o *resource) bool { return o.id == r.id })
}

// inverse says which type points at a resource, and by which relationship,
// for the relationships that are kept at their other end.
func inverse(kind, rel string) (ref, bool) {
	switch kind {
	case "apps":
		switch rel {
		case "builds", "betaGroups", "appInfos", "appStoreVersions", "preReleaseVersions", "customerReviews",
			"analyticsReportRequests":
			return ref{rel, "app"}, true
		}
	case "preReleaseVersions":
		return ref{rel, "preReleaseVersion"}, rel == "builds"
	case "bundleIds":
		return ref{rel, "bundleId"}, rel == "profiles" || rel == "bundleIdCapabilities"
	case "analyticsReportRequests":
		return ref{"analyticsReports", "request"}, rel == "reports"
	}
	return ref{}, false
}

// related gives the resources at the other end of a relationship. A link to
// something deleted leads nowhere.
func (t *team) related(r *resource, rel string) []*resource {
	var out []*resource
	if inv, ok := inverse(r.kind, rel); ok {
		for _, o := range t.all(inv.kind) {
			if o.has(inv.id, r.id) {
				out = append(out, o)
			}
		}
		return out
	}
	if r.kind == "bundleIds" && rel == "app" {
		return t.appsOf(r.text("identifier"))
	}
	for _, to := range r.rels[rel] {
		if o := t.get(to); o != nil {
			out = append(out, o)
		}
	}
	return out
}

func (t *team) appsOf(bundleID string) []*resource {
	for _, a := range t.all("apps") {
		if a.text("bundleId") == bundleID {
			return []*resource{a}
		}
	}
	return nil
}
