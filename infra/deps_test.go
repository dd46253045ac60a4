// Package infra holds the test that keeps the rooms of the house apart.
package infra

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
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

func TestAppKnowsNoAdapterAndNoHost(t *testing.T) {
	for _, d := range deps(t, "keyward/pkg/app") {
		if strings.HasPrefix(d, "github.com/aws/aws-sdk-go") || strings.HasPrefix(d, "keyward/pkg/aws") || d == "keyward/pkg/embedded" ||
			strings.HasPrefix(d, "keyward/infra") || strings.HasPrefix(d, "keyward/functions") {
			t.Errorf("pkg/app depends on %s", d)
		}
	}
}

// What support and customers install is no test harness.
func TestTheCommandLinksNoHarness(t *testing.T) {
	for _, d := range deps(t, "keyward/infra/keyward") {
		for _, harness := range []string{"keyward/infra/e2e", "keyward/infra/simulation", "keyward/infra/hostile", "keyward/infra/bench", "keyward/pkg/aws", "keyward/pkg/conformance"} {
			if d == harness || strings.HasPrefix(d, harness+"/") {
				t.Errorf("infra/keyward depends on %s", d)
			}
		}
	}
}

// TestServicesAreMadeHere looks for calls of a use case's New, and for its
// Service written out, outside of pkg/app and of the use case's own package.
func TestServicesAreMadeHere(t *testing.T) {
	made := map[string][]string{}
	for _, root := range []string{"../functions", "../pkg", "../infra"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			for _, name := range servicesMade(f) {
				dir := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../")
				if dir != "pkg/"+name && !testsMake[dir+" → "+name] {
					made[name] = append(made[name], dir)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range useCases {
		if got := made[name]; len(got) != 1 || got[0] != "pkg/app" {
			t.Errorf("the service of %s is made in %q, and not once in pkg/app", name, got)
		}
	}
}

// testsMake are the packages whose tests cannot call pkg/app, which imports
// them, and look at what two use cases do together.
var testsMake = map[string]bool{"pkg/feedback → notify": true}

// servicesMade are the use cases whose service the file makes.
func servicesMade(f *ast.File) []string {
	names := map[string]string{} // of packages, as the file calls them
	for _, imported := range f.Imports {
		path := strings.Trim(imported.Path.Value, `"`)
		if name := filepath.Base(path); isUseCase(path) {
			names[name] = name
			if imported.Name != nil {
				names[imported.Name.Name] = name
			}
		}
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		var made ast.Expr
		switch n := n.(type) {
		case *ast.CallExpr:
			made = n.Fun
		case *ast.CompositeLit:
			made = n.Type
		}
		if s, ok := made.(*ast.SelectorExpr); ok && (s.Sel.Name == "New" || s.Sel.Name == "Service") {
			if x, ok := s.X.(*ast.Ident); ok && names[x.Name] != "" {
				out = append(out, names[x.Name])
			}
		}
		return true
	})
	return out
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
