// Package validate does one check: it asks Apple, with the key in force,
// whether the integration still works, and applies the answer.
//
//	message ─▶ load ─▶ the leased check? ─▶ vault ─▶ Apple ─▶ marks of the fleet ─▶ Apply ─▶ one transaction
//
// A healthy check costs one read and one write of the store, one read of the
// vault and one call to Apple. A message about a check that is not leased any
// more is done with at once, so that duplicates and late ones cost one read.
//
// Nothing is kept between checks: no secret, no state. A crash at any point is
// mended by the message coming again, or by the sweep when the lease runs out.
// Marks are set before the transaction, and are no part of it: one too many is
// pruned by the sweep, one too few would hide an outage.
package validate
