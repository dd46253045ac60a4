// Package notify sends the mails that notices ask for.
//
// A notice is written in the transaction that makes it true; the table's
// stream brings it here. Each goes
//
//	pending ──lease──▶ sending ──▶ sent
//	   ▲                  │ └────▶ dropped  (sent twice perhaps, never confirmed: support is told)
//	   │                  └ lease runs out, sweep or stream brings it again
//	   └── address refused, mail bounced: the next contact
//	pending ──▶ dropped   outlived its sense, older than MaxAge, or nobody left to write to
//
// Every arrow is a compare-and-swap, so of many who try one wins. The invariant:
// no mail goes out without a lease written before it, and a lease that ended
// without a clear answer counts as a mail that may have gone out. Two of
// those are the end (MaxAttempts), therefore a recipient gets at most one
// duplicate, and only after a crash or a time-out in the middle of sending.
//
// What a mail says is in templates/, one file for each kind; Renderer fills
// them in, purely. Addresses, link tokens and the texts of errors that a mail
// service gives never reach a log: they name people.
package notify
