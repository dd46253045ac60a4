package asctest

import (
	"errors"
	"fmt"
	"time"

	"keyward/pkg/integration"
)

// A Program is the Apple developer program of a team.
type Program = integration.Program

// The programs, as the rest of Keyward names them.
const (
	Standard   = integration.Standard
	Enterprise = integration.Enterprise
)

// An Agreement is how a team stands with Apple's agreements.
type Agreement string

const (
	AgreementOK         Agreement = "ok"
	AgreementExpired    Agreement = "expired"     // missing or expired: 403 FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED
	AgreementNewLicense Agreement = "new_license" // new licence not accepted: 403 FORBIDDEN_ERROR.PLA_NOT_ACCEPTED [FIELD]
	AgreementNewOld     Agreement = "new_license_old_form"
	// ^ the same in its older form: 403 FORBIDDEN, "Access Unavailable" [FIELD]
)

// Agreements lists every state of a team's agreements.
func Agreements() []Agreement {
	return []Agreement{AgreementOK, AgreementExpired, AgreementNewLicense, AgreementNewOld}
}

// A Membership is the state of a team's program membership.
type Membership string

const (
	MembershipActive Membership = "active"
	MembershipLapsed Membership = "lapsed" // 403 FORBIDDEN_ERROR, "… not associated with an active membership…" [FIELD]
)

// A Team is a team at Apple, as AddTeam takes and Teams gives it. Everything
// may be left out.
type Team struct {
	TeamID       string     // ten of A–Z and 0–9; default random
	Name         string     // default "Example Team"
	IssuerID     string     // default random; shaped like a UUID
	Program      Program    // default Standard
	Membership   Membership // default active
	Agreement    Agreement  // default ok
	VendorNumber string     // for sales reports; default random, eight digits

	// What the team has. Nil means one of each that makes sense, an empty
	// slice means none. Each app brings its bundle ID, a build and a review.
	// The first user with the role AccountHolder is the Account Holder, whose
	// name Apple's error details contain.
	Apps        []App
	Users       []User
	Invitations []Invitation // nil: none
	Devices     []Device     // nil: none
}

// An App is an app record.
type App struct {
	ID       string // numeric; default random
	BundleID string // must
	Name     string // must
	SKU      string // default made from the bundle ID
	Locale   string // default en-US
}

// A User is a member of a team.
type User struct {
	ID                  string // default random
	Username            string // an e-mail address; must
	FirstName, LastName string
	Roles               []Role
	Provisioning        bool // "Access to Certificates, Identifiers & Profiles"
}

// An Invitation is a user who has not accepted yet.
type Invitation struct {
	Email               string
	FirstName, LastName string
	Roles               []Role
	Provisioning        bool
}

// A Device is a registered test device.
type Device struct {
	Name  string
	UDID  string
	Model string // such as "iPhone 16"
}

// team is a team with what it has. Server.mu guards it.
type team struct {
	info Team // its lists are nil
	sets map[string]*set
}

// AddTeam adds a team, with defaults for what is left out, and tells what it
// became. A team of the same ID is replaced; its keys stay.
func (s *Server) AddTeam(t Team) Team {
	t = s.withDefaults(t)
	tm := s.populate(t)
	t.Apps, t.Users, t.Invitations, t.Devices = nil, nil, nil, nil
	tm.info = t
	s.mu.Lock()
	if s.teams[t.TeamID] == nil {
		s.order = append(s.order, t.TeamID)
	}
	s.teams[t.TeamID] = tm
	s.mu.Unlock()
	s.changed()
	team, _ := s.Team(t.TeamID)
	return team
}

func (s *Server) withDefaults(t Team) Team {
	fill := func(field *string, value func() string) {
		if *field == "" {
			*field = value()
		}
	}
	fill(&t.TeamID, func() string { return s.randomID(10) })
	fill(&t.Name, func() string { return "Example Team" })
	fill(&t.IssuerID, s.randomUUID)
	fill((*string)(&t.Program), func() string { return string(Standard) })
	fill((*string)(&t.Membership), func() string { return string(MembershipActive) })
	fill((*string)(&t.Agreement), func() string { return string(AgreementOK) })
	fill(&t.VendorNumber, func() string { return "8" + s.randomDigits(7) })
	if t.Apps == nil {
		t.Apps = []App{{BundleID: "com.example." + lower(t.TeamID), Name: t.Name + " App"}}
	}
	if t.Users == nil {
		t.Users = []User{{
			Username: "holder@" + lower(t.TeamID) + ".example", FirstName: "Alex", LastName: "Holder",
			Roles: []Role{AccountHolder, Admin}, Provisioning: true,
		}}
	}
	return t
}

