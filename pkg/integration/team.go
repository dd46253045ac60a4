package integration

import (
	"slices"
	"strings"
	"time"
)

// A TeamSource says where an Apple team ID is known from.
type TeamSource string

const (
	TeamEntered    TeamSource = "entered"     // the customer typed it, and Apple shows nothing about it
	TeamSeedID     TeamSource = "seed_id"     // a bundle ID carries it as its seedId: a hint [FIELD]
	TeamInvitation TeamSource = "invitation"  // support gave it
	TeamProven     TeamSource = "certificate" // the subject of a certificate at Apple carries it [FIELD]
)

// weak reports whether a certificate may correct a team ID that is known from
// there. A row of before sources were kept has a typed ID.
func (s TeamSource) weak() bool { return s == "" || s == TeamEntered || s == TeamSeedID }

// A Team is an Apple team as it is known.
type Team struct {
	ID   string
	Name string // as the customer typed it: Apple's API has no team names
	From TeamSource
}

// A TeamMove is support's word that the next accepted key may be of another
// team, or see none of the apps that are expected. That key uses it up.
type TeamMove struct {
	At time.Time // zero: not allowed
	By string    // the actor, as in the history
}

// Allowed reports whether the next key may be of another team.
func (m TeamMove) Allowed() bool { return !m.At.IsZero() }

// A TeamError says that a key is not of the integration's team.
type TeamError struct {
	Code  string // one of the Refused… codes
	Found string // the team ID that Apple shows; empty when it shows none
}

func (e *TeamError) Error() string { return "the key is not of the integration's team: " + e.Code }

// AboutTeam reports whether the code of a refusal means that a key is not of
// the integration's team: only support can allow it.
func AboutTeam(code string) bool {
	return code == RefusedOtherTeam || code == RefusedOtherApps || code == RefusedUnexpected
}

// RefusesTeam says why the key, which Apple accepted with the outcome, is not
// one of the integration's team; nil when nothing speaks against it. Typed is
// the team ID that the customer entered with the key.
//
// A certificate decides. A seedId is weaker, since old bundle IDs carry other
// prefixes: an app seen before, or the issuer ID of the key in force, outweighs
// it. Issuer IDs are one to a team [FIELD].
func (it Integration) RefusesTeam(typed string, k Key, o Outcome) *TeamError {
	if it.TeamMove.Allowed() {
		return nil
	}
	same := it.sameAccount(k, o)
	if code, found := it.otherTeam(typed, k, o, same); code != "" {
		return &TeamError{code, found}
	}
	complete := o.Can(Apps) && !o.MoreApps
	switch {
	case complete && len(it.Apps) > 0 && !it.seesKnownApp(o):
		return &TeamError{Code: RefusedOtherApps}
	case complete && len(o.Apps) > 0 && len(it.BundleIDs) > 0 && !it.seesExpected(o):
		return &TeamError{Code: RefusedUnexpected}
	}
	return nil
}

// otherTeam looks at team IDs and issuer IDs alone.
func (it Integration) otherTeam(typed string, k Key, o Outcome, same bool) (code, found string) {
	want, code := it.TeamID, RefusedOtherTeam
	if want == "" {
		want, code = typed, RefusedTeam
	}
	proven, hinted := slices.Contains(o.TeamIDs, want), slices.Contains(o.SeedIDs, want)
	switch {
	case want == "":
		return "", ""
	case len(o.TeamIDs) > 0 && !proven && it.TeamFrom.weak() && same:
		return "", "" // the same account: what was typed is wrong, and is corrected
	case len(o.TeamIDs) > 0 && !proven:
		return code, o.TeamIDs[0]
	case !proven && !same && len(o.SeedIDs) > 0 && !hinted:
		return code, o.SeedIDs[0]
	case !proven && !same && !hinted && it.otherIssuer(k):
		return code, ""
	case typed == "" || typed == want:
		return "", ""
	case proven || hinted || same:
		return RefusedTeam, want // the right key, with a wrong ID beside it
	}
	return code, ""
}

// sameAccount reports whether the key is of the same account at Apple as the
// one in force, as far as anything else than a team ID shows it.
func (it Integration) sameAccount(k Key, o Outcome) bool {
	issuer := it.Key != nil && it.Key.IssuerID != "" && it.Key.IssuerID == k.IssuerID
	return issuer || it.seesKnownApp(o)
}

func (it Integration) otherIssuer(k Key) bool {
	return it.Key != nil && it.Key.IssuerID != "" && k.IssuerID != "" && it.Key.IssuerID != k.IssuerID
}

// seesKnownApp reports whether the outcome shows an app that was seen before.
func (it Integration) seesKnownApp(o Outcome) bool {
	return slices.ContainsFunc(o.Apps, func(a App) bool {
		return slices.ContainsFunc(it.Apps, func(b App) bool {
			return a.ID != "" && a.ID == b.ID || a.BundleID != "" && strings.EqualFold(a.BundleID, b.BundleID)
		})
	})
}

// seesExpected reports whether the outcome shows one of the bundle IDs that
// the invitation names: as an app, or registered for an app to come.
func (it Integration) seesExpected(o Outcome) bool {
	return slices.ContainsFunc(it.BundleIDs, func(want string) bool {
		is := func(id string) bool { return strings.EqualFold(id, want) }
		return slices.ContainsFunc(o.Apps, func(a App) bool { return is(a.BundleID) }) || slices.ContainsFunc(o.BundleIDs, is)
	})
}

