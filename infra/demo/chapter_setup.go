package demo

import (
	"context"
	"fmt"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

const day = 24 * time.Hour

// certificateLife is how long the main customer's certificate lasts: 30 days
// beyond all that comes before the chapter about it, which takes less than two.
const certificateLife = 32 * day

// neighbours are set up first, so that the fleet is not a small one.
func (s *story) neighbours() (chapter, error) {
	person := func(of string) map[string]string { return map[string]string{"ada@" + of + ".example": "admin"} }
	s.others = []*customer{
		{reference: "harbour-academy", label: "Harbour Street Academy", level: "publish", roles: []asctest.Role{asctest.AppManager}, people: person("harbour")},
		{reference: "bramble-bakery", label: "Bramble and Oat Bakery", level: "publish", roles: []asctest.Role{asctest.Admin}, people: person("bramble")},
		{reference: "lark-radio", label: "Lark Radio", level: "publish", roles: []asctest.Role{asctest.AppManager}, people: person("lark")},
		{reference: "tidewater-chess", label: "Tidewater Chess Club", level: "full", roles: []asctest.Role{asctest.Admin}, people: person("tidewater")},
		{reference: "quill-letters", label: "Quill Letters", level: "insights", roles: []asctest.Role{asctest.CustomerSupport, asctest.Sales}, people: person("quill")},
	}
	var mails []Letter
	for _, c := range s.others {
		if err := s.join(c, 300*day); err != nil {
			return chapter{}, err
		}
		mails = append(mails, c.mail(integration.NoticeInvitation, integration.ToAdmin), c.mail(integration.NoticeAccepted, integration.ToAdmin))
	}
	return chapter{"The neighbours", []step{{
		who: "Customers", what: "Five others hand over their keys. They must hear nothing of what follows.",
		do: func(ctx context.Context) error {
			for _, c := range s.others {
				if err := s.invite(ctx, c); err != nil {
					return err
				}
				if err := s.handOver(c, integration.NoticeInvitation)(ctx); err != nil {
					return fmt.Errorf("%s: %w", c.reference, err)
				}
			}
			return nil
		},
		see:   []sight{s.standing("5 active"), s.bucket()},
		mails: mails,
	}}}, nil
}

// handover is the way from the invitation to a working key.
func (s *story) handover() (chapter, error) {
	c := &customer{
		reference: "juniper-guides", label: "Juniper Field Guides", level: "publish", roles: []asctest.Role{asctest.AppManager},
		people: map[string]string{"marta@juniper.example": "admin", "olaf@juniper.example": "account_holder", "bea@juniper.example": "business"},
	}
	s.main = c
	if err := s.join(c, certificateLife); err != nil {
		return chapter{}, err
	}
	steps := []step{{
		who: "Support", what: "Invites Juniper Field Guides.",
		do:    func(ctx context.Context) error { return s.invite(ctx, c) },
		see:   []sight{s.state(c, integration.AwaitingKey, ""), s.vault(c, 0)},
		mails: []Letter{c.mail(integration.NoticeInvitation, integration.ToAdmin)},
	}, {
		who: "Customer", what: "Opens the link in the mail. A look changes nothing.",
		do:  s.openLink(c, integration.NoticeInvitation),
		see: []sight{s.inert(c)},
	}, {
		who: "Customer", what: "Presses Continue and enters the IDs.",
		do:  s.goOn(c),
		see: []sight{c.page("upload form", "The file AuthKey_"+c.key.KeyID+".p8"), s.state(c, integration.AwaitingKey, "")},
	}}
	steps = append(steps, s.wrongFiles(c)...)
	steps = append(steps, step{
		who: "Customer", what: "Uploads the right key. Apple accepts it.",
		do:    then(s.anotherFile(c), s.upload(c, c.ownKey)),
		see:   []sight{s.phase(c, "accepted"), s.state(c, integration.Active, ""), s.vault(c, 1), s.bucket()},
		mails: []Letter{c.mail(integration.NoticeAccepted, integration.ToAdmin)},
	}, step{
		who: "Keyward", what: "Checks the new key for the first time.",
		do:  s.nextCheck(c),
		see: []sight{s.verdict(c, integration.OK), s.state(c, integration.Active, "")},
	}, step{
		who: "Automation", what: "Asks for a token, and lists the apps at Apple with it.",
		do:  func(context.Context) error { return nil },
		see: []sight{s.token(c, "no warning"), s.apps(c, "status 200, 1 app")},
	})
	return chapter{"A key is handed over", steps}, nil
}

// inert opens the link twice more, as mail scanners do.
func (s *story) inert(c *customer) sight {
	return sight{"changed by that", "nothing", func(ctx context.Context) (string, error) {
		before, err := s.desk.support.Get(ctx, c.id)
		if err != nil {
			return "", err
		}
		for range 2 {
			if err := c.visitor.open(ctx, c.link); err != nil {
				return "", err
			}
		}
		after, err := s.desk.support.Get(ctx, c.id)
		if after.Version != before.Version {
			return "the integration", err
		}
		return "nothing", err
	}}
}

// wrongFiles are refused, each for its own reason, and do not use the link up.
func (s *story) wrongFiles(c *customer) []step {
	refused := func(what string, d keyfile.Diagnosis, do func(context.Context) error) step {
		return step{
			who: "Customer", what: what, do: do,
			see: []sight{
				s.diagnosis(c, string(d)), s.phase(c, "refused"), c.page("its sentence", d.Sentence()),
				s.vault(c, 0), s.bucket(),
			},
		}
	}
	return []step{
		refused("Uploads an In-App Purchase key. Its name gives it away.", keyfile.InAppPurchaseKey,
			s.upload(c, func() (asctest.SampleFile, error) {
				k, err := s.world.Apple().NewSubscriptionKey(c.team.TeamID)
				return asctest.SampleFile{Name: k.FileName, Content: k.PEM}, err
			})),
		refused("Uploads an RSA key.", keyfile.RSAKey, then(s.anotherFile(c), s.upload(c, func() (asctest.SampleFile, error) {
			content, err := s.mac.file()
			return asctest.SampleFile{Name: c.key.FileName, Content: content}, err
		}))),
		refused("Uploads the right key, cut off in the middle.", keyfile.Truncated,
			then(s.anotherFile(c), s.upload(c, func() (asctest.SampleFile, error) {
				return asctest.SampleFile{Name: c.key.FileName, Content: c.key.PEM[:len(c.key.PEM)/2]}, nil
			}))),
	}
}

// anotherFile goes from the status page of a refused file back to the form.
func (s *story) anotherFile(c *customer) func(context.Context) error {
	return func(ctx context.Context) error {
		return c.visitor.follow(ctx, "choose another file", func(href string) bool {
			return href == "/uploads/"+uploadOf(c.visitor.at.Path)
		})
	}
}