// Team finds a team. Its lists hold the apps and users as they are now.
func (s *Server) Team(teamID string) (Team, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	tm := s.teams[teamID]
	if tm == nil {
		return Team{}, false
	}
	return tm.view(), true
}

// Teams lists all teams in the order in which they were added.
func (s *Server) Teams() []Team {
	s.mu.RLock()
	defer s.mu.RUnlock()
	teams := make([]Team, 0, len(s.order))
	for _, id := range s.order {
		teams = append(teams, s.teams[id].view())
	}
	return teams
}

// AddApp adds an app to a team, with its bundle ID, a build and a review. It
// fails for an unknown team and for a bundle ID that the team has an app for.
func (s *Server) AddApp(teamID string, a App) error {
	if a.BundleID == "" || a.Name == "" {
		return errors.New("asctest: an app needs a bundle ID and a name")
	}
	now := s.Now()
	s.mu.Lock()
	tm := s.teams[teamID]
	taken := tm != nil && len(tm.appsOf(a.BundleID)) > 0
	if tm != nil && !taken {
		s.populateApp(tm, tm.info, a, now)
	}
	s.mu.Unlock()
	switch {
	case tm == nil:
		return fmt.Errorf("asctest: no team %q", teamID)
	case taken:
		return fmt.Errorf("asctest: team %s has an app %q already", teamID, a.BundleID)
	}
	s.changed()
	return nil
}

// RemoveApp removes an app, named by its ID, and what belongs to it. Its bundle
// ID stays, as it does at Apple.
func (s *Server) RemoveApp(teamID, id string) error {
	s.mu.Lock()
	tm := s.teams[teamID]
	found := tm != nil && tm.get(ref{"apps", id}) != nil
	if found {
		for _, kind := range sortedKeys(tm.sets) {
			for _, r := range tm.all(kind) {
				if r.has("app", id) {
					tm.remove(r.ref)
				}
			}
		}
		tm.remove(ref{"apps", id})
	}
	s.mu.Unlock()
	if !found {
		return errors.New("asctest: no such app in the team")
	}
	s.changed()
	return nil
}

// SetAgreement changes how the team stands with Apple's agreements. It fails
// for an unknown team or state.
func (s *Server) SetAgreement(teamID string, a Agreement) error {
	if !oneOf(a, Agreements()) {
		return fmt.Errorf("asctest: no agreement state %q", a)
	}
	return s.changeTeam(teamID, func(t *Team) { t.Agreement = a })
}

// SetMembership changes the state of the team's membership. It fails for an
// unknown team or state.
func (s *Server) SetMembership(teamID string, m Membership) error {
	if !oneOf(m, []Membership{MembershipActive, MembershipLapsed}) {
		return fmt.Errorf("asctest: no membership state %q", m)
	}
	return s.changeTeam(teamID, func(t *Team) { t.Membership = m })
}

func (s *Server) changeTeam(teamID string, change func(*Team)) error {
	s.mu.Lock()
	tm := s.teams[teamID]
	if tm != nil {
		change(&tm.info)
	}
	s.mu.Unlock()
	if tm == nil {
		return fmt.Errorf("asctest: no team %q", teamID)
	}
	s.changed()
	return nil
}

// accountHolder is the name that Apple puts into the details of errors.
func (t *team) accountHolder() string {
	for _, u := range t.all("users") {
		if oneOf(string(AccountHolder), u.strings("roles")) {
			return u.text("firstName") + " " + u.text("lastName")
		}
	}
	return "the Account Holder"
}

// appleTime formats a time as Apple does: with milliseconds and the offset
// written as +00:00.
func appleTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000+00:00") }
