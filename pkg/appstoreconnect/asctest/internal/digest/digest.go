// Package digest holds the shapes of App Store Connect that the simulator
// serves: which query parameters an operation takes, what a request body must
// hold and what an answer looks like. They are condensed from Apple's OpenAPI
// document by internal/specdigest, so that the repository builds and tests
// without that document.
package digest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
)

//go:embed openapi-digest.json
var embedded []byte

// A Digest is what the simulator needs to know of the OpenAPI document.
type Digest struct {
	Spec       string               `json:"spec"` // title and version of the document
	Operations map[string]Operation `json:"operations"`
	Schemas    map[string]*Shape    `json:"schemas"`
}

// An Operation is one method on one path; its name is "GET /v1/apps/{id}".
type Operation struct {
	Params    map[string]Param  `json:"params,omitempty"`
	Request   string            `json:"request,omitempty"` // name of the body's schema
	Responses map[string]string `json:"responses"`         // status → name of the schema, empty where there is no body

	// Required names the parameters that must be there, in order. It follows
	// from Params.
	Required []string `json:"-"`
}

// A Param is a query parameter.
type Param struct {
	Type     string   `json:"type"` // array (comma-separated), string, integer or boolean
	Enum     []string `json:"enum,omitempty"`
	Max      int      `json:"max,omitempty"`
	Required bool     `json:"required,omitempty"`
}

// A Shape is a JSON schema with what matters here left in.
type Shape struct {
	Ref        string            `json:"ref,omitempty"`
	Type       string            `json:"type,omitempty"`
	Format     string            `json:"format,omitempty"`
	Enum       []string          `json:"enum,omitempty"`
	Properties map[string]*Shape `json:"properties,omitempty"`
	Required   []string          `json:"required,omitempty"`
	Items      *Shape            `json:"items,omitempty"`
	OneOf      []*Shape          `json:"oneOf,omitempty"`
	Open       bool              `json:"open,omitempty"` // additional properties are allowed
}

// Load reads the digest that is built into the program. It panics when that
// is damaged: the program was built wrong.
func Load() *Digest {
	d, err := Parse(embedded)
	if err != nil {
		panic(err)
	}
	return d
}

// Parse reads a digest.
func Parse(b []byte) (*Digest, error) {
	var d Digest
	if err := json.Unmarshal(b, &d); err != nil {
		return nil, fmt.Errorf("digest: reading: %w", err)
	}
	for name, op := range d.Operations {
		for param, p := range op.Params {
			if p.Required {
				op.Required = append(op.Required, param)
			}
		}
		slices.Sort(op.Required)
		d.Operations[name] = op
	}
	return &d, nil
}

// Resolve follows references to the shape that they name. The result is nil
// when a name is unknown.
func (d *Digest) Resolve(s *Shape) *Shape {
	for s != nil && s.Ref != "" {
		s = d.Schemas[s.Ref]
	}
	return s
}
