package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestLambdaNeedsTheRepository: elsewhere there is no template to run.
func TestLambdaNeedsTheRepository(t *testing.T) {
	t.Chdir(t.TempDir())
	var out, said bytes.Buffer
	s := &session{streams: streams{out: &out, err: &said}}
	_, demoErr := lambdaWorld(t.Context(), s, functionLog(&said, true))
	localErr := (&localCmd{}).runOnLambda(t.Context(), s)
	for _, err := range []error{demoErr, localErr} {
		if err == nil || !strings.Contains(err.Error(), "in Keyward's repository only") {
			t.Errorf("got %v", err)
		}
	}
	if err := (&localCmd{Apple: "https://apple.example"}).runOnLambda(t.Context(), s); err == nil || exitCode(err) != exitUsage {
		t.Errorf("got %v", err)
	}
	if flag := (onLambda{}); flag.Lambda {
		t.Error("it is on by itself")
	}
}