// WantedApps are the bundle IDs that a check must look for among many apps.
func (it Integration) WantedApps() []string {
	wanted := slices.Clone(it.BundleIDs)
	for _, a := range it.Apps {
		wanted = append(wanted, a.BundleID)
	}
	return wanted
}

// Team is the integration's team.
func (it Integration) Team() Team { return Team{ID: it.TeamID, Name: it.TeamName, From: it.TeamFrom} }

func (it *Integration) setTeam(t Team) { it.TeamID, it.TeamName, it.TeamFrom = t.ID, t.Name, t.From }

// shownBy is the team that typed names, as far as the outcome shows it.
func (o Outcome) shownBy(typed Team) Team {
	t := typed
	t.From = TeamEntered
	switch {
	case slices.Contains(o.TeamIDs, t.ID):
		t.From = TeamProven
	case len(o.TeamIDs) > 0:
		t.ID, t.From = o.TeamIDs[0], TeamProven
	case slices.Contains(o.SeedIDs, t.ID):
		t.From = TeamSeedID
	case t.ID == "" && len(o.SeedIDs) > 0:
		t.ID, t.From = o.SeedIDs[0], TeamSeedID
	case t.ID == "":
		t.From = ""
	}
	return t
}

// joinTeam fixes the team with an accepted key, or confirms it. Support's word
// is used up, whether or not the key needed it.
func (c *change) joinTeam(e KeyAccepted) {
	it := &c.it
	shown := e.Outcome.shownBy(Team{ID: e.TeamID, Name: e.TeamName})
	if shown.ID == "" {
		shown.ID = it.TeamID
	}
	it.Key.Team = shown
	if shown.ID == it.TeamID && (shown.From.weak() && !it.TeamFrom.weak() || shown.From == TeamEntered && it.TeamFrom == TeamSeedID) {
		shown.From = it.TeamFrom // what proved the team before goes on proving it
	}
	if it.TeamMove.Allowed() {
		c.leaveTeam(shown.ID, e.Outcome)
	}
	it.setTeam(shown)
	it.TeamMove = TeamMove{}
}

// leaveTeam forgets what was seen, or expected, of the team before a move.
func (c *change) leaveTeam(next string, o Outcome) {
	it := &c.it
	if it.TeamID != next || o.Can(Apps) && !it.seesKnownApp(o) {
		it.Apps = nil
	}
	if it.TeamID != "" && it.TeamID != next {
		it.User, it.UserTask, it.Certificates = UserFinding{}, UserTask{}, CertificateState{Episode: it.Certificates.Episode}
	}
	if len(o.Apps) > 0 && !it.seesExpected(o) {
		it.BundleIDs = nil
	}
}

// seeTeam takes over what a check showed of the key in force's team, and
// returns the outcome that counts. A certificate corrects what was typed. Where
// it contradicts what support gave or another certificate proved, the key is
// of another team and must not be used.
func (c *change) seeTeam(o Outcome) Outcome {
	it := &c.it
	key := *it.Key
	switch shown := o.shownBy(Team{ID: it.TeamID, Name: it.TeamName}); {
	case shown.From == TeamProven, shown.From == TeamSeedID && key.Team.From.weak():
		key.Team = shown
		it.Key = &key
	}
	switch {
	case key.Team.ID == it.TeamID:
		if key.Team.From == TeamProven || key.Team.From == TeamSeedID && it.TeamFrom.weak() {
			it.TeamFrom = key.Team.From
		}
	case key.Team.From != TeamProven:
	case it.TeamID == "", it.TeamFrom.weak(), it.TeamMove.Allowed():
		c.correctTeam(key)
	case o.Verdict == OK || o.Verdict == Blocked:
		o.Verdict, o.Reason, o.Missing = Blocked, WrongTeam, nil
	}
	return o
}

// correctTeam follows the certificate of the key in force, and tells support.
func (c *change) correctTeam(key Key) {
	it := &c.it
	if it.TeamID != "" {
		f := Facts{KeyID: key.KeyID, TeamID: key.Team.ID, OldTeamID: it.TeamID}
		c.notice(NoticeTeamDiffers, ToSupport, string(key.Upload)+"-"+key.Team.ID, Notice{Facts: f})
	}
	it.setTeam(key.Team)
	it.TeamMove = TeamMove{}
}

// listedTeams looks at a list of certificates. What it shows of the team is
// left to a check, which can act on it: one is made due at once.
func (c *change) listedTeams(listed []Certificate) {
	it := &c.it
	var shown []string
	for _, cert := range listed {
		if cert.TeamID != "" {
			shown = append(shown, cert.TeamID)
		}
	}
	if len(shown) == 0 || slices.Contains(shown, it.Key.Team.ID) || it.Check.Lease.Held(c.now) {
		return
	}
	it.Check.DueAt, it.ProbedAt = c.now, time.Time{}
}

// otherTeamsKey tells support of a key that was refused because of its team.
func (c *change) otherTeamsKey(e KeyOfOtherTeam) {
	f := Facts{Contact: e.Contact, KeyID: e.Entered.KeyID, TeamID: e.Found, OldTeamID: c.it.TeamID, Diagnosis: e.Diagnosis}
	c.notice(NoticeWrongTeam, ToSupport, string(e.Upload)+"-"+e.Diagnosis, Notice{Facts: f})
}

// AllowTeamMove and its withdrawal are words of support's; saying one twice
// changes nothing.
func (c *change) allowTeamMove(by string) {
	if !c.it.TeamMove.Allowed() {
		c.it.TeamMove = TeamMove{At: c.now, By: by}
	}
}
