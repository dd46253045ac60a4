package operator

import (
	"os"
	"strings"
	"testing"
)

// TestEveryRouteIsListed holds the list of the test of roles to the routes,
// so that none is added without it.
func TestEveryRouteIsListed(t *testing.T) {
	source, err := os.ReadFile("access_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, rt := range (&Service{}).routes() {
		if !strings.Contains(string(source), `{"`+rt.method+`", "`+rt.path+`", `) {
			t.Errorf("%s %s is not in access_test.go", rt.method, rt.path)
		}
	}
}

func TestSessionNamesLoseTheirAddress(t *testing.T) {
	for session, want := range map[string]string{
		"jane.doe@vendor.example": "jane.doe", "build-42": "build-42", "a b\nc": "a-b-c", "ä": "-", strings.Repeat("x", 90): strings.Repeat("x", 64),
	} {
		if got := harmless(session); got != want {
			t.Errorf("%q: got %q, want %q", session, got, want)
		}
	}
}
