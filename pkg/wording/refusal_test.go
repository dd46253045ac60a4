package wording

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// TestWhatARefusalSays is a table of refusals, and of what the customer reads:
// what happened, then what to do.
func TestWhatARefusalSays(t *testing.T) {
	const (
		keys    = "Users and Access, Integrations, App Store Connect API (https://appstoreconnect.apple.com/access/integrations/api)"
		choose  = "If you belong to several teams, choose the right one at the top right of App Store Connect, and make the key there."
		moved   = "If your app has moved to another team, write to Lernwerk’s support. They can allow it, and you can then upload the same key."
		changed = "If your apps have really changed, write to Lernwerk’s support. They can allow it, and you can then upload the same key."
	)
	entered := integration.Entered{KeyID: "2X9R4HXF34", IssuerID: "57246542-96fe", TeamID: "A1B2C3D4E5", TeamName: "Acme Ltd"}
	alone := entered
	alone.IssuerID, alone.TeamName = "", ""
	level := integration.AccessLevel{Role: "App Manager", RoleWhy: "Developer can only upload builds."}
	missing := []integration.Capability{integration.Apps, integration.Builds, integration.Reviews}
	notAuthorized := func(ids string) []string {
		return []string{
			"The file is a proper key, but Apple does not accept it together with the IDs that you entered. We tried for three minutes.",
			"Compare the IDs that you entered (" + ids + ") with the page " + keys + ".",
			"The key must be listed there as Active, under Team Keys. Keys for push notifications, Sign in with Apple or In-App Purchase look alike and do not work here.",
			"If all of that is right, Apple may need some more minutes for a new key: upload the same file again a little later.",
		}
	}
	for name, c := range map[string]struct {
		refusal integration.Refusal
		level   integration.AccessLevel
		want    []string
	}{
		"not authorized": {integration.Refusal{Diagnosis: "not_authorized", Entered: entered}, level, notAuthorized("key ID 2X9R4HXF34, issuer ID 57246542-96fe")},
		"individual key": {integration.Refusal{Diagnosis: "not_authorized", Entered: alone}, level, notAuthorized("key ID 2X9R4HXF34")},
		"forbidden": {integration.Refusal{Diagnosis: "forbidden_at_all"}, level, []string{
			"Apple refuses everything that we ask with this key. Usually this means that someone revoked it.",
			"Look for the key under " + keys + ". If it is not listed there as Active, make a new one and upload that."}},
		"role": {integration.Refusal{Diagnosis: "role", Missing: missing}, level, []string{
			"Apple accepts the key, but does not let it list your apps, read builds and read customer reviews. The access of a key can’t be changed.",
			"Make a new key with at least the access App Manager and upload that. Then revoke this one. Developer can only upload builds."}},
		"role, nothing known": {integration.Refusal{Diagnosis: "role"}, integration.AccessLevel{}, []string{
			"Apple accepts the key, but does not let it do all that Lernwerk needs. The access of a key can’t be changed.",
			"Make a new key and upload that. Then revoke this one."}},
		"of another customer": {integration.Refusal{Diagnosis: "key_held"}, level, []string{
			"We can’t take this key: it is in use for another account already.",
			"Make a new key for Lernwerk and upload that. If you think that this is wrong, write to Lernwerk’s support."}},
		"of another app": {integration.Refusal{Diagnosis: "key_shared"}, level, []string{
			"This key is in use for another app of yours already.",
			"Make a key of its own for this app and upload that, or ask Lernwerk’s support to allow one key for both."}},
		"the team typed is another": {integration.Refusal{Diagnosis: "team_mismatch", Entered: entered, Found: "Z9Y8X7W6V5"}, level, []string{
			"You entered the team Acme Ltd (A1B2C3D4E5), but Apple shows that this key belongs to the team Z9Y8X7W6V5.",
			"If the team ID is wrong, enter the IDs again. The right one is at https://developer.apple.com/account under Membership details.", choose}},
		"the team typed has no name, and the other is not known": {integration.Refusal{Diagnosis: "team_mismatch", Entered: alone}, level, []string{
			"You entered the team (A1B2C3D4E5), but Apple shows that this key belongs to another team.",
			"If the team ID is wrong, enter the IDs again. The right one is at https://developer.apple.com/account under Membership details.", choose}},
		"of another team": {integration.Refusal{Diagnosis: "other_team", Team: "A1B2C3D4E5", Found: "Z9Y8X7W6V5"}, level, []string{
			"This key belongs to the team Z9Y8X7W6V5, and this connection is for the team A1B2C3D4E5. We have not stored the key.", choose, moved}},
		"of a team that is not known": {integration.Refusal{Diagnosis: "other_team", Team: "A1B2C3D4E5"}, level, []string{
			"This key does not belong to the team A1B2C3D4E5, which this connection is for. We have not stored it.", choose, moved}},
		"of another team, ours is not known": {integration.Refusal{Diagnosis: "other_team", Found: "Z9Y8X7W6V5"}, level, []string{
			"This key belongs to another team. We have not stored it.", choose, moved}},
		"of another team, which has moved meanwhile": {integration.Refusal{Diagnosis: "other_team", Team: "A1B2C3D4E5", Found: "A1B2C3D4E5"}, level, []string{
			"This key belongs to another team. We have not stored it.", choose, moved}},
		"sees other apps": {integration.Refusal{Diagnosis: "other_apps", Team: "A1B2C3D4E5"}, level, []string{
			"This key sees none of the apps that the key before it saw, so it may belong to another team. We have not stored it.", choose, changed}},
		"sees unexpected apps": {integration.Refusal{Diagnosis: "unexpected_apps", BundleIDs: []string{"com.acme.a", "com.acme.b"}}, level, []string{
			"This key sees apps, but not the ones that Lernwerk is to work on (com.acme.a and com.acme.b). It probably belongs to another team. We have not stored it.",
			choose, "If Lernwerk has the wrong app in mind, write to Lernwerk’s support."}},
		"another name": {integration.Refusal{Diagnosis: "key_id_differs", Entered: entered}, level, []string{
			"The file’s name has another key ID than the one that you entered, 2X9R4HXF34.",
			"Enter the key ID that is in the file’s name, or upload the file AuthKey_2X9R4HXF34.p8."}},
		"the link is void": {integration.Refusal{Diagnosis: "link_void"}, level, []string{
			"The upload link was used for another key, or withdrawn, before this file was accepted.",
			"If another key of yours was accepted, we’ve e-mailed you about it, and there is nothing left to do. Otherwise please ask for a new link."}},
		"nobody knows": {integration.Refusal{Diagnosis: "from_the_future"}, level, []string{
			"We could not use this file.",
			"Upload the file AuthKey_….p8 exactly as you downloaded it from App Store Connect. If it happens again, write to Lernwerk’s support."}},
	} {
		t.Run(name, func(t *testing.T) {
			e := Refusal(c.refusal, c.level, "Lernwerk")
			if diff := cmp.Diff(c.want, append([]string{e.What}, e.Do...)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestEveryDiagnosisOfAFileSaysAllInOneSentence.
func TestEveryDiagnosisOfAFileSaysAllInOneSentence(t *testing.T) {
	for _, d := range keyfile.Diagnoses() {
		if e := Refusal(integration.Refusal{Diagnosis: string(d)}, integration.AccessLevel{}, "Lernwerk"); e.What != d.Sentence() || len(e.Do) > 0 {
			t.Errorf("%s: %q, and to do: %q", d, e.What, e.Do)
		}
	}
}

// TestNoRefusalSpeaksInCodes: each of Apple's answers that refuses a key has
// words of its own.
func TestNoRefusalSpeaksInCodes(t *testing.T) {
	said := map[string]integration.Reason{}
	for _, why := range []integration.Reason{
		integration.NotAuthorized, integration.ForbiddenAtAll, integration.WrongProgram, integration.WrongKeyKind, integration.NoApps, integration.Role,
	} {
		e := Refusal(integration.Refusal{Diagnosis: string(why)}, integration.AccessLevel{}, "Lernwerk")
		if other, twice := said[e.What]; twice || strings.Contains(e.What, "_") || len(e.Do) == 0 {
			t.Errorf("%s says %q, as %q does, with %d things to do", why, e.What, other, len(e.Do))
		}
		said[e.What] = why
	}
}

func TestLists(t *testing.T) {
	for want, items := range map[string][]string{"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"}} {
		if got := List(items); got != want {
			t.Errorf("%q: got %q, want %q", items, got, want)
		}
	}
}

// TestLinksLeadToAppleOnly: whatever else looks like an address stays text.
func TestLinksLeadToAppleOnly(t *testing.T) {
	for text, want := range map[string][]Piece{
		"":      {{}},
		"plain": {{Text: "plain"}},
		"Open https://developer.apple.com/account, then press +.": {{Text: "Open "}, {"developer.apple.com/account", "https://developer.apple.com/account"}, {Text: ", then press +."}},
		"https://appstoreconnect.apple.com":                       {{}, {"appstoreconnect.apple.com", "https://appstoreconnect.apple.com"}, {}},
		"(https://developer.apple.com/a) (https://developer.apple.com/b)": {{Text: "("}, {"developer.apple.com/a", "https://developer.apple.com/a"}, {Text: ") ("},
			{"developer.apple.com/b", "https://developer.apple.com/b"}, {Text: ")"}},
		"https://evil.example/https": {{Text: "https://evil.example/https"}},
		"http://developer.apple.com": {{Text: "http://developer.apple.com"}},
	} {
		if diff := cmp.Diff(want, Links(text)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
	}
}
