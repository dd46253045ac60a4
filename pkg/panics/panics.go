// Package panics turns a panic into an error that says where it came from, and
// never with what: the value may hold anything, a key among it.
package panics

import (
	"fmt"
	"runtime"
	"strings"
)

// An Error is a panic that was caught. It may be logged.
type Error struct {
	Type string   // of the value that was panicked with
	At   []string // the functions and lines that led to it, the last first
}

func (e *Error) Error() string {
	return fmt.Sprintf("panic with %s at %s", e.Type, strings.Join(e.At, ", from "))
}

// Catch is what the function returns, or an *Error if it panics.
func Catch(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Error{Type: fmt.Sprintf("%T", v), At: led()}
		}
	}()
	return do()
}

const (
	maxFrames = 32
	maxShown  = 12
)

// led is what was running, from the panic up to Catch. A stack as
// runtime/debug prints it shows the words of arguments too.
func led() []string {
	pcs := make([]uintptr, maxFrames)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)]) // below this function and the deferred one
	var at []string
	for more := true; more && len(at) < maxShown; {
		var f runtime.Frame
		f, more = frames.Next()
		switch {
		case strings.HasSuffix(f.Function, "pkg/panics.Catch"):
			return at
		case strings.HasPrefix(f.Function, "runtime."): // how Go panics
		default:
			at = append(at, fmt.Sprintf("%s:%d", f.Function, f.Line))
		}
	}
	return at
}
