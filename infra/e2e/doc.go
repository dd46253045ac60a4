// Package e2e runs Keyward as AWS would, on one machine: the real
// bootstraps under Lambda's Runtime API, everything else as template.yaml says
// after SAM's transform.
//
//	template.yaml ─▶ template.Stack ─┬▶ tables, bucket, queues, identities in moto
//	                                 ├▶ functions: environment, time-out, concurrency
//	                                 ├▶ mappings, rules, schedules, function URLs
//	                                 └▶ roles and policies: who may do what
//
//	browser ─▶ function URL ─▶ bootstrap ──signed with its own key──▶ gate ─▶ moto
//	S3 ─event─▶ rule ─▶ queue ─▶ mapping ─▶ bootstrap      table ─stream─▶ mapping ─▶ bootstrap
//
// What the template does not give is not there: a function lacks a variable, a
// role a permission, a queue its reader, and the story fails.
//
// # Time
//
// The domain lives on a virtual clock, told by HTTP at CLOCK_URL. Delays,
// visibility, schedules and retries are held here by the same clock.
// Signatures, deadlines and TLS stay on the wall clock, and so does moto.
//
// # Where this is not AWS
//
// Everything is delivered once and in order, in a single thread of time, and as
// soon as it may be. A schedule with a flexible window runs at the moment of
// the window when there is something to do; minutes without any are skipped.
// Log groups, alarms, CloudFront and encryption are not here, only the
// permissions that encryption needs.
package e2e
