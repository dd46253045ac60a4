package asctest

import (
	"slices"

	"keyward/pkg/appstoreconnect/asctest/internal/digest"
)

// A schema is what the digest says about one resource type.
type schema struct {
	attributes []string   // by name
	relations  []relation // by name
}

// A relation is one relationship of a type, with the members that it has in
// answers.
type relation struct {
	name               string
	kind               string // of what it leads to; empty where the document does not say
	many               bool
	links, data, paged bool
}

// schemasOf collects the resource types that the digest's answers contain.
func schemasOf(d *digest.Digest) map[string]schema {
	out := map[string]schema{}
	for _, s := range d.Schemas {
		kind := s.Properties["type"]
		if kind == nil || len(kind.Enum) != 1 || s.Properties["id"] == nil {
			continue
		}
		out[kind.Enum[0]] = schemaOf(d, s)
	}
	// Not in the document, and always null, but in Apple's answers: codemagic's
	// cli-tools fail where it is missing [FIELD].
	certs := out["certificates"]
	certs.attributes = append(certs.attributes, "csrContent")
	slices.Sort(certs.attributes)
	out["certificates"] = certs
	return out
}

func schemaOf(d *digest.Digest, s *digest.Shape) schema {
	var out schema
	if a := d.Resolve(s.Properties["attributes"]); a != nil {
		out.attributes = sortedKeys(a.Properties)
	}
	rels := d.Resolve(s.Properties["relationships"])
	if rels == nil {
		return out
	}
	for _, name := range sortedKeys(rels.Properties) {
		out.relations = append(out.relations, relationOf(d, name, d.Resolve(rels.Properties[name])))
	}
	return out
}

func relationOf(d *digest.Digest, name string, s *digest.Shape) relation {
	r := relation{name: name, links: s.Properties["links"] != nil, paged: s.Properties["meta"] != nil}
	data := d.Resolve(s.Properties["data"])
	if data == nil {
		return r
	}
	r.data = true
	if data.Type == "array" {
		r.many, data = true, d.Resolve(data.Items)
	}
	if kind := data.Properties["type"]; kind != nil && len(kind.Enum) == 1 {
		r.kind = kind.Enum[0]
	}
	return r
}

// relation finds a relationship by name.
func (s schema) relation(name string) (relation, bool) {
	for _, r := range s.relations {
		if r.name == name {
			return r, true
		}
	}
	return relation{}, false
}
