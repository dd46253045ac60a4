// Package certificates takes the inventory of a team's signing certificates:
// it lists them all, keeps what it saw, and lets the domain decide which one
// is watched and whether somebody must be warned.
//
//	message ─▶ load ─▶ the leased look? ─▶ vault ─▶ list at Apple ─▶ compare ─▶ Apply ─▶ one transaction
//
// Only a complete list counts: a certificate that vanished from it is taken to
// be revoked, or not visible any more [FIELD], so half a list would raise
// false alarms.
package certificates
