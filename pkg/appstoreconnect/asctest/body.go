package asctest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"keyward/pkg/appstoreconnect/asctest/internal/digest"
)

// maxBody bounds request bodies, in bytes.
const maxBody = 1 << 20

// An entity is the body of a POST or PATCH: a resource as a client wants it.
type entity struct {
	Type          string                    `json:"type"`
	ID            string                    `json:"id"`
	Attributes    map[string]any            `json:"attributes"`
	Relationships map[string]map[string]any `json:"relationships"`

	rels map[string][]ref // Relationships, read
}

// readData reads the body's member data.
func (c *call) readData() (json.RawMessage, error) {
	b, err := io.ReadAll(http.MaxBytesReader(nil, c.r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, errTooLarge()
	}
	if err != nil {
		return nil, errJSON()
	}
	if !json.Valid(b) {
		return nil, errJSON()
	}
	var doc struct{ Data json.RawMessage }
	if json.Unmarshal(b, &doc) != nil || len(doc.Data) == 0 || string(doc.Data) == "null" {
		return nil, errUnprocessable("data")
	}
	return doc.Data, nil
}

// readEntity reads a body and holds it to the document's schema of requests.
func (c *call) readEntity(rt route) (entity, error) {
	var e entity
	data, err := c.readData()
	if err != nil {
		return e, err
	}
	if json.Unmarshal(data, &e) != nil {
		return e, errUnprocessable("data")
	}
	d := c.server.shapes
	shape := d.Resolve(d.Schemas[rt.op.Request].Properties["data"])
	switch {
	case e.Type != rt.kind:
		return e, errEntity(".TYPE", "The provided entity has an invalid type",
			fmt.Sprintf("The entity's type must be '%s'", rt.kind), "/data/type")
	case e.ID != rt.id && rt.id != "":
		return e, errEntity(".ID", "The provided entity has an invalid id", "The entity's id must be that of the path", "/data/id")
	}
	if err := e.checkAttributes(d, shape.Properties["attributes"]); err != nil {
		return e, err
	}
	return e, e.readRelationships(d, shape.Properties["relationships"])
}

func (e *entity) checkAttributes(d *digest.Digest, shape *digest.Shape) error {
	if shape == nil {
		shape = &digest.Shape{}
	}
	for name, value := range e.Attributes {
		want, ok := shape.Properties[name]
		if !ok {
			return errEntity(".ATTRIBUTE.UNKNOWN", "An attribute in the provided entity is unknown",
				fmt.Sprintf("The attribute '%s' is not defined on the resource '%s'", name, e.Type), "/data/attributes/"+name)
		}
		if value == nil {
			delete(e.Attributes, name)
			continue
		}
		if d.Check(want, value) != nil {
			return errAttribute(name, fmt.Sprintf("The attribute '%s' has a value of a wrong type or outside its set", name))
		}
	}
	for _, name := range shape.Required {
		if v := e.Attributes[name]; v == nil || v == "" {
			return errEntity(".ATTRIBUTE.REQUIRED", "The provided entity is missing a required attribute",
				fmt.Sprintf("You must provide a value for the attribute '%s' with this request", name), "/data/attributes/"+name)
		}
	}
	return nil
}

func (e *entity) readRelationships(d *digest.Digest, shape *digest.Shape) error {
	if shape == nil {
		shape = &digest.Shape{}
	}
	e.rels = map[string][]ref{}
	for name, value := range e.Relationships {
		want, ok := shape.Properties[name]
		if !ok {
			return errRelationship(".UNKNOWN", name, fmt.Sprintf("'%s' is not a relationship on the resource '%s'", name, e.Type))
		}
		data := value["data"]
		if d.Check(d.Resolve(want).Properties["data"], data) != nil {
			if data == nil && !slices.Contains(shape.Required, name) {
				continue
			}
			return errRelationship(".INVALID", name, fmt.Sprintf("The relationship '%s' has an invalid value", name))
		}
		e.rels[name] = refs(data)
	}
	for _, name := range shape.Required {
		if len(e.rels[name]) == 0 {
			return errRelationship(".REQUIRED", name,
				fmt.Sprintf("You must provide a value for the relationship '%s' with this request", name))
		}
	}
	return nil
}

func errRelationship(suffix, name, detail string) error {
	title := "The provided entity includes a relationship with an invalid value"
	if strings.HasSuffix(suffix, "REQUIRED") {
		title = "The provided entity is missing a required relationship"
	}
	return errEntity(".RELATIONSHIP"+suffix, title, detail, "/data/relationships/"+name)
}

// refs reads resource linkage that has been checked: one, or a list.
func refs(data any) []ref {
	switch v := data.(type) {
	case map[string]any:
		kind, _ := v["type"].(string)
		id, _ := v["id"].(string)
		return []ref{{kind, id}}
	case []any:
		var out []ref
		for _, one := range v {
			out = append(out, refs(one)...)
		}
		return out
	}
	return nil
}

// exist checks that what the entity points at is there.
func (e *entity) exist(tm *team) error {
	for _, name := range sortedKeys(e.rels) {
		for _, r := range e.rels[name] {
			if tm.get(r) == nil {
				return errRelationship(".INVALID", name,
					fmt.Sprintf("There is no resource of type '%s' with id '%s'", r.kind, r.id))
			}
		}
	}
	return nil
}

// text is an attribute that is text.
func (e *entity) text(name string) string {
	s, _ := e.Attributes[name].(string)
	return s
}
