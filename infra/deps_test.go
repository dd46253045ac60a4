// Package infra holds the test that keeps the rooms of the house apart.
package infra

import (
	"os/exec"
	"strings"
	"testing"
)

// deps lists all that a package depends on, itself excluded, tests excluded.
func deps(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-f", `{{if not .Standard}}{{.ImportPath}}{{end}}`, pkg).CombinedOutput()
	if err != nil {
		t.Fatalf("go list -deps %s: %v\n%s", pkg, err, out)
	}
	var list []string
	for line := range strings.Lines(string(out)) {
		if d := strings.TrimSpace(line); d != "" && d != pkg {
			list = append(list, d)
		}
	}
	return list
}

func TestTheDomainImportsTheStandardLibraryOnly(t *testing.T) {
	for _, d := range deps(t, "keyward/pkg/integration") {
		t.Errorf("pkg/integration depends on %s", d)
	}
}

// useCases are the packages of the eight functions.
var useCases = []string{"operator", "portal", "intake", "sweep", "validate", "certificates", "notify", "feedback"}

func TestUseCasesKnowNoAdapterAndNoOtherUseCase(t *testing.T) {
	for _, name := range useCases {
		for _, d := range deps(t, "keyward/pkg/"+name) {
			switch {
			case strings.HasPrefix(d, "github.com/aws/aws-sdk-go"), strings.HasPrefix(d, "keyward/pkg/aws"):
				t.Errorf("pkg/%s depends on the AWS SDK: %s", name, d)
			case d == "keyward/pkg/embedded" || strings.HasPrefix(d, "keyward/infra") || strings.HasPrefix(d, "keyward/functions"):
				t.Errorf("pkg/%s depends on %s", name, d)
			case isUseCase(d) && !allowed[name+" → "+strings.TrimPrefix(d, "keyward/pkg/")]:
				t.Errorf("pkg/%s depends on another use case: %s", name, d)
			}
		}
	}
}

// allowed are the exceptions, each with its reason.
var allowed = map[string]bool{
	"feedback → notify": true, // a bounce undoes what notify did, by notify's own rule
}

func isUseCase(pkg string) bool {
	for _, name := range useCases {
		if pkg == "keyward/pkg/"+name {
			return true
		}
	}
	return false
}

func TestAdaptersAndToolsKnowNoUseCase(t *testing.T) {
	for _, pkg := range []string{"embedded", "keyfile", "appstoreconnect", "appstoreconnect/asctest", "pages"} {
		for _, d := range deps(t, "keyward/pkg/"+pkg) {
			if isUseCase(d) || strings.HasPrefix(d, "keyward/infra") {
				t.Errorf("pkg/%s depends on %s", pkg, d)
			}
		}
	}
}
