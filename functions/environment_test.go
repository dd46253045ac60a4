package functions_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keyward/functions/internal/boot"
	"keyward/infra/e2e/template"
	"keyward/infra/e2e/template/templatetest"
)

// onlyInTests are variables that the template must not give.
var onlyInTests = []string{"CLOCK_URL"}

// disagreements are those between what a stack gives the functions and what
// they read.
func disagreements(s *template.Stack) []string {
	var out []string
	for _, n := range boot.Names() {
		id := strings.ToUpper(string(n[:1])) + string(n[1:]) + "Function"
		f, ok := s.Resources[id]
		if !ok {
			out = append(out, fmt.Sprintf("%s is not there", id))
			continue
		}
		out = append(out, compareVariables(n, variablesOf(f))...)
	}
	return out
}

func variablesOf(f template.Resource) map[string]string {
	env, _ := f.Properties["Environment"].(map[string]any)
	raw, _ := env["Variables"].(map[string]any)
	given := map[string]string{}
	for name, v := range raw {
		given[name] = fmt.Sprint(v)
	}
	return given
}

func compareVariables(n boot.Name, given map[string]string) []string {
	var out []string
	must, may := boot.Variables(n)
	for _, name := range must {
		if given[name] == "" {
			out = append(out, fmt.Sprintf("%s is not given %s, which it cannot do without", n, name))
		}
	}
	for _, name := range may {
		if _, ok := given[name]; !ok && !slices.Contains(onlyInTests, name) {
			out = append(out, fmt.Sprintf("%s is not given %s, which it may read", n, name))
		}
	}
	for name := range given {
		if !slices.Contains(slices.Concat(must, may), name) || slices.Contains(onlyInTests, name) {
			out = append(out, fmt.Sprintf("%s is given %s, which it does not read", n, name))
		}
	}
	if _, err := boot.Load(n, func(name string) string { return given[name] }); err != nil {
		out = append(out, err.Error())
	}
	return out
}

func TestTheTemplateGivesWhatTheFunctionsRead(t *testing.T) {
	tr := templatetest.MustTranslator(t)
	for name, p := range map[string]map[string]string{"dev": templatetest.Dev(), "prod": templatetest.Prod()} {
		for _, d := range disagreements(templatetest.MustStack(t, tr, templatetest.MustRead(t, "template.yaml"), p)) {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestMistakesInVariablesAreNoticed(t *testing.T) {
	tr := templatetest.MustTranslator(t)
	text := templatetest.MustRead(t, "template.yaml")
	for _, m := range []templatetest.Mutation{
		{Name: "dropped from one function", After: "SweepFunction:", Old: "          VALIDATE_QUEUE_URL: !Ref ValidateQueue\n", New: ""},
		{Name: "dropped from all", After: "Globals:", Old: "        TABLE_NAME: !If [IsRestored, !Ref RestoredTable, !Ref Table]\n", New: ""},
		{Name: "misspelt", After: "NotifyFunction:", Old: "CONFIGURATION_SET:", New: "CONFIGURATIONSET:"},
		{Name: "empty", After: "PortalFunction:", Old: "UPLOAD_BUCKET: !Ref UploadBucket", New: `UPLOAD_BUCKET: ""`},
		{Name: "more than is read", After: "PortalFunction:", Old: "          VENDOR_NAME:", New: "          SENDER: !Ref SenderAddress\n          VENDOR_NAME:"},
		{Name: "a clock in AWS", After: "Globals:", Old: "        STAGE: !Ref Stage\n", New: "        STAGE: !Ref Stage\n        CLOCK_URL: http://127.0.0.1:1\n"},
		{Name: "one that may be missing is", After: "ValidateFunction:", Old: "          CANARY_INTEGRATION: !Ref CanaryIntegration\n", New: ""},
	} {
		t.Run(m.Name, func(t *testing.T) {
			if len(disagreements(templatetest.MustStack(t, tr, m.MustApply(t, text), templatetest.Dev()))) == 0 {
				t.Error("nothing notices it")
			}
		})
	}
}

func TestFoldersFunctionsAndBuildTargetsAreTheSameEight(t *testing.T) {
	tr := templatetest.MustTranslator(t)
	s := templatetest.MustStack(t, tr, templatetest.MustRead(t, "template.yaml"), templatetest.Dev())
	var inTemplate, folders []string
	for _, f := range s.OfType("AWS::Lambda::Function") {
		inTemplate = append(inTemplate, strings.ToLower(strings.TrimSuffix(f.ID, "Function")))
	}
	entries, err := os.ReadDir(filepath.Join(templatetest.Root(), "functions"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != "internal" {
			folders = append(folders, e.Name())
		}
	}
	var names []string
	for _, n := range boot.Names() {
		names = append(names, string(n))
	}
	slices.Sort(names)
	if !slices.Equal(inTemplate, folders) || !slices.Equal(folders, names) || len(names) != 8 {
		t.Errorf("template %v, folders %v, names %v", inTemplate, folders, names)
	}
	_, targets, _ := strings.Cut(templatetest.MustRead(t, "Makefile"), "LAMBDAS      := ")
	targets, _, _ = strings.Cut(targets, "\n")
	if got := strings.Fields(strings.ToLower(targets)); !slices.Equal(slices.Sorted(slices.Values(got)), names) {
		t.Errorf("targets build-…Function: %v", got)
	}
}

func TestMainsAreShort(t *testing.T) {
	for _, n := range boot.Names() {
		text := templatetest.MustRead(t, "functions/"+string(n)+"/main.go")
		if lines := strings.Count(text, "\n"); lines > 40 {
			t.Errorf("%s has %d lines", n, lines)
		}
	}
}

func TestOneRoleForEachARN(t *testing.T) {
	p := maps.Clone(templatetest.Prod())
	p["ExportRoleArn"] = p["SupportRoleArn"]
	tr := templatetest.MustTranslator(t)
	a, err := tr.Translate(templatetest.MustRead(t, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := template.Resolve(a.Template, template.Options{Parameters: p}); err == nil {
		t.Error("two roles have the same ARN, and the template takes them")
	}
}
