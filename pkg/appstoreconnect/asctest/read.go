package asctest

// get answers a GET.
func (c *call) get(rt route, q query) (response, error) {
	if oneOf(rt.kind, []string{"salesReports", "financeReports"}) {
		return c.report(rt, q)
	}
	doc, err := c.gather(rt, q)
	if err != nil {
		return response{}, err
	}
	return response{status: 200, body: c.encode(doc, q)}, nil
}

// gather collects what the answer holds, under the lock; encoding comes later.
func (c *call) gather(rt route, q query) (document, error) {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	tm := c.server.teams[c.key.TeamID]
	if rt.id == "" {
		return c.list(tm, tm.all(rt.kind), q), nil
	}
	self := ref{rt.kind, rt.id}
	r := tm.get(self)
	switch {
	case r == nil:
		return document{}, errNotFound(self)
	case rt.rel == "":
		return c.single(tm, r, q), nil
	}
	related := tm.related(r, rt.rel)
	if c.server.many(rt) {
		doc := c.list(tm, related, q)
		doc.linkage = rt.link
		return doc, nil
	}
	if len(related) == 0 {
		return document{}, errNotFound(ref{rt.target, rt.id})
	}
	doc := c.single(tm, related[0], q)
	doc.linkage = rt.link
	return doc, nil
}

// many tells whether a related path gives a list: the document's answer has
// an array.
func (s *Server) many(rt route) bool {
	shape := s.shapes.Schemas[rt.op.Responses["200"]]
	data := s.shapes.Resolve(shape.Properties["data"])
	return data != nil && data.Type == "array"
}

func (c *call) list(tm *team, all []*resource, q query) document {
	all = order(tm.filter(all, q.filters), q.sort)
	doc := document{many: true, total: len(all), limit: q.limit}
	page := q.page(all)
	if end := q.offset + len(page); end < len(all) {
		doc.next = cursorAt(end)
	}
	doc.add(c.server, tm, page, q)
	return doc
}

func (c *call) single(tm *team, r *resource, q query) document {
	var doc document
	doc.add(c.server, tm, []*resource{r}, q)
	return doc
}

// add appends resources, with what is to be included of each.
func (d *document) add(s *Server, tm *team, list []*resource, q query) {
	d.data = make([]node, len(list))
	if len(q.include) == 0 {
		for i, r := range list {
			d.data[i].resource = r
		}
		return
	}
	seen := map[ref]bool{}
	for i, r := range list {
		d.data[i] = node{resource: r, linked: map[string]linkage{}}
		for _, rel := range q.include {
			l := linkage{all: tm.related(r, rel), limit: 10}
			if n, ok := q.limits[rel]; ok {
				l.limit = n
			}
			d.data[i].linked[rel] = l
			d.include(s, l.shown(), seen)
		}
	}
}

// include adds resources once each. What has no schema cannot be shown.
func (d *document) include(s *Server, list []*resource, seen map[ref]bool) {
	for _, r := range list {
		if _, known := s.schemas[r.kind]; known && !seen[r.ref] {
			seen[r.ref] = true
			d.included = append(d.included, node{resource: r})
		}
	}
}
