package template_test

import (
	"testing"

	"keyward/infra/e2e/template/templatetest"
)

// tolerated are findings with a reason. There are no others.
var tolerated = map[string]string{
	// The nested templates are packaged by `sam deploy`.
	"W3002": "transformed: Resources/Alarms/Properties/TemplateURL, transformed: Resources/Domain/Properties/TemplateURL",
}

func TestLintIsContent(t *testing.T) {
	tr := templatetest.MustTranslator(t)
	for file, text := range mustTexts(t) {
		a, err := tr.Lint(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Lint {
			if !contains(tolerated[f.Rule], f.Path) {
				t.Errorf("%s: %s %s at %s", file, f.Rule, f.Message, f.Path)
			}
		}
	}
}

// TestLintIsAwake: a linter that finds nothing may be one that does not look.
func TestLintIsAwake(t *testing.T) {
	tr := templatetest.MustTranslator(t)
	m := templatetest.Mutation{Name: "an action misspelt", After: "NotifyRole:", Old: "dynamodb:GetItem", New: "dynamodb:GetItems"}
	a, err := tr.Lint(m.MustApply(t, templatetest.MustRead(t, "template.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Lint {
		if f.Rule == "W3037" {
			return
		}
	}
	t.Errorf("not noticed among %v", a.Lint)
}
