package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keyward/pkg/appstoreconnect/asctest/internal/digest"
)

// document writes an OpenAPI document with every served operation, and a
// schema that reaches itself.
func mustWrite(t *testing.T, operations []string) string {
	t.Helper()
	paths := map[string][]string{}
	for _, op := range operations {
		method, path, _ := strings.Cut(op, " ")
		paths[path] = append(paths[path], fmt.Sprintf(`%q:{"parameters":[
			{"name":"limit","in":"query","schema":{"type":"integer","maximum":200}},
			{"name":"id","in":"path","schema":{"type":"string"}}],
			"responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Answer"}}}},"204":{}}}`,
			strings.ToLower(method)))
	}
	var items []string
	for path, ops := range paths {
		items = append(items, fmt.Sprintf(`%q:{"parameters":[],%s}`, path, strings.Join(ops, ",")))
	}
	doc := `{"info":{"title":"T","version":"1"},"paths":{` + strings.Join(items, ",") + `},
		"components":{"schemas":{"Answer":{"type":"object","properties":{
		"again":{"$ref":"#/components/schemas/Answer"},
		"one":{"oneOf":[{"type":"object","properties":{"type":{"enum":["apps"]}}},{"type":"object","properties":{"type":{"enum":["unserved"]}}}]}}}}}}`
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{mustWrite(t, served())}, &out); err != nil {
		t.Fatal(err)
	}
	d, err := digest.Parse(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	op := d.Operations["GET /v1/apps"]
	if d.Spec != "T 1" || op.Params["limit"].Max != 200 || len(op.Params) != 1 || op.Responses["200"] != "Answer" || op.Responses["204"] != "" {
		t.Errorf("got %+v", op)
	}
	answer := d.Schemas["Answer"]
	if answer.Properties["again"].Ref != "Answer" || len(answer.Properties["one"].OneOf) != 1 {
		t.Errorf("got %+v", answer)
	}
}

func TestRunSaysWhatIsMissing(t *testing.T) {
	for name, args := range map[string][]string{
		"no path": {}, "no file": {"/does/not/exist"}, "a document without an operation": {mustWrite(t, served()[1:])},
	} {
		if err := run(args, &bytes.Buffer{}); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}
