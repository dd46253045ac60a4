package notify

import (
	"time"

	"keyward/pkg/integration"
)

// A specimen is one letter as it might go out.
type specimen struct {
	name string
	desk
	to   integration.Contact
	link Link
}

// acme is an integration in good health.
func acme() integration.Integration {
	level := integration.Levels()[0]
	shown := integration.Team{ID: "A1B2C3D4E5", Name: "Acme Learning Ltd", From: integration.TeamProven}
	return integration.Integration{
		ID: "int_3k9t0v5c8m2xq7d1h4w6b0znye", Reference: "acme-42", Label: "Acme Learning, iOS app", Customer: "Acme",
		Access: level, TeamID: "A1B2C3D4E5", TeamName: "Acme Learning Ltd", TeamFrom: integration.TeamProven,
		State: integration.Active, Since: at2026(3, 1, 8, 0),
		Key:   &integration.Key{KeyID: "2X9R4HXF34", AcceptedAt: at2026(3, 1, 8, 0), Upload: "upl_a", Team: shown},
		Check: integration.CheckState{Verdict: integration.OK, LastAt: at2026(3, 22, 7, 45), OKAt: at2026(3, 22, 7, 45)},
	}
}

func ada() integration.Contact {
	return integration.Contact{Integration: acme().ID, ID: "con_ada", Name: "Ada Byron", Address: "ada@acme.example", Duties: []integration.Duty{integration.Admin}}
}

func freshLink() Link {
	return Link{URL: "https://keys.vendor.example/l/qT3mCxV0b1Yp8sKd5uWn2hZa9eRf4gLj6iOo7tXxQwE", ExpiresAt: at2026(4, 5, 9, 30)}
}

// toCustomer is a letter of the kind, with a link where the domain asks for one.
func toCustomer(name string, kind integration.NoticeKind, why integration.Reason, facts integration.Facts) specimen {
	s := specimen{name: name, desk: desk{it: acme(), notice: integration.Notice{
		Integration: acme().ID, Kind: kind, Audience: integration.ToAdmin, Reason: why, Facts: facts,
	}}, to: ada()}
	if why == integration.Agreement || why == integration.Membership {
		s.notice.Audience = integration.ToAccountHolder
	}
	return s
}

func (s specimen) linked() specimen {
	s.notice.Link, s.link = true, freshLink()
	return s
}

func (s specimen) with(change func(*integration.Integration)) specimen {
	change(&s.it)
	return s
}

// toSupport is the letter of the kind to support.
func toSupport(kind integration.NoticeKind, why integration.Reason, facts integration.Facts) specimen {
	return specimen{name: "support_" + string(kind), desk: desk{it: acme(), contacts: people(), notice: integration.Notice{
		Integration: acme().ID, Kind: kind, Audience: integration.ToSupport, Reason: why, Facts: facts, CreatedAt: at2026(3, 22, 9, 25),
	}}}
}

func awaiting(it *integration.Integration) {
	it.State, it.Key, it.TeamID, it.TeamName, it.Check = integration.AwaitingKey, nil, "", "", integration.CheckState{}
}

func specimens() []specimen {
	var all []specimen
	for _, group := range [][]specimen{setupSpecimens(), problemSpecimens(), certificateSpecimens(), supportSpecimens(), fleetSpecimens()} {
		all = append(all, group...)
	}
	return all
}

// typedTeam is an integration about whose team Apple shows nothing.
func typedTeam(it *integration.Integration) {
	key := *it.Key
	key.Team.From, it.TeamFrom, it.Key = integration.TeamEntered, integration.TeamEntered, &key
}

// mailed is an e-mail to the customer of the kind, written and sent at the time.
func mailed(kind integration.NoticeKind, to integration.ContactID, at time.Time) integration.Notice {
	return integration.Notice{
		Integration: acme().ID, Kind: kind, Audience: integration.ToAdmin, Dedupe: string(kind) + at.String(), CreatedAt: at,
		Status: integration.Sent, SentTo: to, SentAt: at.Add(time.Minute),
	}
}

// waits is an e-mail to the customer that has not gone out yet.
func waits(n integration.Notice) integration.Notice {
	n.Status, n.SentTo, n.SentAt = integration.Pending, "", time.Time{}
	return n
}

// afterMails is the specimen with what was written to the customer.
func (s specimen) afterMails(ns ...integration.Notice) specimen {
	for _, n := range ns {
		if n.Reason == "" {
			n.Reason = s.notice.Reason
		}
		n.Facts.KeyID, n.Facts.Serial, n.Facts.Expires = s.notice.Facts.KeyID, s.notice.Facts.Serial, s.notice.Facts.Expires
		s.others = append(s.others, n)
	}
	return s
}
