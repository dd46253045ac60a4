package demo

import (
	"context"
	"fmt"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
)

// agreement: an agreement expires and is accepted anew.
func (s *story) agreement() (chapter, error) {
	c := s.main
	stands := func(a asctest.Agreement) func(context.Context) error {
		return func(context.Context) error { return s.world.Apple().SetAgreement(c.team.TeamID, a) }
	}
	return chapter{"An agreement expires", []step{{
		who: "Apple", what: "An agreement has expired. After the first answer nobody is told.",
		do:  then(stands(asctest.AgreementExpired), s.nextCheck(c)),
		see: []sight{s.verdict(c, integration.Blocked), s.state(c, integration.Suspect, integration.Agreement)},
	}, {
		who: "Keyward", what: "Confirms it within an hour, and says who can fix it.",
		do:  then(s.nextCheck(c), s.nextCheck(c), s.nextCheck(c)),
		see: []sight{s.state(c, integration.ActionRequired, integration.Agreement), s.vault(c, 1)},
		mails: []Letter{
			c.mail(integration.NoticeActionRequired, integration.ToAccountHolder),
			c.mail(integration.NoticeActionRequired, integration.ToSupport),
		},
	}, {
		who: "Automation", what: "Gets a token with a warning.",
		do:  func(context.Context) error { return nil },
		see: []sight{s.token(c, "warned of agreement"), s.apps(c, "status 403")},
	}, {
		who: "Customer", what: "The Account Holder accepts the agreement. Keyward finds out by itself.",
		do:  then(stands(asctest.AgreementOK), s.nextCheck(c)),
		see: []sight{s.verdict(c, integration.OK), s.state(c, integration.Active, "")},
		mails: []Letter{
			c.mail(integration.NoticeRecovered, integration.ToAccountHolder),
			c.mail(integration.NoticeRecovered, integration.ToSupport),
		},
	}}}, nil
}

// mistake: Apple rejects a good key once.
func (s *story) mistake() (chapter, error) {
	c := s.main
	fault := asctest.Fault{KeyID: c.key.KeyID, Path: "/v1/apps", Effect: asctest.Spurious401, Count: 2} // the request, and the client's own second try
	return chapter{"Apple is mistaken, once", []step{{
		who: "Apple", what: "Answers 401 to a good key, and again to a fresh token. Nobody is told.",
		do: func(ctx context.Context) error {
			if _, err := s.world.Apple().Fail(fault); err != nil {
				return err
			}
			return s.nextCheck(c)(ctx)
		},
		see: []sight{s.verdict(c, integration.Rejected), s.state(c, integration.Suspect, integration.NotAuthorized), s.faults("none")},
	}, {
		who: "Keyward", what: "Checks again after five minutes. All is well, and nobody was troubled.",
		do:  s.nextCheck(c),
		see: []sight{s.verdict(c, integration.OK), s.state(c, integration.Active, "")},
	}}}, nil
}

// faults looks whether a fault has struck as often as it was to.
func (s *story) faults(want string) sight {
	return sight{"faults left", want, func(context.Context) (string, error) {
		if n := len(s.world.Apple().Faults()); n > 0 {
			return fmt.Sprint(n), nil
		}
		return "none", nil
	}}
}

// revoked: the customer revokes the key at Apple.
func (s *story) revoked() (chapter, error) {
	c := s.main
	seen := &rejections{story: s, of: c, checks: map[string]bool{}}
	return chapter{"The key is revoked", []step{{
		who: "Customer", what: "Revokes the key at App Store Connect. The first answer is not believed.",
		do: then(func(context.Context) error { return s.world.Apple().Revoke(c.key.KeyID) },
			s.nextCheck(c), seen.note),
		see: []sight{s.verdict(c, integration.Rejected), s.state(c, integration.Suspect, integration.NotAuthorized)},
	}, {
		who: "Keyward", what: "Asks again after 5 minutes, half an hour, then every hour. Nobody is told yet.",
		do:  repeat(7, then(s.nextCheck(c), seen.note)),
		see: []sight{s.verdict(c, integration.Rejected), s.state(c, integration.Suspect, integration.NotAuthorized)},
	}, {
		who: "Keyward", what: "Believes it after six hours. Customer and support hear of it.",
		do: then(s.nextCheck(c), seen.note),
		see: []sight{
			s.state(c, integration.Deactivated, integration.NotAuthorized), seen.enough(), s.vault(c, 1),
			s.fresh(c, integration.NoticeAccessLost, integration.ToAdmin, "a fresh one"),
			s.fresh(c, integration.NoticeAccessLost, integration.ToSupport, "none"),
		},
		mails: []Letter{
			c.mail(integration.NoticeAccessLost, integration.ToAdmin),
			c.mail(integration.NoticeAccessLost, integration.ToSupport),
		},
	}, {
		who: "Automation", what: "Asks for a token, and is refused.",
		do:  func(context.Context) error { return nil },
		see: []sight{s.token(c, "refused: no_token")},
	}}}, nil
}

// rejections are the different checks that were rejected.
type rejections struct {
	story       *story
	of          *customer
	checks      map[string]bool
	first, last time.Time
}

func (r *rejections) note(ctx context.Context) error {
	it, err := r.story.desk.support.Get(ctx, r.of.id)
	if err != nil || it.Check.Verdict != string(integration.Rejected) {
		return err
	}
	if r.checks[it.Check.ID] = true; r.first.IsZero() {
		r.first = it.Check.LastAt
	}
	r.last = it.Check.LastAt
	return nil
}

func (r *rejections) enough() sight {
	want := "4 or more over 6 h or more"
	return sight{"rejections", want, func(context.Context) (string, error) {
		if len(r.checks) >= 4 && r.last.Sub(r.first) >= 6*time.Hour {
			return want, nil
		}
		return fmt.Sprintf("%d over %v", len(r.checks), r.last.Sub(r.first)), nil
	}}
}
