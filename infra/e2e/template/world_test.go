package template_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"keyward/infra/e2e/template"
	"keyward/infra/e2e/template/templatetest"
)

// A world is the templates, and what they make with two sets of parameters.
type world struct {
	source    template.Document // template.yaml as written
	dev, prod *template.Stack
	alarms    *template.Stack
	domain    *template.Stack
	nested    map[string]template.Document // as written, by file
}

// texts are the templates' texts, by file.
type texts map[string]string

func mustTexts(t testing.TB) texts {
	t.Helper()
	out := texts{}
	for _, f := range []string{"template.yaml", "infra/alarms.yaml", "infra/domain.yaml"} {
		out[f] = templatetest.MustRead(t, f)
	}
	return out
}

// A translator remembers what it was asked: a mistake in one template leaves
// the others as they were.
type translator struct {
	*template.Translator
	known map[string]template.Translation
}

func mustTranslator(t testing.TB) translator {
	return translator{templatetest.MustTranslator(t), map[string]template.Translation{}}
}

func (t translator) Translate(text string) (template.Translation, error) {
	if a, ok := t.known[text]; ok {
		return a, nil
	}
	a, err := t.Translator.Translate(text)
	if err == nil {
		t.known[text] = a
	}
	return a, err
}

// build works out all templates. An error is a finding, too.
func build(tr translator, all texts) (*world, error) {
	w := &world{nested: map[string]template.Document{}}
	root, err := tr.Translate(all["template.yaml"])
	if err != nil {
		return nil, err
	}
	w.source = root.Source
	if w.dev, err = template.Resolve(root.Template, template.Options{Parameters: templatetest.Dev()}); err != nil {
		return nil, err
	}
	if w.prod, err = template.Resolve(root.Template, template.Options{Parameters: templatetest.Prod()}); err != nil {
		return nil, err
	}
	for id, file := range map[string]string{"Alarms": "infra/alarms.yaml", "Domain": "infra/domain.yaml"} {
		a, err := tr.Translate(all[file])
		if err != nil {
			return nil, err
		}
		w.nested[file] = a.Source
		s, err := template.Resolve(a.Template, template.Options{Parameters: parametersOf(w.prod.Resources[id])})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if id == "Alarms" {
			w.alarms = s
		} else {
			w.domain = s
		}
	}
	return w, nil
}

// parametersOf are those that a stack gives a nested one.
func parametersOf(r template.Resource) map[string]string {
	out := map[string]string{}
	for k, v := range obj(r.Properties["Parameters"]) {
		out[k] = fmt.Sprint(v)
	}
	return out
}

// at walks into properties: at(r, "DestinationConfig", "OnFailure").
func at(r template.Resource, path ...string) any {
	var v any = r.Properties
	for _, p := range path {
		v = obj(v)[p]
	}
	return v
}

func obj(v any) map[string]any { m, _ := v.(map[string]any); return m }
func lst(v any) []any          { l, _ := v.([]any); return l }

// num is a number, however the template writes it; -1 is none.
func num(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case string:
		var f float64
		if _, err := fmt.Sscan(v, &f); err == nil {
			return f
		}
	}
	return -1
}

// js is a value as JSON, to compare whole parts.
func js(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// problems collects what is wrong.
type problems []string

func (p *problems) addf(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

// is notes a problem unless both are the same.
func (p *problems) is(what string, got, want any) {
	if js(got) != js(want) {
		p.addf("%s is %s, not %s", what, js(got), js(want))
	}
}

// nameOfFunction is "portal" of "PortalFunction".
func nameOfFunction(id string) string { return strings.ToLower(strings.TrimSuffix(id, "Function")) }
