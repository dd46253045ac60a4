package hostile

import (
	"go/ast"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestGosecsExclusionsAreMeant: each says why, names rules rather than all of
// them, and still has files that it is about.
func TestGosecsExclusionsAreMeant(t *testing.T) {
	text, err := os.ReadFile("gosec.json")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Rules []struct {
			Path, Because string
			Rules         []string
		} `json:"exclude-rules"`
	}
	mustJSON(t, text, &config)
	var files []string
	walkSources(t, func(dir, file string, _ *ast.File) { files = append(files, dir+"/"+file) })
	for _, e := range config.Rules {
		about := regexp.MustCompile(e.Path)
		if len(e.Because) < 20 || len(e.Rules) == 0 || strings.Contains(strings.Join(e.Rules, ""), "*") {
			t.Errorf("%s: no reason, or no rules", e.Path)
		}
		if !about.MatchString(strings.Join(files, "\n")) {
			t.Errorf("%s: there is no such file any more", e.Path)
		}
	}
	if len(config.Rules) == 0 {
		t.Error("no exclusions were read")
	}
}
