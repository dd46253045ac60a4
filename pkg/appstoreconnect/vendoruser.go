package appstoreconnect

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"keyward/pkg/integration"
)

// A member is a user of the team, or one who is invited [SPEC]. One struct
// reads both; Username and Email are the address of the one and the other.
type member struct {
	Username     lenient `json:"username"`
	Email        lenient `json:"email"`
	Roles        listed  `json:"roles"`
	Provisioning yes     `json:"provisioningAllowed"` // "Access to Certificates, Identifiers & Profiles"
	Expires      lenient `json:"expirationDate"`      // of an invitation
}

// vendorUser looks for the vendor's user: among the team's users, then among
// its invitations. It is zero when nothing can be said now; UserUnknown when
// the key may not look [FIELD: App Manager keys may not].
//
// The address travels in the query, and in a scope made of it, alone: no
// error of this package repeats either.
func (v *survey) vendorUser(ctx context.Context, s *session, level integration.AccessLevel) integration.UserFinding {
	asked := level.User
	switch {
	case !asked.Asked() || !v.letIn() || v.limited || s.rate.low():
		return integration.UserFinding{}
	case slices.Contains(v.findings, integration.Finding{Capability: integration.Users, Verdict: integration.Blocked, Reason: integration.Role}):
		return integration.UserFinding{Access: integration.UserUnknown}
	}
	for _, list := range memberLists {
		m, found, err := list.find(ctx, s, asked.Address)
		switch {
		case err != nil:
			return unseen(err)
		case found:
			return list.finding(m, asked)
		}
	}
	return integration.UserFinding{Access: integration.UserMissing}
}

// unseen is what an answer that gives no list says of the user: nothing, where
// the next one may give it.
func unseen(err error) integration.UserFinding {
	switch verdict, reason := Classify(err); {
	case answerIn(err).form == formPartial:
	case verdict == integration.Blocked && reason == integration.Role, reason == integration.Nonsense:
		return integration.UserFinding{Access: integration.UserUnknown}
	}
	return integration.UserFinding{}
}

// A memberList is where a user can stand.
type memberList struct {
	kind    string // the resource type, and the path
	address string // the attribute and the filter
	fields  string
	access  integration.UserAccess
}

var memberLists = []memberList{
	{"users", "username", "username,roles,provisioningAllowed", integration.UserActive},
	{"userInvitations", "email", "email,roles,provisioningAllowed,expirationDate", integration.UserInvited},
}

// find asks for the address. Whether Apple's filter compares whole addresses
// is not documented, so they are compared again here. An invitation that has
// run out is none: its expirationDate says so [SPEC], and nobody can accept it.
func (l memberList) find(ctx context.Context, s *session, address string) (member, bool, error) {
	query := url.Values{
		"filter[" + l.address + "]": {address}, "limit": {"200"},
		"fields[" + l.kind + "]": {l.fields},
	}
	u, err := s.client.target(s.creds.program(), "/v1/"+l.kind, query.Encode())
	if err != nil {
		return member{}, false, err
	}
	list, err := allPages[member](ctx, s, u)
	for _, r := range list {
		m := r.Attributes
		end := parseDate(string(m.Expires))
		if strings.EqualFold(string(m.Username)+string(m.Email), address) && (end.IsZero() || end.After(s.client.now())) {
			return m, true, nil
		}
	}
	return member{}, false, err
}

// finding says which rights the user has.
func (l memberList) finding(m member, asked integration.VendorUser) integration.UserFinding {
	f := integration.UserFinding{Access: l.access}
	for _, right := range asked.Needs {
		if !m.has(right) {
			f.Missing = append(f.Missing, right)
		}
	}
	if f.Access == integration.UserActive && len(f.Missing) > 0 {
		f.Access = integration.UserIncomplete
	}
	return f
}

// has tells whether the user has the right. Admins and the Account Holder have
// both without having been given them [APPLE: program roles].
func (m member) has(r integration.UserRight) bool {
	switch {
	case slices.Contains(m.Roles, "ADMIN"), slices.Contains(m.Roles, "ACCOUNT_HOLDER"):
		return true
	case r == integration.Provisioning:
		return bool(m.Provisioning)
	case r == integration.CloudSigning:
		return slices.Contains(m.Roles, "CLOUD_MANAGED_APP_DISTRIBUTION")
	}
	return false
}

// A listed decodes from a list of strings; what is not one is empty.
type listed []lenient

// UnmarshalJSON never fails.
func (l *listed) UnmarshalJSON(b []byte) error {
	var values []lenient
	if json.Unmarshal(b, &values) == nil {
		*l = values
	}
	return nil
}

// A yes is true when the JSON value is, and false for anything else.
type yes bool

// UnmarshalJSON never fails.
func (y *yes) UnmarshalJSON(b []byte) error {
	*y = string(b) == "true"
	return nil
}
