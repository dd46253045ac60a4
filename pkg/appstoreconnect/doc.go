// Package appstoreconnect is a client of Apple's App Store Connect API, as
// far as Keyward needs it: it mints tokens, asks for the little that proves a
// key, lists certificates, and turns whatever comes back into an
// integration.Outcome.
//
// # From an answer to an outcome
//
//	key ─Mint─▶ token ─GET─▶ answer ─▶ error ─Classify─▶ verdict, reason ─▶ finding
//	                                                  findings ─judge─▶ Outcome
//
// Every error of this package, from a broken connection to an error object of
// Apple's, goes through one table (classify.go). A quick check makes one call.
// Only when that call answers 403 does it probe every capability, because one
// 403 cannot tell a role that is too low from a key that was revoked.
//
// # A role too low, or a revoked key
//
// Both answer 403 FORBIDDEN_ERROR, and Apple publishes no matrix of endpoints
// and roles. What tells them apart is the rest of the answers: a key that can
// do anything at all exists, so its other refusals are about its role. A key
// whose every probe is refused with a plain 403, the list of apps among them
// and endpoints of different roles too, is taken to be revoked
// (ForbiddenAtAll) [GUESS]. An agreement or membership code anywhere means
// that Apple knows the key. One probe that did not answer is enough to leave
// the question open: the outcome is inconclusive.
//
// A key that reads the team's users is an Admin's [FIELD]: what it is refused
// has another reason than its role (NotTheRole), and the outcome is
// inconclusive.
//
// # Only Apple's word counts
//
// A 401 or 403 without an error object of Apple's is inconclusive, and so is a
// 401 to a request that was signed by a clock which differs from Apple's by
// more than a minute. A list with fewer resources than Apple counts, or one
// that repeats a resource, is not complete, and proves nothing.
//
// # What is trusted
//
// Facts carry the marks of Apple's OpenAPI document [SPEC], Apple's prose
// [APPLE], reports from the field [FIELD] and guesses [GUESS]. What is neither
// [SPEC] nor [APPLE] is decoded tolerantly. Apple's title and detail texts can
// contain names: they are never kept, logged or part of an error. Tokens print
// as REDACTED.
package appstoreconnect
