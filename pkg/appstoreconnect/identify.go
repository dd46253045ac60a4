package appstoreconnect

import (
	"context"

	"keyward/pkg/integration"
)

// Identify finds out as what Apple accepts a key that it answered 401 as what
// creds says: as the other kind (an individual key's token has sub = "user"
// and no issuer [APPLE]), or at the other program's host. It makes one call
// for each, two at most, without a second try.
//
// Where one is accepted, the credentials say as what, and the outcome is
// Rejected with WrongKeyKind or WrongProgram and that kind. An access level
// that can use the key so may be checked again with those credentials. Where
// none is, creds comes back unchanged with Rejected and NotAuthorized, or
// Inconclusive when an answer is missing or says nothing about the key.
//
// Accepted means an OK, or a refusal for the sake of an agreement or the
// membership: those come after the signature. A plain 403 does not count: Apple
// also gives it to keys that it does not know [FIELD]. A program for which no
// server is configured is left out.
func (c *Client) Identify(ctx context.Context, creds Credentials) (Credentials, integration.Outcome) {
	ctx, cancel := bound(ctx)
	defer cancel()
	none := integration.Outcome{Verdict: integration.Rejected, Reason: integration.NotAuthorized}
	for _, g := range creds.guesses() {
		if _, ok := c.hosts[g.creds.program()]; !ok {
			continue
		}
		err := c.knock(ctx, g.creds)
		switch verdict, reason := Classify(err); {
		case verdict == integration.OK, reason == integration.Agreement, reason == integration.Membership:
			return g.creds, integration.Outcome{Verdict: integration.Rejected, Reason: g.reason, Kind: g.creds.kind()}
		case verdict != integration.Rejected:
			none = integration.Outcome{Verdict: integration.Inconclusive, Reason: reason, RetryIn: answerIn(err).RetryAfter}
		}
	}
	return creds, none
}

// A guess is another way to read the same key.
type guess struct {
	creds  Credentials
	reason integration.Reason
}

func (c Credentials) guesses() []guess {
	otherKind, otherProgram := c, c
	otherKind.Kind, otherProgram.Program = integration.IndividualKey, integration.Enterprise
	if c.kind() == integration.IndividualKey {
		otherKind.Kind = integration.TeamKey
	}
	if c.program() == integration.Enterprise {
		otherProgram.Program = integration.Standard
	}
	var possible []guess
	for _, g := range []guess{{otherKind, integration.WrongKeyKind}, {otherProgram, integration.WrongProgram}} {
		if g.creds.validate() == nil { // a team key needs an issuer ID
			possible = append(possible, g)
		}
	}
	return possible
}

// knock makes the one request that any key of the program may make: apps, and
// bundle IDs in the Enterprise Program, which has no apps.
func (c *Client) knock(ctx context.Context, creds Credentials) error {
	s := c.session(creds, true)
	u, err := gate(creds, integration.AccessLevel{}).quick().target(c, creds.program(), "")
	if err != nil {
		return err
	}
	_, _, err = s.try(ctx, u)
	return err
}
