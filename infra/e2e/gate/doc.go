// Package gate stands before moto and is AWS where moto is not: it knows whose
// credentials a request is signed with, and lets through what that caller's
// role may do.
//
//	bootstrap ──signed──▶ Gate ── whose? ── which actions? ── allowed? ──▶ moto
//	browser ──form POST──▶ Gate ── policy, signature ──▶ the same, as a PUT by the signer
//
// One request can ask for several permissions: each item of a transaction, the
// key behind a secret or a file. A request that the gate cannot name is denied,
// never waved through.
//
// Beside that it mends what moto does wrong or not at all: DynamoDB calls go
// through one at a time (a cancelled transaction takes other writers' work
// back), POST policies are enforced, conditional deletes are too, and listings
// show times of the virtual clock.
package gate
