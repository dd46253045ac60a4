package template_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keyward/infra/e2e/template/templatetest"
)

func contains(list, one string) bool { return slices.Contains(strings.Split(list, ", "), one) }

// sections are what each page of a runbook answers.
var sections = []string{"## What it means", "## What people notice", "## First look", "## Mend", "## When to call others"}

func TestEachAlarmHasItsPage(t *testing.T) {
	dir := filepath.Join(templatetest.Root(), "infra", "runbooks")
	alarms := templatetest.MustRead(t, "infra/alarms.yaml")
	for name, a := range mustHave {
		text := templatetest.MustRead(t, "infra/runbooks/"+name+".md")
		for _, s := range sections {
			if !strings.Contains(text, s+"\n") {
				t.Errorf("%s.md does not have %q", name, s)
			}
		}
		if !strings.Contains(text, "Threshold: "+a.threshold+".") {
			t.Errorf("%s.md has another threshold than the alarm", name)
		}
		if !strings.Contains(alarms, "See infra/runbooks/"+name+".md.") {
			t.Errorf("the alarm does not name %s.md", name)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".md")
		if mustHave[name] == (alarm{}) && name != "README" {
			t.Errorf("%s is about no alarm", e.Name())
		}
	}
}
