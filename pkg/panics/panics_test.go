package panics_test

import (
	"errors"
	"strings"
	"testing"

	"keyward/pkg/panics"
)

func TestWhatDoesNotPanicIsLeftAlone(t *testing.T) {
	if err := panics.Catch(func() error { return nil }); err != nil {
		t.Error(err)
	}
	want := errors.New("mine")
	if err := panics.Catch(func() error { return want }); err != want {
		t.Error(err)
	}
}

//go:noinline
func bad(which string) {
	var list []int
	switch which {
	case "text":
		panic("canary-secret")
	case "error":
		panic(errors.New("canary-secret"))
	case "bounds":
		list[len(which)] = 1
	}
}

func TestAPanicSaysWhereAndNotWithWhat(t *testing.T) {
	for which, kind := range map[string]string{
		"text": "string", "error": "*errors.errorString", "bounds": "runtime.boundsError",
	} {
		t.Run(which, func(t *testing.T) {
			err := panics.Catch(func() error { bad(which); return nil })
			var p *panics.Error
			if !errors.As(err, &p) {
				t.Fatalf("got %T", err)
			}
			if p.Type != kind {
				t.Errorf("with %s, want %s", p.Type, kind)
			}
			if len(p.At) != 2 || !strings.Contains(p.At[0], "panics_test.bad:") || !strings.Contains(p.At[1], "TestAPanicSays") {
				t.Errorf("at %q", p.At)
			}
			if text := err.Error(); strings.Contains(text, "canary") || !strings.Contains(text, p.At[0]) {
				t.Errorf("it says %q", text)
			}
		})
	}
}
