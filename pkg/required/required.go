// Package required finds what the Config of a service lacks.
package required

import (
	"errors"
	"fmt"
)

// A Field is a field of a Config that must be set.
type Field struct {
	Name   string
	Absent bool
}

// Check lists every absent field, in the order given: an error's text is the
// same on every run. It is nil where all are set.
func Check(service string, fields ...Field) error {
	var errs []error
	for _, f := range fields {
		if f.Absent {
			errs = append(errs, fmt.Errorf("%s: Config.%s is missing", service, f.Name))
		}
	}
	return errors.Join(errs...)
}
