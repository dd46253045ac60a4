// Package wording has the sentences that the portal’s pages and the e-mails
// share, so that the two never say different things about one fact. All texts
// are plain, without markup; Apple’s addresses in them are for the reader to
// open (see Links).
package wording

import (
	"slices"
	"strings"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// An Explanation says why a file was refused, and what to do.
type Explanation struct {
	What string
	Do   []string // may be empty: What says it all
}

// Where Apple has its pages.
const (
	keysPage    = "Users and Access, Integrations, App Store Connect API (https://appstoreconnect.apple.com/access/integrations/api)"
	accountPage = "https://developer.apple.com/account"
)

// Refusal explains a refusal to the customer. Level is the integration’s, and
// vendor the name that customers know.
func Refusal(r integration.Refusal, level integration.AccessLevel, vendor string) Explanation {
	if d := keyfile.Diagnosis(r.Diagnosis); slices.Contains(keyfile.Diagnoses(), d) {
		return Explanation{What: d.Sentence()}
	}
	switch r.Diagnosis {
	case string(integration.NotAuthorized):
		return notAuthorized(r.Entered)
	case string(integration.ForbiddenAtAll):
		return Explanation{
			What: "Apple refuses everything that we ask with this key. Usually this means that someone revoked it.",
			Do:   []string{"Look for the key under " + keysPage + ". If it is not listed there as Active, make a new one and upload that."},
		}
	case string(integration.WrongProgram):
		return Explanation{
			What: "This key belongs to another developer program: the Apple Developer Enterprise Program and the Apple Developer Program have separate keys.",
			Do:   []string{"Make a key in the team that publishes your app in the App Store, and upload that."},
		}
	case string(integration.WrongKeyKind):
		return Explanation{
			What: "This is an individual key, which belongs to one person and can’t do all that " + vendor + " needs.",
			Do:   []string{"Make a key under Team Keys, on the page " + keysPage + ", and upload that."},
		}
	case string(integration.NoApps):
		return Explanation{
			What: "Apple accepts the key, but shows it no app.",
			Do:   []string{"If your app is not at https://appstoreconnect.apple.com/apps yet, press +, then New App, and fill in the form. Then upload the same file again."},
		}
	case string(integration.Role):
		return roleTooLow(r, level, vendor)
	}
	return refusedByUs(r, vendor)
}

func notAuthorized(e integration.Entered) Explanation {
	ids := "key ID " + e.KeyID
	if e.IssuerID != "" {
		ids += ", issuer ID " + e.IssuerID
	}
	return Explanation{
		What: "The file is a proper key, but Apple does not accept it together with the IDs that you entered. We tried for three minutes.",
		Do: []string{
			"Compare the IDs that you entered (" + ids + ") with the page " + keysPage + ".",
			"The key must be listed there as Active, under Team Keys. Keys for push notifications, Sign in with Apple or In-App Purchase look alike and do not work here.",
			"If all of that is right, Apple may need some more minutes for a new key: upload the same file again a little later.",
		},
	}
}

func roleTooLow(r integration.Refusal, level integration.AccessLevel, vendor string) Explanation {
	able := "do all that " + vendor + " needs"
	if len(r.Missing) > 0 {
		able = List(titles(r.Missing))
	}
	access := ""
	if level.Role != "" {
		access = " with at least the access " + level.Role
	}
	why := ""
	if level.RoleWhy != "" {
		why = " " + level.RoleWhy
	}
	return Explanation{
		What: "Apple accepts the key, but does not let it " + able + ". The access of a key can’t be changed.",
		Do:   []string{"Make a new key" + access + " and upload that. Then revoke this one." + why},
	}
}

func titles(cs []integration.Capability) []string {
	out := make([]string, len(cs))
	for i, c := range cs {
		out[i] = c.Title()
	}
	return out
}

// refusedByUs is for refusals that Apple has no part in.
func refusedByUs(r integration.Refusal, vendor string) Explanation {
	switch r.Diagnosis {
	case integration.RefusedHeld:
		return Explanation{
			What: "We can’t take this key: it is in use for another account already.",
			Do:   []string{"Make a new key for " + vendor + " and upload that. If you think that this is wrong, write to " + vendor + "’s support."},
		}
	case integration.RefusedShared:
		return Explanation{
			What: "This key is in use for another app of yours already.",
			Do:   []string{"Make a key of its own for this app and upload that, or ask " + vendor + "’s support to allow one key for both."},
		}
	case integration.RefusedTeam:
		return otherTeam(r)
	case integration.RefusedOtherTeam, integration.RefusedOtherApps, integration.RefusedUnexpected:
		return notThisTeam(r, vendor)
	case integration.RefusedLinkVoid:
		return Explanation{
			What: "The upload link was used for another key, or withdrawn, before this file was accepted.",
			Do:   []string{"If another key of yours was accepted, we’ve e-mailed you about it, and there is nothing left to do. Otherwise please ask for a new link."},
		}
	case integration.RefusedName:
		return Explanation{
			What: "The file’s name has another key ID than the one that you entered, " + r.Entered.KeyID + ".",
			Do:   []string{"Enter the key ID that is in the file’s name, or upload the file AuthKey_" + r.Entered.KeyID + ".p8."},
		}
	}
	return Explanation{
		What: "We could not use this file.",
		Do:   []string{"Upload the file AuthKey_….p8 exactly as you downloaded it from App Store Connect. If it happens again, write to " + vendor + "’s support."},
	}
}

func otherTeam(r integration.Refusal) Explanation {
	shown := "another team"
	if r.Found != "" {
		shown = "the team " + r.Found
	}
	return Explanation{
		What: "You entered the team " + strings.TrimSpace(r.Entered.TeamName+" ("+r.Entered.TeamID+")") +
			", but Apple shows that this key belongs to " + shown + ".",
		Do: []string{
			"If the team ID is wrong, enter the IDs again. The right one is at " + accountPage + " under Membership details.",
			chooseTeam,
		},
	}
}

const chooseTeam = "If you belong to several teams, choose the right one at the top right of App Store Connect, and make the key there."

// notThisTeam is for keys that would open another company's apps, or may.
func notThisTeam(r integration.Refusal, vendor string) Explanation {
	moved := "If your app has moved to another team, write to " + vendor + "’s support. They can allow it, and you can then upload the same key."
	switch {
	case r.Diagnosis == integration.RefusedOtherApps:
		return Explanation{
			What: "This key sees none of the apps that the key before it saw, so it may belong to another team. We have not stored it.",
			Do: []string{chooseTeam, "If your apps have really changed, write to " + vendor +
				"’s support. They can allow it, and you can then upload the same key."},
		}
	case r.Diagnosis == integration.RefusedUnexpected:
		return Explanation{
			What: "This key sees apps, but not the ones that " + vendor + " is to work on (" + List(r.BundleIDs) +
				"). It probably belongs to another team. We have not stored it.",
			Do: []string{chooseTeam, "If " + vendor + " has the wrong app in mind, write to " + vendor + "’s support."},
		}
	case r.Team == "" || r.Found == r.Team:
		return Explanation{What: "This key belongs to another team. We have not stored it.", Do: []string{chooseTeam, moved}}
	case r.Found == "":
		return Explanation{
			What: "This key does not belong to the team " + r.Team + ", which this connection is for. We have not stored it.",
			Do:   []string{chooseTeam, moved},
		}
	}
	return Explanation{
		What: "This key belongs to the team " + r.Found + ", and this connection is for the team " + r.Team + ". We have not stored the key.",
		Do:   []string{chooseTeam, moved},
	}
}
