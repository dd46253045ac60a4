// Package asctest is a simulated App Store Connect: an http.Handler that
// answers like Apple's API, for tests, for the demonstration and for a first
// tour without an Apple account. A client made by others must not be able to
// tell it from Apple's.
//
// A request passes, in this order: the token (401), faults that somebody
// asked for, the rate limit (429), the team's membership and agreements (403),
// the route (404, 403), the kind and the roles of the key (403), the
// parameters (400) and the body (400, 409, 422). Only then does the store
// answer. Which paths, parameters and attributes there are comes from a digest
// of Apple's OpenAPI document (internal/digest); the tests hold every answer
// to the same digest.
//
// Hosts mount one store three times: a Server is the standard program's API,
// Server.Enterprise is that of the Apple Developer Enterprise Program, and
// Server.Admin is a page and a JSON API to control all of it by hand. Site
// puts the three together.
//
// Where neither the document nor Apple's prose says how Apple behaves, the
// comments say [FIELD] (reported by users, or seen in several clients) or
// [GUESS] (an assumption; most can be configured).
package asctest
