package hostile

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// reads are the calls that make something of text that others wrote.
var reads = regexp.MustCompile(`^(json\.(Unmarshal|NewDecoder)|.*\.DecodeString|pem\.Decode|asn1\.Unmarshal|x509\.Parse.*|(net)?mail\.ParseAddress|.*\.MultipartReader|.*\.ParseForm|.*\.PostFormValue|mime\.ParseMediaType|xml\.(Unmarshal|NewDecoder)|jwt\.Parse.*|url\.Parse)$`)

// elsewhere says which targets fuzz a package's parsers from another package,
// or why there is nothing to fuzz.
func elsewhere() map[string]string {
	const own = "reads what Keyward itself wrote"
	return map[string]string{
		"pkg/validate": "infra/hostile FuzzValidateEvent", "pkg/certificates": "infra/hostile FuzzCertificatesEvent", "pkg/sweep": "infra/hostile FuzzSweepEvent",
		"pkg/portal": "infra/hostile FuzzSetupForm", "pkg/pages": "infra/hostile FuzzOrigin",
		"pkg/console":   "pkg/operator FuzzInput",  // its forms are read by the operator that it asks
		"pkg/table":     "pkg/embedded FuzzCursor", // its cursors, through the embedded store
		"pkg/aws/email": own, "pkg/aws/queue": own, "pkg/aws/secrets": "pkg/keyfile FuzzParse", "pkg/aws/uploads": "pkg/embedded FuzzPolicy",
		"pkg/appstoreconnect/asctest/internal/digest": own, "pkg/appstoreconnect/asctest/internal/specdigest": own,
		"infra/local": "infra/hostile FuzzBearer", "infra/keyward": own, "infra/hostile/leak": own, "infra/hostile/leakscan": own,
		"functions/internal/boot": "the environment, which whoever deploys it writes",
	}
}

// Packages that are tools for tests and measurements: nobody else's text
// reaches them.
var tools = regexp.MustCompile(`^(infra/(bench|e2e|mutate|simulation)|pkg/(conformance|aws/awstest|pages/pagestest))(/|$)`)

// TestEveryParserIsFuzzed fails when a package begins to read what others
// write, and nothing fuzzes it.
func TestEveryParserIsFuzzed(t *testing.T) {
	readers, targets := map[string]string{}, map[string]bool{}
	walkSources(t, func(dir, file string, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if strings.HasPrefix(n.Name.Name, "Fuzz") && strings.HasSuffix(file, "_test.go") {
					targets[dir+" "+n.Name.Name], targets[dir] = true, true
				}
			case *ast.CallExpr:
				if name := called(n); !strings.HasSuffix(file, "_test.go") && reads.MatchString(name) {
					readers[dir] = name
				}
			}
			return true
		})
	})
	if len(readers) < 12 {
		t.Fatalf("%d packages that read", len(readers))
	}
	for dir, call := range readers {
		reason, listed := elsewhere()[dir]
		switch {
		case targets[dir], tools.MatchString(dir):
		case !listed:
			t.Errorf("%s calls %s: it needs a fuzz target, or an entry in elsewhere", dir, call)
		case strings.Contains(reason, " Fuzz") && !targets[reason]:
			t.Errorf("%s is said to be fuzzed by %s, which is not there", dir, reason)
		}
	}
}

func called(c *ast.CallExpr) string {
	sel, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := sel.X.(*ast.Ident); ok {
		return x.Name + "." + sel.Sel.Name
	}
	return "it." + sel.Sel.Name
}

// walkSources parses every Go file of the module.
func walkSources(t *testing.T, see func(dir, file string, f *ast.File)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "testdata"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		see(filepath.ToSlash(dir), d.Name(), f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
