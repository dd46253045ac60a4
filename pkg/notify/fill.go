package notify

import (
	"strings"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/wording"
)

// A fill is what templates may say. Every text in it is clean: one line, no
// control characters. Dates are written out.
type fill struct {
	Vendor, Support string // the letterhead's
	ForSupport      bool
	Kind            integration.NoticeKind
	Reason          integration.Reason

	Label, Team, TeamID string // Team is empty when unknown
	Reference           string
	TeamShown           bool   // Apple shows that the key belongs to TeamID; else it was only typed
	FoundTeam, OldTeam  string // of a notice about the team
	Diagnosis           string // of an upload
	To                  string // the contact's name; may be empty
	Role, Level         string // of the access level
	RoleWhy             string // why that role
	RoleUnverified      bool   // whether the key has the role could not be seen
	AllowIndividual     bool
	KeyID, OldKeyID     string
	Missing             []string // what the key cannot do, in words
	LiveAppSafe         bool     // false when the membership has lapsed
	Deactivated         bool     // the integration is; said to support alone

	Since, SinceDay, Expires, ExpiresDay string
	Days, Count, Peak, Recipients        int
	By                                   string // who ended a hold; empty: it ended by itself
	Serial, CertType, NextSerial         string
	Contact                              integration.ContactID
	LostKind, LostReason                 string // of a mail that did not arrive

	Refused    *wording.Explanation // of the file that was refused last; nil: none
	RefusedDay string
	Unneeded   bool

	User *userTask // nil: nothing is left to do about the vendor's user

	Link Link   // URL empty: none
	Ends string // when the link does

	Integration integration.ID
	Console     string // URL of the integration's page, or of the console; may be empty
	Rows        []row  // for support: what is known
	Together    string // for support: what became of the e-mails to the customer of the same moment
	Before      string // for support: what the customer was told of the matter before
}

// A row is one line of a small table.
type row struct{ Name, Value string }

func (r *Renderer) fill(d desk, to integration.Contact, link Link, now time.Time) fill {
	n, it, facts := d.notice, d.it, d.notice.Facts
	f := fill{
		Vendor: r.head.Vendor, Support: r.head.Support, ForSupport: n.Audience == integration.ToSupport,
		Kind: n.Kind, Reason: n.Reason,
		Label: name(it.Label), Team: name(it.TeamName), TeamID: name(it.TeamID), To: name(to.Name),
		Reference: name(it.Reference), TeamShown: teamShown(it), FoundTeam: name(facts.TeamID), OldTeam: name(facts.OldTeamID), Diagnosis: facts.Diagnosis,
		Role: name(it.Access.Role), RoleWhy: shorten(clean(it.Access.RoleWhy), 2*maxName),
		RoleUnverified: it.RoleFound() == integration.RoleUnverified && facts.KeyID == it.Key.KeyID, Level: name(it.Access.Title), AllowIndividual: it.Access.AllowIndividual,
		KeyID: name(facts.KeyID), OldKeyID: name(facts.OldKeyID), Missing: titles(facts.Missing),
		LiveAppSafe: n.Reason != integration.Membership,
		Deactivated: it.State == integration.Deactivated,
		Since:       moment(facts.Since), SinceDay: day(facts.Since), Expires: moment(facts.Expires), ExpiresDay: day(facts.Expires),
		Days: facts.Days, Count: facts.Count, Peak: facts.Peak, By: name(facts.By), Recipients: facts.Recipients,
		Serial: name(facts.Serial), NextSerial: name(facts.Next), CertType: name(facts.CertType), Contact: facts.Contact,
		User: taskOf(it, n.Kind), Link: link, Ends: moment(link.ExpiresAt), Integration: it.ID, Console: r.console(it.ID),
	}
	if n.Kind == integration.NoticeUnreachable && len(facts.Names) == 2 {
		f.LostKind, f.LostReason = name(facts.Names[0]), name(facts.Names[1])
	}
	f.refused(n, it)
	f.Unneeded = facts.Unneeded
	if f.KeyID == "" && it.Key != nil {
		f.KeyID = it.Key.KeyID
	}
	if f.ForSupport {
		f.Rows = known(d, now)
		f.Together, f.Before = d.together(now), d.before(now)
	}
	return f
}

