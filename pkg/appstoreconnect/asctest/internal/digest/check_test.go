package digest_test

import (
	"encoding/json"
	"testing"

	"keyward/pkg/appstoreconnect/asctest/internal/digest"
)

// The check is only worth something where it fails.
func TestCheckIsStrict(t *testing.T) {
	d := digest.Load()
	good := `{"data":[{"type":"devices","id":"1","attributes":{"name":"a","status":"ENABLED",
		"addedDate":"2026-03-01T12:00:00.000+00:00"},"links":{"self":"/x"}}],
		"links":{"self":"/x"},"meta":{"paging":{"limit":1,"total":1}}}`
	for _, tt := range []struct {
		name, body string
		ok         bool
	}{
		{"good", good, true},
		{"no links", `{"data":[]}`, false},
		{"data is an object", `{"data":{},"links":{"self":"/x"}}`, false},
		{"unknown member", `{"data":[],"links":{"self":"/x"},"more":1}`, false},
		{"unknown attribute", `{"data":[{"type":"devices","id":"1","attributes":{"colour":"red"}}],"links":{"self":"/x"}}`, false},
		{"null attribute", `{"data":[{"type":"devices","id":"1","attributes":{"name":null}}],"links":{"self":"/x"}}`, false},
		{"no ID", `{"data":[{"type":"devices"}],"links":{"self":"/x"}}`, false},
		{"another type", `{"data":[{"type":"apps","id":"1"}],"links":{"self":"/x"}}`, false},
		{"outside the enumeration", `{"data":[{"type":"devices","id":"1","attributes":{"status":"LOST"}}],"links":{"self":"/x"}}`, false},
		{"not a time", `{"data":[{"type":"devices","id":"1","attributes":{"addedDate":"today"}}],"links":{"self":"/x"}}`, false},
		{"a number that is text", `{"data":[],"links":{"self":"/x"},"meta":{"paging":{"limit":"1"}}}`, false},
		{"a fraction", `{"data":[],"links":{"self":"/x"},"meta":{"paging":{"limit":1.5}}}`, false},
		{"paging without a limit", `{"data":[],"links":{"self":"/x"},"meta":{"paging":{}}}`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var v any
			if err := json.Unmarshal([]byte(tt.body), &v); err != nil {
				t.Fatal(err)
			}
			if err := d.Check(&digest.Shape{Ref: "DevicesResponse"}, v); (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestDigestIsWhole(t *testing.T) {
	d := digest.Load()
	for name, op := range d.Operations {
		for status, schema := range op.Responses {
			if schema != "" && d.Schemas[schema] == nil {
				t.Errorf("%s: %s has the unknown schema %s", name, status, schema)
			}
		}
		if op.Request != "" && d.Schemas[op.Request] == nil {
			t.Errorf("%s takes the unknown schema %s", name, op.Request)
		}
	}
	if _, err := digest.Parse([]byte("{")); err == nil {
		t.Error("a damaged digest is no error")
	}
}
