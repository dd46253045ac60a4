package infra

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// onEachLine are the keys that the loggers of the functions put on every line.
// A call that uses one of them makes a line with the key twice, of which
// readers of JSON see one.
var onEachLine = []string{"time", "level", "msg", "function", "stage", "cold_start", "request_id", "correlation_id"}

// TestLogCallsTakeTheContext: without it a line cannot be found by the
// correlation ID of what it belongs to.
func TestLogCallsTakeTheContext(t *testing.T) {
	calls := 0
	for _, root := range []string{"../functions", "../pkg", "../infra"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			f, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				for _, wrong := range faults(n) {
					t.Errorf("%s: %s", files.Position(n.Pos()), wrong)
				}
				if _, ok := logCall(n); ok {
					calls++
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if calls < 30 {
		t.Errorf("only %d log calls were found: the test looks for the wrong thing", calls)
	}
}

func TestFaultsOfLogCallsAreFound(t *testing.T) {
	for code, want := range map[string]bool{
		`log.InfoContext(ctx, "done", "integration", id)`: false,
		`log.Info("done")`: true,
		`s.Logger.Error("failed: "+name, "error", err)`:              true,
		`log.ErrorContext(ctx, "failed", "request_id", id)`:          true,
		`log.WarnContext(ctx, "late", "error", err, "error", other)`: true,
		`log.With("stage", name).InfoContext(ctx, "done")`:           false,
		`t.Error("a test")`:                                           false,
		`fmt.Println(err.Error(), "stage")`:                           false,
		`log.InfoContext(ctx, "done", slog.String("request_id", id))`: true,
	} {
		e, err := parser.ParseExpr(code)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(faults(e)) > 0; got != want {
			t.Errorf("%s: a fault is found is %v", code, got)
		}
	}
}

// faults are what is wrong with a call, if it is one of a logger's.
func faults(n ast.Node) []string {
	call, isCall := n.(*ast.CallExpr)
	if !isCall {
		return nil
	}
	if method, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"Debug", "Info", "Warn", "Error"}, method.Sel.Name) &&
		len(call.Args) > 0 && isText(call.Args[0]) && !isTest(method.X) {
		return []string{method.Sel.Name + " logs without the context"}
	}
	args, ok := logCall(n)
	if !ok {
		return nil
	}
	var out []string
	seen := map[string]bool{}
	for _, key := range keys(args) {
		if slices.Contains(onEachLine, key) || seen[key] {
			out = append(out, "the key "+key+" is on the line twice")
		}
		seen[key] = true
	}
	return out
}

// logCall gives what follows the message of a call such as InfoContext.
func logCall(n ast.Node) ([]ast.Expr, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) < 2 {
		return nil, false
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains([]string{"DebugContext", "InfoContext", "WarnContext", "ErrorContext"}, method.Sel.Name) {
		return nil, false
	}
	return call.Args[2:], true
}

// keys are those of key and value in turn, and of attributes.
func keys(args []ast.Expr) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		if attr, ok := args[i].(*ast.CallExpr); ok && len(attr.Args) == 2 && isText(attr.Args[0]) {
			out = append(out, literal(attr.Args[0]))
			continue
		}
		out = append(out, literal(args[i]))
		i++
	}
	return slices.DeleteFunc(out, func(k string) bool { return k == "" })
}

func literal(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		s, _ := strconv.Unquote(lit.Value)
		return s
	}
	return ""
}

// isTest: suites of tests have a testing.T, whose Error is another.
func isTest(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && (id.Name == "t" || id.Name == "tb")
}

func isText(e ast.Expr) bool {
	if sum, ok := e.(*ast.BinaryExpr); ok {
		return isText(sum.X) || isText(sum.Y)
	}
	return literal(e) != ""
}
