// Package operator is what the vendor's own people and programs do with
// integrations: a JSON API, and a typed client for it that the command line
// and the console share.
//
// Who may do what is by role. The host says who calls (an ARN), Config says
// which role that is:
//
//	support     everything but tokens
//	automation  an integration by its reference, and tokens
//	export      lists, one integration, its history; no addresses
//
// A call that its role does not allow is answered 403 and written to the
// history of the integration that it was about, or of the fleet.
//
// Answers are JSON; failures are RFC 9457 problems with a stable code and a
// sentence that says what to do. Texts of inner errors never leave the
// service. Addresses, keys and tokens travel in bodies only, so that URLs and
// logs are free of them.
//
// # Doing things twice
//
// References are unique: creating an integration whose reference is taken
// answers 409 reference_taken and names the integration that has it, so that a
// lost answer can be found again. With an Idempotency-Key header, repeating
// the same request answers with the integration that the first one made; the
// same key with another request is refused. All other calls may be repeated:
// what is already so stays so. Exceptions are issuing a link, which sends one
// more mail, and ending a fleet hold, which is refused once there is none.
//
// # Changing at the same time
//
// An integration's answers carry an ETag, its version. PATCH with If-Match
// changes only that version, else answers 412; without If-Match the last
// writer wins.
package operator
