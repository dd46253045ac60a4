package demo

import (
	"context"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
)

// replaced: a new key comes through the link in the mail.
func (s *story) replaced() (chapter, error) {
	c := s.main
	old := c.key
	if err := s.makeKey(c); err != nil {
		return chapter{}, err
	}
	late := &lateAnswer{story: s, of: c}
	return chapter{"The key is replaced", []step{{
		who: "Customer", what: "Opens the fresh link and uploads a key of another company by mistake. It is refused.",
		do:  s.foreignKey(c),
		see: []sight{s.phase(c, "refused"), s.diagnosis(c, "other_team"), s.state(c, integration.Deactivated, integration.NotAuthorized), s.vault(c, 1), s.bucket()},
		mails: []Letter{
			c.mail(integration.NoticeWrongTeam, integration.ToSupport),
		},
	}, {
		who: "Support", what: "Allows a key of another team for one upload.",
		do: func(ctx context.Context) error {
			_, err := s.desk.support.AllowTeamMove(ctx, c.id)
			return err
		},
		see: []sight{s.move(c, "allowed once")},
	}, {
		who: "Customer", what: "Uploads a new key of the right team after all. That uses support's word up.",
		do:  then(late.remember, s.handOver(c, integration.NoticeAccessLost)),
		see: []sight{s.phase(c, "accepted"), s.state(c, integration.Active, ""), s.inForce(c, c.key.KeyID), s.move(c, "refused"), s.vault(c, 2), s.bucket()},
		mails: []Letter{
			c.mail(integration.NoticeReplaced, integration.ToAdmin),
			c.mail(integration.NoticeRecovered, integration.ToSupport),
		},
	}, {
		who: "Queue", what: "Delivers the last check of the old key once more, too late. It is ignored.",
		do:  late.deliver,
		see: []sight{late.changed(), s.state(c, integration.Active, ""), s.vault(c, 2)},
	}, {
		who: "Keyward", what: "Checks the new key. It works, so the old one leaves the vault.",
		do:  then(s.nextCheck(c), s.pass(time.Minute)),
		see: []sight{s.verdict(c, integration.OK), s.inForce(c, c.key.KeyID), s.vault(c, 1), s.gone(c, old.KeyID)},
	}}}, nil
}

// foreignKey uploads a key of another company, beside the ID of the right
// team.
func (s *story) foreignKey(c *customer) func(context.Context) error {
	return func(ctx context.Context) error {
		rival := s.world.Apple().AddTeam(asctest.Team{Name: "Rival Ltd"})
		k, err := s.world.Apple().NewKey(rival.TeamID, c.roles...)
		if err != nil {
			return err
		}
		ids := map[string]string{"issuer_id": k.IssuerID, "key_id": k.KeyID, "team_id": c.team.TeamID, "team_name": c.team.Name}
		typed := func(ctx context.Context) error {
			if err := c.visitor.submit(ctx, "/continue", nil); err != nil {
				return err
			}
			return c.visitor.submit(ctx, "/setup", ids)
		}
		file := func() (asctest.SampleFile, error) { return asctest.SampleFile{Name: k.FileName, Content: k.PEM}, nil }
		return then(s.openLink(c, integration.NoticeAccessLost), typed, s.upload(c, file))(ctx)
	}
}

// move looks whether the next key may be of another team.
func (s *story) move(c *customer, want string) sight {
	return sight{"another team's key", want, func(ctx context.Context) (string, error) {
		it, err := s.desk.support.Get(ctx, c.id)
		if err != nil || it.TeamMove == nil {
			return "refused", err
		}
		return "allowed once", nil
	}}
}

// inForce looks at which key is in force.
func (s *story) inForce(c *customer, keyID string) sight {
	return sight{"key in force", "the new one", func(ctx context.Context) (string, error) {
		it, err := s.desk.support.Get(ctx, c.id)
		if err != nil || it.Key == nil || it.Key.KeyID != keyID {
			return "another", err
		}
		return "the new one", nil
	}}
}

// gone looks whether the integration has done with a key.
func (s *story) gone(c *customer, keyID string) sight {
	return sight{"old key", "deleted", func(ctx context.Context) (string, error) {
		it, err := s.desk.support.Get(ctx, c.id)
		if err != nil || it.KeysToDelete > 0 || it.OtherKey != nil || (it.Key != nil && it.Key.KeyID == keyID) {
			return "still there", err
		}
		return "deleted", nil
	}}
}

// A lateAnswer is a message about a check of a key that was replaced.
type lateAnswer struct {
	story  *story
	of     *customer
	check  integration.CheckID
	before string
	checks int
}

// remember takes down the check that the old key had last.
func (l *lateAnswer) remember(ctx context.Context) error {
	it, err := l.story.desk.support.Get(ctx, l.of.id)
	l.check = integration.CheckID(it.Check.ID)
	return err
}

func (l *lateAnswer) deliver(ctx context.Context) (err error) {
	if l.before, err = l.look(ctx); err != nil {
		return err
	}
	m := integration.CheckMessage{Integration: integration.ID(l.of.id), Check: l.check}
	if err := l.story.world.Deliver(ctx, m); err != nil {
		return err
	}
	return l.story.world.Advance(ctx, time.Minute)
}

// look is all that a check would change.
func (l *lateAnswer) look(ctx context.Context) (string, error) {
	it, err := l.story.desk.support.Get(ctx, l.of.id)
	l.checks = l.story.world.Checks()[integration.ID(l.of.id)]
	return it.Check.ID + " " + it.Check.LastAt.String() + " " + it.State + " " + it.Cause, err
}

func (l *lateAnswer) changed() sight {
	return sight{"changed by that", "nothing", func(ctx context.Context) (string, error) {
		checks := l.checks
		now, err := l.look(ctx)
		if now != l.before || l.checks != checks {
			return "the integration", err
		}
		return "nothing", err
	}}
}
