package asctest

import (
	"bytes"
	"encoding/json"
	"maps"
	"strconv"
)

// A document is the answer to a GET before it is encoded (JSON:API 1.0).
type document struct {
	many     bool
	linkage  bool // only types and IDs
	data     []node
	included []node
	total    int
	limit    int
	next     string // cursor of the next page, empty on the last
}

// A node is a resource with what its included relationships lead to.
type node struct {
	*resource
	linked map[string]linkage
}

type linkage struct {
	all   []*resource
	limit int
}

func (l linkage) shown() []*resource { return l.all[:min(l.limit, len(l.all))] }

// An encoder writes JSON by hand: attributes are encoded when they are made,
// and the rest of an answer is little more than joining them.
type encoder struct {
	bytes.Buffer
	prefix  string
	schemas map[string]schema
	q       query
}

func (c *call) encode(d document, q query) []byte {
	e := &encoder{prefix: c.prefix, schemas: c.server.schemas, q: q}
	e.Grow(512 * (1 + len(d.data)))
	e.WriteString(`{"data":`)
	if d.many {
		e.nodes(d.data, d.linkage)
	} else {
		e.node(d.data[0], d.linkage)
	}
	if len(d.included) > 0 {
		e.WriteString(`,"included":`)
		e.nodes(d.included, false)
	}
	e.WriteString(`,"links":{"self":`)
	e.text(c.self(c.r.URL.RawQuery))
	if d.many && d.next != "" {
		e.WriteString(`,"next":`)
		e.text(c.self(c.at(d.next)))
	}
	if d.many && q.cursor != "" {
		e.WriteString(`,"first":`)
		e.text(c.self(c.at("")))
	}
	e.WriteByte('}')
	if d.many {
		e.WriteString(`,"meta":`)
		e.paging(d.total, d.limit, d.next)
	}
	e.WriteByte('}')
	return e.Bytes()
}

// self is the address of this request with a query.
func (c *call) self(query string) string {
	if query == "" {
		return c.prefix + c.path
	}
	return c.prefix + c.path + "?" + query
}

// at is the request's query with another cursor; without one where it is
// empty.
func (c *call) at(cursor string) string {
	q := maps.Clone(c.query)
	q.Del("cursor")
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	return q.Encode()
}

func (e *encoder) nodes(list []node, linkage bool) {
	e.WriteByte('[')
	for i, n := range list {
		e.comma(i)
		e.node(n, linkage)
	}
	e.WriteByte(']')
}

func (e *encoder) node(n node, linkage bool) {
	e.WriteString(`{"type":"` + n.kind + `","id":`)
	e.text(n.id)
	if !linkage {
		e.attributes(n)
		e.relationships(n)
		e.WriteString(`,"links":{"self":`)
		e.text(e.prefix + "/v1/" + n.kind + "/" + n.id)
		e.WriteByte('}')
	}
	e.WriteByte('}')
}

// attributes writes every attribute that the type has: what is not set is
// null, as at Apple, where the document would have it left out. Clients rely on
// it [FIELD].
func (e *encoder) attributes(n node) {
	written, values := 0, n.enc
	chosen, some := e.q.fields[n.kind]
	for _, name := range e.schemas[n.kind].attributes {
		for len(values) > 0 && values[0].name < name {
			values = values[1:] // not an attribute of the document
		}
		if some && !chosen[name] {
			continue
		}
		if written == 0 {
			e.WriteString(`,"attributes":{`)
		}
		e.comma(written)
		written++
		e.WriteString(`"` + name + `":`)
		if len(values) > 0 && values[0].name == name {
			e.Write(values[0].value)
		} else {
			e.WriteString("null")
		}
	}
	if written > 0 {
		e.WriteByte('}')
	}
}

func (e *encoder) relationships(n node) {
	written := 0
	chosen, some := e.q.fields[n.kind]
	for _, r := range e.schemas[n.kind].relations {
		if some && !chosen[r.name] {
			continue
		}
		l, linked := n.linked[r.name]
		hasLinkage := r.data && linked && (r.many || len(l.all) > 0)
		if !r.links && !hasLinkage {
			continue
		}
		if written == 0 {
			e.WriteString(`,"relationships":{`)
		}
		e.comma(written)
		written++
		e.WriteString(`"` + r.name + `":{`)
		if hasLinkage {
			e.linkage(r, l)
		}
		if r.links {
			e.comma(b2i(hasLinkage))
			base := e.prefix + "/v1/" + n.kind + "/" + n.id
			e.WriteString(`"links":{"self":`)
			e.text(base + "/relationships/" + r.name)
			e.WriteString(`,"related":`)
			e.text(base + "/" + r.name)
			e.WriteByte('}')
		}
		e.WriteByte('}')
	}
	if written > 0 {
		e.WriteByte('}')
	}
}

func (e *encoder) linkage(r relation, l linkage) {
	e.WriteString(`"data":`)
	if !r.many {
		e.node(node{resource: l.all[0]}, true)
		return
	}
	e.WriteByte('[')
	for i, o := range l.shown() {
		e.comma(i)
		e.node(node{resource: o}, true)
	}
	e.WriteByte(']')
	if r.paged {
		e.WriteString(`,"meta":`)
		e.paging(len(l.all), l.limit, "")
	}
}

func (e *encoder) paging(total, limit int, next string) {
	e.WriteString(`{"paging":{"total":` + strconv.Itoa(total) + `,"limit":` + strconv.Itoa(limit))
	if next != "" {
		e.WriteString(`,"nextCursor":"` + next + `"`)
	}
	e.WriteString(`}}`)
}

func (e *encoder) comma(i int) {
	if i > 0 {
		e.WriteByte(',')
	}
}

// text writes a string, without the detour through reflection where nothing
// needs escaping.
func (e *encoder) text(s string) {
	for i := 0; i < len(s); i++ {
		if b := s[i]; b < ' ' || b > '~' || b == '"' || b == '\\' {
			quoted, _ := json.Marshal(s) // a string always encodes
			e.Write(quoted)
			return
		}
	}
	e.WriteByte('"')
	e.WriteString(s)
	e.WriteByte('"')
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