// refused explains the refusal that the notice is about, else the last one: a
// reminder that does not name it would lead to the same mistake.
func (f *fill) refused(n integration.Notice, it integration.Integration) {
	r := n.Facts.Refusal
	if r.Diagnosis == "" {
		r = it.Refused
	}
	if r.Diagnosis == "" {
		return
	}
	e := &r.Entered
	e.KeyID, e.IssuerID, e.TeamID, e.TeamName = name(e.KeyID), name(e.IssuerID), name(e.TeamID), name(e.TeamName)
	explained := wording.Refusal(r, it.Access, f.Vendor)
	f.Refused, f.RefusedDay = &explained, day(r.At)
}

// console is the page to look at, where there is a console.
func (r *Renderer) console(id integration.ID) string {
	base := strings.TrimSuffix(r.head.ConsoleURL, "/")
	if base == "" || id == integration.Fleet {
		return base
	}
	return base + "/integrations/" + string(id)
}

// known are the rows of a mail to support about one integration.
func known(d desk, now time.Time) []row {
	n, it := d.notice, d.it
	if it.ID == integration.Fleet {
		return concerned(n.Facts)
	}
	var rows []row
	add := func(name, value string) {
		if value = clean(value); value != "" {
			rows = append(rows, row{name, shorten(value, 3*maxName)})
		}
	}
	add("Integration", string(it.ID))
	add("Label", it.Label)
	add("Reference", it.Reference)
	add("Customer", it.Customer)
	add("Apple team", strings.TrimSpace(it.TeamName+" "+it.TeamID))
	add("Team known from", teamSource(it))
	add("Access level", it.Access.Name)
	add("State", dated(string(it.State), moment(it.Since)))
	add("Cause", string(it.Cause))
	add("Reason of this mail", string(n.Reason))
	if it.Key != nil {
		add("Key in force", dated(it.Key.KeyID, moment(it.Key.AcceptedAt)))
	}
	if it.Other != nil {
		add("Other key", it.Other.KeyID)
	}
	add("Last check", at(strings.TrimSpace(string(it.Check.Verdict)+" "+string(it.Check.Reason)), moment(it.Check.LastAt)))
	add("Last good check", moment(it.Check.OKAt))
	add("E-mails", d.mails(now).Told(it))
	return rows
}

// concerned lists the integrations that a mail about the fleet is about, as
// far as the notice names them.
func concerned(f integration.Facts) []row {
	var rows []row
	for _, s := range f.Names {
		rows = append(rows, row{"Concerned", name(s)})
	}
	if more := f.Count - len(rows); more > 0 && len(rows) > 0 {
		rows = append(rows, row{"And", count(more, "other")})
	}
	return rows
}

func dated(what, when string) string {
	if what == "" || when == "" {
		return what
	}
	return what + ", since " + when
}

func at(what, when string) string {
	if what == "" || when == "" {
		return what
	}
	return what + ", at " + when
}

// teamShown reports whether Apple shows that the key in force belongs to the
// team that the integration names.
func teamShown(it integration.Integration) bool {
	if it.Key == nil || it.Key.Team.ID != it.TeamID {
		return false
	}
	return it.Key.Team.From == integration.TeamProven || it.Key.Team.From == integration.TeamSeedID
}

// teamSource says to support where the team ID is known from.
func teamSource(it integration.Integration) string {
	switch {
	case it.TeamID == "":
		return ""
	case it.TeamFrom == integration.TeamProven:
		return "a certificate at Apple"
	case it.TeamFrom == integration.TeamSeedID:
		return "a bundle ID at Apple (a hint)"
	case it.TeamFrom == integration.TeamInvitation:
		return "support"
	}
	return "the customer, who typed it; Apple shows nothing about it"
}
