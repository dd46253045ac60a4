package template

import (
	"fmt"
	"maps"
	"slices"
)

// Options say what a Stack is made with.
type Options struct {
	Parameters map[string]string // over the defaults
	Region     string            // may: default eu-central-1
	Account    string            // may: default 123456789012
	// Values may replace what is made up: by "Table" what Ref gives, by
	// "Table.StreamArn" what GetAtt does.
	Values map[string]string
}

// A Resource is one that the parameters ask for.
type Resource struct {
	ID         string // logical
	Type       string // such as AWS::SQS::Queue
	Ref        string // what Ref gives: a name, a URL or an ID, as the type has it
	ARN        string // empty where the type has none that we need
	Properties map[string]any
	Deletion   string // DeletionPolicy
	Replace    string // UpdateReplacePolicy
}

// A Stack is what a deployment with these parameters would make.
type Stack struct {
	Resources  map[string]Resource
	Outputs    map[string]any
	Parameters map[string]string
	Region     string
	Account    string
}

// OfType lists the resources of a type, ordered by ID.
func (s *Stack) OfType(kind string) []Resource {
	var out []Resource
	for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
		if r := s.Resources[id]; r.Type == kind {
			out = append(out, r)
		}
	}
	return out
}

// Resolve works out a template. Its error says which parameter, rule or
// function is wrong.
func Resolve(d Document, o Options) (*Stack, error) {
	r, err := newResolver(d, o)
	if err != nil {
		return nil, err
	}
	s := &Stack{Resources: map[string]Resource{}, Outputs: map[string]any{}, Parameters: r.parameters, Region: r.region, Account: r.account}
	for id := range r.resources {
		if !r.wanted(id) {
			continue
		}
		one, err := r.resource(id)
		if err != nil {
			return nil, fmt.Errorf("resource %s: %w", id, err)
		}
		s.Resources[id] = one
	}
	for id, raw := range object(d["Outputs"]) {
		out := object(raw)
		if c, ok := out["Condition"].(string); ok && !r.conditions[c] {
			continue
		}
		v, err := r.value(out["Value"])
		if err != nil {
			return nil, fmt.Errorf("output %s: %w", id, err)
		}
		s.Outputs[id] = v
	}
	return s, nil
}

func (r *resolver) resource(id string) (Resource, error) {
	raw := object(r.resources[id])
	properties, err := r.value(raw["Properties"])
	if err != nil {
		return Resource{}, err
	}
	ref, err := r.ref(id)
	if err != nil {
		return Resource{}, err
	}
	return Resource{
		ID: id, Type: str(raw["Type"]), Ref: ref, ARN: r.arn(id), Properties: object(properties),
		Deletion: str(raw["DeletionPolicy"]), Replace: str(raw["UpdateReplacePolicy"]),
	}, nil
}

// object, list and str read JSON of which the kind is known; anything else is
// empty.
func object(v any) map[string]any { m, _ := v.(map[string]any); return m }
func list(v any) []any            { l, _ := v.([]any); return l }
func str(v any) string            { s, _ := v.(string); return s }
