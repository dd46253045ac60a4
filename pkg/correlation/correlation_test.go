package correlation_test

import (
	"strings"
	"testing"

	"keyward/pkg/correlation"
)

func TestOnlyIDsAreTaken(t *testing.T) {
	before := correlation.With(t.Context(), "first")
	for id, want := range map[string]string{
		"1-5759e988-bd862e3fe1be46a994272793":  "1-5759e988-bd862e3fe1be46a994272793",  // X-Ray
		"0b2f0c1e-7a3d-4c1f-8e55-1f2f3f4f5f6f": "0b2f0c1e-7a3d-4c1f-8e55-1f2f3f4f5f6f", // Lambda
		"":                                     "first",                                // a message of an older version
		"ada@customer.example":                 "first",
		"a\nb":                                 "first",
		strings.Repeat("a", 129):               "first",
	} {
		if got := correlation.ID(correlation.With(before, id)); got != want {
			t.Errorf("after %q the ID is %q, want %q", id, got, want)
		}
	}
	if got := correlation.ID(t.Context()); got != "" {
		t.Errorf("a context without an ID has %q", got)
	}
}
