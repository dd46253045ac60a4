package template_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"keyward/infra/e2e/template/templatetest"
)

const deployDoc = "infra/docs/deploy.md"

// TestTheRestoreWaitsBetweenChanges: a change leaves the table UPDATING, and
// the next one is refused.
func TestTheRestoreWaitsBetweenChanges(t *testing.T) {
	busy, changes := "", 0
	for line := range strings.Lines(templatetest.MustRead(t, deployDoc)) {
		_, command, ok := strings.Cut(strings.TrimSpace(line), "aws dynamodb ")
		switch {
		case !ok:
		case strings.HasPrefix(command, "wait table-exists"):
			busy = ""
		case busy != "" && !strings.HasPrefix(command, "describe-table"):
			t.Errorf("%q follows %q at once", command, busy)
		case strings.HasPrefix(command, "restore-table"), strings.HasPrefix(command, "update-t"):
			busy, changes = command, changes+1
		}
	}
	if changes < 4 {
		t.Errorf("%d changes of a table were found", changes)
	}
}

var emitted = regexp.MustCompile(`(?:count\(|Metric\{|Name: )"([A-Z][A-Za-z]+)"`)

// TestTheCostsAreThoseOfTheTemplates counts what is paid for by the piece.
func TestTheCostsAreThoseOfTheTemplates(t *testing.T) {
	w, err := build(mustTranslator(t), mustTexts(t))
	if err != nil {
		t.Fatal(err)
	}
	alarmed := 0
	for _, a := range w.alarms.OfType("AWS::CloudWatch::Alarm") {
		alarmed += len(statsOf(a))
	}
	own := map[string]bool{}
	for _, file := range []string{"watch/watch.go", "boot/start.go", "boot/metrics.go"} {
		for _, m := range emitted.FindAllStringSubmatch(templatetest.MustRead(t, "functions/internal/"+file), -1) {
			own[m[1]] = true
		}
	}
	text := templatetest.MustRead(t, deployDoc)
	for what, row := range map[string]string{
		"keys":           fmt.Sprintf("%d KMS keys | $%d.00 |", len(w.prod.OfType("AWS::KMS::Key"))+len(w.alarms.OfType("AWS::KMS::Key")), 3),
		"alarms":         fmt.Sprintf("%d metrics that alarms look at | $%.2f |", alarmed, 0.10*float64(alarmed)),
		"custom metrics": fmt.Sprintf("%d metrics of its own | $%.2f |", len(own), 0.30*float64(len(own))),
	} {
		if !strings.Contains(text, row) {
			t.Errorf("%s: %s does not say %q", what, deployDoc, row)
		}
	}
}

// TestWhatBlocksANewStackIsNamed: what is retained under a name of its own
// must be removed before the same stage can be deployed again.
func TestWhatBlocksANewStackIsNamed(t *testing.T) {
	w, err := build(mustTranslator(t), mustTexts(t))
	if err != nil {
		t.Fatal(err)
	}
	_, remove, _ := strings.Cut(templatetest.MustRead(t, deployDoc), "## Remove")
	for id, r := range w.prod.Resources {
		name, ok := map[string]string{"AWS::DynamoDB::Table": "TableName", "AWS::Logs::LogGroup": "LogGroupName"}[r.Type]
		if !ok || !strings.HasPrefix(r.Deletion, "Retain") {
			continue
		}
		group := strings.TrimPrefix(str(at(r, name)), "/aws/lambda/keyward-prod-")
		if !strings.Contains(remove, "delete-table --table-name keyward-$STAGE") || r.Type == "AWS::Logs::LogGroup" && !strings.Contains(remove, " "+group) {
			t.Errorf("%s: nobody is told to remove %s", id, str(at(r, name)))
		}
	}
}

// TestTheParametersThatMatterAreNamed: `sam deploy --guided` asks for all of
// them, and a newcomer must know where Enter is not enough.
func TestTheParametersThatMatterAreNamed(t *testing.T) {
	w, err := build(mustTranslator(t), mustTexts(t))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(templatetest.MustRead(t, deployDoc), "| parameter |")
	table, _, _ = strings.Cut(table, "\n\n")
	readme := templatetest.MustRead(t, "README.md")
	for name, raw := range obj(w.source["Parameters"]) {
		_, hasDefault := obj(raw)["Default"]
		if inTable := strings.Contains(table, "| `"+name+"` |"); inTable == hasDefault {
			t.Errorf("%s: has a default is %v, is in the table is %v", name, hasDefault, inTable)
		}
		if !hasDefault && !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("the README does not name %s", name)
		}
	}
	for _, file := range []string{deployDoc, "README.md"} {
		if !strings.Contains(templatetest.MustRead(t, file), "PortalFunction Function Url has no authentication. Is this okay?") {
			t.Errorf("%s does not say what to answer about the portal's URL", file)
		}
	}
}
