package operator

import "keyward/pkg/integration"

// because says what a reason means, to support.
func because(r integration.Reason) string {
	switch r {
	case integration.NotAuthorized:
		return "Apple does not accept the key: it was revoked, or its IDs are wrong."
	case integration.ForbiddenAtAll:
		return "Apple forbids the key everything: it may have been revoked."
	case integration.WrongProgram:
		return "The key belongs to the other Apple developer program (Enterprise instead of standard, or the reverse)."
	case integration.WrongKeyKind:
		return "It is an individual key, and the access level needs a team key."
	case integration.WrongTeam:
		return "Certificates at Apple show that the key belongs to another team than this integration. Tokens are refused."
	case integration.Reauthorisation:
		return "The contact was asked to confirm the integration, and nobody did."
	case integration.Agreement:
		return "An agreement with Apple is missing, expired or not accepted."
	case integration.Membership:
		return "The Apple Developer Program membership has lapsed."
	case integration.Role:
		return "The key's role is too low for what the access level requires."
	case integration.NoApps:
		return "The key sees no app, and the access level needs one."
	}
	return becauseInconclusive(r)
}

func becauseInconclusive(r integration.Reason) string {
	switch r {
	case integration.RateLimited:
		return "Apple asks us to slow down."
	case integration.Outage:
		return "Apple's servers don't work, or something in front of them answers."
	case integration.Timeout:
		return "Apple did not answer in time."
	case integration.Nonsense:
		return "Apple's answer could not be understood."
	case integration.VaultDown:
		return "Our own vault did not give the key."
	case integration.OurClock:
		return "Our own clock is more than a minute off Apple's, so Apple refuses our tokens. The key is not to blame."
	case integration.NotTheRole:
		return "Apple refuses something that an Admin key may do, although the key reads the team's users. A key with another role won't help; Apple's developer support can say why."
	case "":
		return "No reason is known."
	}
	return "The reason is " + string(r) + "."
}

// remedy says who must do what.
func remedy(r integration.Reason) string {
	switch r {
	case integration.Agreement:
		return "The Account Holder accepts the agreement in App Store Connect, under Business."
	case integration.Membership:
		return "The Account Holder renews the membership at developer.apple.com."
	case integration.Role:
		return "The customer makes a new key with a higher role, and uploads it through a link: a key's role cannot be changed."
	case integration.WrongTeam:
		return "The customer uploads a key of the right team; or, if the customer moved to the other team, set that team or allow the move."
	case integration.NoApps:
		return "The customer creates the app in App Store Connect, or gives the key access to it."
	}
	return "The customer fixes it at Apple."
}
