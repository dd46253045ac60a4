package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestTestsAreShownAsGoTestDoes(t *testing.T) {
	link := "/l/" + strings.Repeat("Ab_", 14) + "x"
	began := `{"Action":"start","Package":"x/y"}` + "\n"
	passed := `{"Action":"output","Package":"x/y","Output":"ok  \tx/y\t0.1s\n"}` + "\n" + `{"Action":"pass","Package":"x/y"}` + "\n"
	failed := `{"Action":"output","Package":"x/y","Output":"FAIL\tx/y\t0.1s\n"}` + "\n" + `{"Action":"fail","Package":"x/y"}` + "\n"
	says := func(text, end string) string {
		return `{"Action":"output","Package":"x/y","Test":"TestZ","Output":"` + text + `\n"}` + "\n" + `{"Action":"` + end + `","Package":"x/y","Test":"TestZ"}` + "\n"
	}
	for _, c := range []struct {
		name, printed string
		code          int
		shown, hidden string
	}{
		{"all well", began + says("chatter", "pass") + passed, 0, "ok  \tx/y\t0.1s\n", "chatter"},
		{"a failure", began + says("why it failed", "fail") + failed, 1, "why it failed\n", ""},
		{"its name at the end", began + says("why", "fail") + failed, 1, "FAILED x/y TestZ\n", ""},
		{"a leak in a test that passes", began + says("see "+link, "pass") + passed, 1, "LEAK   x/y TestZ: upload link\n", link},
		{"a leak in a test that fails", began + says("see "+link, "fail") + failed, 1, "LEAK   x/y TestZ: upload link\n", link},
		{"a package that does not build", `{"ImportPath":"x/y","Action":"build-output","Output":"y.go:1: wrong\n"}` + "\n" + `{"ImportPath":"x/y","Action":"build-fail"}` + "\n", 1, "y.go:1: wrong\n", ""},
		{"half a line", passed + `{"Action":"out`, 2, "ok  \tx/y\t0.1s\n", ""},
		{"no tests at all", "go: cannot find main module\n", 2, "go: cannot find main module\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, complaints bytes.Buffer
			if code := tests(strings.NewReader(c.printed), &out, &complaints); code != c.code {
				t.Errorf("exit code %d, want %d: %s", code, c.code, complaints.String())
			}
			if !strings.Contains(out.String(), c.shown) {
				t.Errorf("it shows %q, without %q", out.String(), c.shown)
			}
			if c.hidden != "" && strings.Contains(out.String()+complaints.String(), c.hidden) {
				t.Error("it shows what it should not")
			}
		})
	}
}
