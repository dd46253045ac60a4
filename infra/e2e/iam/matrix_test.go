package iam_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"keyward/infra/e2e/iam"
	"keyward/infra/e2e/template"
	"keyward/infra/e2e/template/templatetest"
)

// A cell is one question to the policies, with the reviewed answer.
type cell struct {
	caller, action, resource string
	ctx                      iam.Context
	allowed                  bool
	line                     string
}

func (c cell) String() string { return fmt.Sprintf("%s, %s", c.caller, c.line) }

// functions are the columns of testdata/roles.txt, in order.
var functions = []string{"portal", "operator", "intake", "sweep", "validate", "certificates", "notify", "feedback", "schedule"}

// roleOf is the logical ID of a column's role.
func roleOf(column string) string { return strings.ToUpper(column[:1]) + column[1:] + "Role" }

// mustCells reads both tables.
func mustCells(t testing.TB, n names) []cell {
	t.Helper()
	var cells []cell
	for _, f := range mustLines(t, "roles.txt") {
		if len(f) < 2+len(functions) {
			t.Fatalf("roles.txt: %q has too few columns", f)
		}
		marks := f[len(f)-len(functions):]
		action, resource, ctx := question(t, n, f[:len(f)-len(functions)])
		for i, column := range functions {
			cells = append(cells, cell{roleOf(column), action, resource, ctx, mark(t, marks[i]), strings.Join(f[:len(f)-len(functions)], " ")})
		}
	}
	for _, f := range mustLines(t, "others.txt") {
		action, resource, ctx := question(t, n, f[2:])
		cells = append(cells, cell{n.caller(f[1]), action, resource, ctx, mark(t, f[0]), strings.Join(f[2:], " ")})
	}
	return cells
}

func mark(t testing.TB, m string) bool {
	t.Helper()
	if m != "yes" && m != "·" && m != "no" {
		t.Fatalf("%q is neither yes, no nor ·", m)
	}
	return m == "yes"
}

// question is action, resource and key=value of the context.
func question(t testing.TB, n names, f []string) (action, resource string, ctx iam.Context) {
	t.Helper()
	ctx = iam.Context{}
	for _, pair := range f[2:] {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			t.Fatalf("%q is not key=value", pair)
		}
		ctx[key] = n.expand(t, value)
	}
	return f[0], n.expand(t, f[1]), ctx
}

func mustLines(t testing.TB, name string) [][]string {
	t.Helper()
	var out [][]string
	for line := range strings.Lines(templatetest.MustRead(t, "infra/e2e/iam/testdata/"+name)) {
		line, _, _ = strings.Cut(line, "#")
		if f := strings.Fields(line); len(f) > 0 {
			out = append(out, f)
		}
	}
	return out
}

// names are what the tables call things by.
type names struct{ stack *template.Stack }

// expand replaces {Logical} by the resource's ARN, {region} and {account}.
func (n names) expand(t testing.TB, text string) string {
	t.Helper()
	for strings.Contains(text, "{") {
		before, rest, _ := strings.Cut(text, "{")
		name, after, ok := strings.Cut(rest, "}")
		v := map[string]string{"region": n.stack.Region, "account": n.stack.Account}[name]
		if r, there := n.stack.Resources[name]; there {
			v = strings.TrimSuffix(r.ARN, ":*")
		}
		if !ok || v == "" {
			t.Fatalf("%q: no resource %q", text, name)
		}
		text = before + v + after
	}
	return text
}

// caller is who a table means: a function by its name, a role by its parameter.
func (n names) caller(name string) string {
	if slices.Contains(functions, name) {
		return roleOf(name)
	}
	if arn := n.stack.Parameters[name]; arn != "" {
		return arn
	}
	return name
}

// wrong are the cells that a stack's policies answer otherwise than reviewed.
func wrong(a *iam.Authority, cells []cell) []string {
	var out []string
	for _, c := range cells {
		if d := a.Evaluate(c.caller, c.action, c.resource, c.ctx); d.Allowed != c.allowed {
			out = append(out, fmt.Sprintf("%s: allowed is %v (%s), reviewed is %v", c, d.Allowed, d.Because, c.allowed))
		}
	}
	return out
}

func mustAuthority(t testing.TB, s *template.Stack) *iam.Authority {
	t.Helper()
	a, err := iam.Read(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestRolesMayWhatWasReviewedAndNothingElse(t *testing.T) {
	tr := templatetest.MustTranslator(t)
	s := templatetest.MustStack(t, tr, templatetest.MustRead(t, "template.yaml"), templatetest.Prod())
	cells := mustCells(t, names{s})
	for _, w := range wrong(mustAuthority(t, s), cells) {
		t.Error(w)
	}
	if len(cells) < 150 {
		t.Errorf("the tables have %d cells", len(cells))
	}
	t.Logf("%d cells", len(cells))
}

func TestEveryRoleIsInTheTable(t *testing.T) {
	tr := templatetest.MustTranslator(t)
	s := templatetest.MustStack(t, tr, templatetest.MustRead(t, "template.yaml"), templatetest.Prod())
	var want []string
	for _, f := range functions {
		want = append(want, roleOf(f))
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(mustAuthority(t, s).Identity)); !slices.Equal(got, want) {
		t.Errorf("roles %v, columns %v", got, want)
	}
}
