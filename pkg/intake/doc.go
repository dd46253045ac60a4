// Package intake judges uploads: it takes a key file out of the upload
// bucket, asks Apple about it, keeps the key if it is good, and lets nothing
// stay behind.
//
// # One attempt
//
// An attempt is (upload, ETag); one message is one look at it:
//
//	read ─▶ parse ─▶ check with Apple ─▶ vault ─▶ one transaction ─▶ delete the object
//	                        │
//	                        └─ not settled: queue a delayed message, then note that the upload waits
//
//	open ──▶ accepted          Apple accepted the signature, and the key can do what is needed
//	  │ ▲──▶ refused           wrong file, wrong key, role too low, other team, held elsewhere, void link
//	  ▼ │
//	waiting ──▶ expired        Apple said nothing conclusive for 20 h
//
// # Why it may be interrupted anywhere
//
// The transaction is the only step that decides. Before it, everything can be
// repeated: reading changes nothing, the vault takes the same key twice. After
// it, a message about the same attempt finds the verdict and only deletes the
// object. A delayed message is queued before the waiting is written down, so
// that a crash between the two makes one message too many, never one too few;
// the surplus one finds that another is on its way and ends.
//
// A secret must not stay without an owner. Who refuses an upload looks whether
// an earlier run, or another file of the same form, left a secret under its
// name; then the same transaction puts it into the integration's trash.
//
// Two files may come through one form. The object in the bucket is the one
// that counts: whoever finds the other's secret in its way reads its object
// again, with If-Match, and gives up when that has changed.
package intake
