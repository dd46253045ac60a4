package integration

import (
	"errors"
	"fmt"
)

var (
	// ErrNotFound comes from every store when nothing is there.
	ErrNotFound = errors.New("not found")
	// ErrConflict comes from a store when somebody else wrote first. Read
	// again, decide again, write again: see Retry.
	ErrConflict = errors.New("written by somebody else meanwhile")
	// ErrTaken comes from a store when a name that must be unique (a
	// reference, a public key's ownership) belongs to another integration.
	ErrTaken = errors.New("taken by another integration")
	// ErrInvalid marks input that a person or a program must mend.
	ErrInvalid = errors.New("invalid")
	// ErrChanged comes from the upload store when the object under the key
	// is not the one that the event was about.
	ErrChanged = errors.New("changed meanwhile")
	// ErrUndeliverable comes from a mailer when the mail was not sent, because
	// its service will never send to this address.
	ErrUndeliverable = errors.New("address rejected")
	// ErrNotSent comes from a mailer when the mail was certainly not sent, and
	// its recipient is not the cause: sending is paused, the sender is not
	// verified. ErrThrottled means the same.
	ErrNotSent = errors.New("not sent")
	// ErrThrottled comes from an adapter when its service asked to slow down
	// and retries did not help.
	ErrThrottled = errors.New("throttled")
)

// A TransitionError says that an event has no meaning in a state.
type TransitionError struct {
	State State
	Event string
}

func (e *TransitionError) Error() string {
	return fmt.Sprintf("an integration that is %s cannot take %s", e.State, e.Event)
}

// ErrLinkVoid says that the upload link was used or revoked meanwhile.
var ErrLinkVoid = errors.New("the upload link is void")
