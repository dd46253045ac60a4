package main

import (
	"errors"
	"net/http"

	"keyward/pkg/operator"
)

// The exit codes; see the package comment.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitForbidden   = 4
	exitRefused     = 5
	exitUnavailable = 6
)

// A usageError is a command line that cannot be meant.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usage(text string) error { return &usageError{text} }

// nothingError says that a name led nowhere.
type nothingError struct{ text string }

func (e *nothingError) Error() string { return e.text }

func exitCode(err error) int {
	var wrong *usageError
	var nothing *nothingError
	var late *noOutcomeError
	var p *operator.Problem
	switch {
	case errors.As(err, &wrong):
		return exitUsage
	case errors.As(err, &nothing):
		return exitNotFound
	case errors.Is(err, operator.ErrUnreachable), errors.As(err, &late):
		return exitUnavailable
	case errors.As(err, &p):
		return exitOfStatus(p.Status)
	}
	return exitFailed
}

func exitOfStatus(status int) int {
	switch {
	case status == http.StatusNotFound:
		return exitNotFound
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return exitForbidden
	case status >= 500:
		return exitUnavailable
	}
	return exitRefused
}

// hintFor says what to do where the error itself does not.
func hintFor(err error) string {
	var p *operator.Problem
	switch {
	case errors.Is(err, operator.ErrUnreachable):
		return `Is it running? "keyward local" starts it on this machine; --url says where else it is.`
	case errors.As(err, &p) && p.Code == operator.CodeReferenceTaken:
		return "It is there as " + p.Integration + ": keyward show " + p.Integration
	case errors.As(err, &p) && p.Code == operator.CodeLastAdmin:
		return "Say --last-admin if you mean it."
	case errors.As(err, &p) && p.Code == operator.CodeInvalid && p.Field != "":
		return "This is about: " + p.Field
	}
	return ""
}
