package main

import (
	"fmt"
	"strings"

	"keyward/pkg/appstoreconnect/asctest/internal/digest"
)

// document is the part of an OpenAPI 3 document that the digest is made of.
type document struct {
	Info struct {
		Title   string
		Version string
	}
	Paths      map[string]pathItem
	Components struct{ Schemas map[string]*schema }
}

// pathItem has the operations of a path; its shared parameters are path
// parameters only, which the digest does not need.
type pathItem struct{ Get, Post, Patch, Delete *operation }

func (p pathItem) method(name string) *operation {
	return map[string]*operation{"GET": p.Get, "POST": p.Post, "PATCH": p.Patch, "DELETE": p.Delete}[name]
}

type operation struct {
	Parameters []struct {
		Name     string
		In       string
		Required bool
		Schema   *schema
	}
	RequestBody *struct{ Content map[string]media }
	Responses   map[string]struct{ Content map[string]media }
}

type media struct{ Schema *schema }

type schema struct {
	Ref                  string `json:"$ref"`
	Type                 string
	Format               string
	Enum                 []string
	Properties           map[string]*schema
	Required             []string
	Items                *schema
	OneOf                []*schema
	Maximum              int
	AdditionalProperties any
}

// condenser walks from the served operations to every schema that they reach.
type condenser struct {
	doc *document
	out *digest.Digest
}

func condense(doc *document) (*digest.Digest, error) {
	c := &condenser{doc: doc, out: &digest.Digest{
		Spec:       doc.Info.Title + " " + doc.Info.Version,
		Operations: map[string]digest.Operation{},
		Schemas:    map[string]*digest.Shape{},
	}}
	for _, name := range served() {
		if err := c.operation(name); err != nil {
			return nil, err
		}
	}
	return c.out, nil
}

func (c *condenser) operation(name string) error {
	method, path, _ := strings.Cut(name, " ")
	op := c.doc.Paths[path].method(method)
	if op == nil {
		return fmt.Errorf("the document has no %s", name)
	}
	out := digest.Operation{Params: map[string]digest.Param{}, Responses: map[string]string{}}
	for _, p := range op.Parameters {
		if p.In == "query" {
			out.Params[p.Name] = param(p.Schema, p.Required)
		}
	}
	if op.RequestBody != nil {
		out.Request = c.named(op.RequestBody.Content)
	}
	for status, r := range op.Responses {
		out.Responses[status] = c.named(r.Content)
	}
	c.out.Operations[name] = out
	return nil
}

func param(s *schema, required bool) digest.Param {
	p := digest.Param{Type: s.Type, Enum: s.Enum, Max: s.Maximum, Required: required}
	if s.Items != nil {
		p.Enum = s.Items.Enum
	}
	return p
}

// named keeps the schema of a body and gives its name.
func (c *condenser) named(content map[string]media) string {
	for _, m := range content {
		if m.Schema != nil && m.Schema.Ref != "" {
			return c.keep(m.Schema.Ref)
		}
	}
	return ""
}

// keep adds the schema behind a reference, and all that it reaches.
func (c *condenser) keep(ref string) string {
	name := ref[strings.LastIndexByte(ref, '/')+1:]
	if _, done := c.out.Schemas[name]; !done {
		c.out.Schemas[name] = &digest.Shape{} // a mark, for schemas that reach themselves
		c.out.Schemas[name] = c.shape(c.doc.Components.Schemas[name])
	}
	return name
}

func (c *condenser) shape(s *schema) *digest.Shape {
	if s == nil {
		return nil
	}
	if s.Ref != "" {
		return &digest.Shape{Ref: c.keep(s.Ref)}
	}
	out := &digest.Shape{
		Type: s.Type, Format: s.Format, Enum: s.Enum, Required: s.Required,
		Items: c.shape(s.Items), Open: s.AdditionalProperties != nil && s.AdditionalProperties != false,
	}
	for name, p := range s.Properties {
		if out.Properties == nil {
			out.Properties = map[string]*digest.Shape{}
		}
		out.Properties[name] = c.shape(p)
	}
	for _, o := range s.OneOf {
		if c.wanted(o) {
			out.OneOf = append(out.OneOf, c.shape(o))
		}
	}
	return out
}

// wanted tells whether an alternative can occur: of the resources that an
// answer may include, the digest keeps the types that the simulator has.
func (c *condenser) wanted(o *schema) bool {
	target := o
	if o.Ref != "" {
		target = c.doc.Components.Schemas[o.Ref[strings.LastIndexByte(o.Ref, '/')+1:]]
	}
	kind := target.Properties["type"]
	if kind == nil || len(kind.Enum) != 1 {
		return true
	}
	return servedTypes()[kind.Enum[0]]
}
