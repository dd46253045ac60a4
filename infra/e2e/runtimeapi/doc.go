// Package runtimeapi runs a function's real bootstrap the way Lambda does: in
// environments, each a process with a Runtime API of its own, which handle one
// event at a time.
//
//	Invoke ──▶ idle environment, or a new one ──▶ GET  …/invocation/next
//	       ◀── answer or error                ◀── POST …/invocation/<id>/response, /error
//
// A function that takes longer than its time-out loses its environment, and so
// does one whose process ends. The next event gets a fresh one.
//
// Source: AWS Lambda Developer Guide, "Using the Lambda runtime API" and
// "Defined runtime environment variables" [AWS].
package runtimeapi
