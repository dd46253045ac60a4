package asctest

import (
	"encoding/json"
	"net/http"
	"slices"
)

// relink changes a to-many relationship: POST adds, PATCH replaces, DELETE
// removes.
func (c *call) relink(rt route) (response, error) {
	data, err := c.readData()
	if err != nil {
		return response{}, err
	}
	var value any
	shape := c.server.shapes.Schemas[rt.op.Request].Properties["data"]
	if json.Unmarshal(data, &value) != nil || c.server.shapes.Check(shape, value) != nil {
		return response{}, errUnprocessable("data")
	}
	if err := c.setRelation(rt, refs(value)); err != nil {
		return response{}, err
	}
	c.server.changed()
	return response{status: http.StatusNoContent}, nil
}

func (c *call) setRelation(rt route, given []ref) error {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	tm := c.server.teams[c.key.TeamID]
	r := tm.get(ref{rt.kind, rt.id})
	if r == nil {
		return errNotFound(ref{rt.kind, rt.id})
	}
	e := entity{rels: map[string][]ref{rt.rel: given}}
	if err := e.exist(tm); err != nil {
		return err
	}
	tm.put(r.with(nil, map[string][]ref{rt.rel: changed(c.r.Method, r.rels[rt.rel], given)}))
	return nil
}

func changed(method string, have, given []ref) []ref {
	if method == http.MethodPatch {
		return given
	}
	rest := slices.DeleteFunc(slices.Clone(have), func(r ref) bool { return slices.Contains(given, r) })
	if method == http.MethodDelete {
		return rest
	}
	return append(rest, given...)
}
