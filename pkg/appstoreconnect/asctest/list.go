package asctest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// filter gives the resources that pass every filter.
func (t *team) filter(list []*resource, filters map[string][]string) []*resource {
	if len(filters) == 0 {
		return list
	}
	var out []*resource
	for _, r := range list {
		if t.passes(r, filters) {
			out = append(out, r)
		}
	}
	return out
}

func (t *team) passes(r *resource, filters map[string][]string) bool {
	for name, values := range filters {
		if !t.passesOne(r, name, values) {
			return false
		}
	}
	return true
}

// passesOne judges one filter: by ID, by an attribute, by the ID of a related
// resource, or by an attribute of one ("preReleaseVersion.version"). A filter
// on what the simulator does not keep lets everything pass.
func (t *team) passesOne(r *resource, name string, values []string) bool {
	if name == "id" {
		return slices.Contains(values, r.id)
	}
	if _, ok := r.attrs[name]; ok {
		return anyMatch(r.strings(name), values, matcher(r.kind, name))
	}
	rel, attr, _ := strings.Cut(name, ".")
	if _, ok := r.rels[rel]; !ok {
		return true
	}
	return slices.ContainsFunc(t.related(r, rel), func(o *resource) bool {
		if attr == "" {
			return slices.Contains(values, o.id)
		}
		return anyMatch(o.strings(attr), values, strings.EqualFold)
	})
}

// matcher is how an attribute is compared: a bundle ID's identifier and name
// match in part, so that clients must look again; the case of a serial number
// does not matter [FIELD].
func matcher(kind, name string) func(have, want string) bool {
	if kind == "bundleIds" && (name == "identifier" || name == "name") {
		return func(have, want string) bool { return strings.Contains(lower(have), lower(want)) }
	}
	if name == "serialNumber" {
		return strings.EqualFold
	}
	return func(have, want string) bool { return have == want }
}

func anyMatch(have, want []string, match func(have, want string) bool) bool {
	for _, h := range have {
		for _, w := range want {
			if match(h, w) {
				return true
			}
		}
	}
	return false
}

// order sorts a list by sort expressions such as "-uploadedDate". Without one
// the order in which things were made stays.
func order(list []*resource, by []string) []*resource {
	if len(by) == 0 {
		return list
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *resource) int {
		for _, expr := range by {
			name, down := strings.CutPrefix(expr, "-")
			c := compareValues(a.value(name), b.value(name))
			if down {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return list
}

func (r *resource) value(name string) string {
	if name == "id" {
		return r.id
	}
	return strings.Join(r.strings(name), ",")
}

// compareValues compares whole numbers by value and all else as text.
func compareValues(a, b string) int {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}

// page cuts a page out of a list.
func (q *query) page(list []*resource) []*resource {
	start := min(q.offset, len(list))
	return list[start:min(start+q.limit, len(list))]
}
