// Package sweep finds what is due, stale or left behind, and queues it. It
// runs every minute, and does no work of its own that takes long.
//
//	every minute ─┬─▶ fleet: counts, fleet hold, agreement wave, silence
//	              ├─▶ 16 shards of due work ─┬─▶ check due        lease it, then queue it
//	              │                          ├─▶ certificates due lease them, then queue them
//	              │                          ├─▶ secrets to go    delete, free the key, tell the domain
//	              │                          ├─▶ time has passed  Tick
//	              │                          └─▶ notice not sent  show it to notify again, or drop it
//	              ├─▶ objects left behind ─▶ intake
//	              └─▶ dead letters ─▶ back to their queues, a few times
//
// # Leases
//
// A check's lease is written before its message is queued, so that two sweeps
// at once never queue the same check twice. A crash between the two costs the
// length of the lease, 15 minutes: then the check is due again, under a new
// ID, and an answer to the old one counts no more.
//
// # What is due must be read again
//
// The index of due work may lag. Every line of it is only a hint: the
// integration, or the notice, is read, and plan decides what it needs.
package sweep
