package demo

import (
	"context"
	"fmt"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
)

// certificate: the distribution certificate nears its end, and is renewed.
func (s *story) certificate() (chapter, error) {
	c := s.main
	warned := func(kind integration.NoticeKind) []Letter {
		return []Letter{c.mail(kind, integration.ToAdmin), c.mail(kind, integration.ToSupport)}
	}
	steps := []step{}
	for _, days := range []int{30, 14, 7, 3, 1} {
		steps = append(steps, step{
			who: "Keyward", what: fmt.Sprintf("Warns: the certificate ends in %s.", count(days, "day")),
			do:    s.untilLeft(c, time.Duration(days)*day-time.Hour),
			see:   []sight{s.warning(c, "open")},
			mails: warned(integration.NoticeCertExpiring),
		})
	}
	steps = append(steps, step{
		who: "Keyward", what: "Says that the certificate has ended.",
		do:    s.untilLeft(c, -time.Hour),
		see:   []sight{s.warning(c, "open"), s.state(c, integration.Active, "")},
		mails: warned(integration.NoticeCertExpired),
	}, step{
		who: "Customer", what: "Makes a new certificate. Keyward sees it within a day.",
		do: func(ctx context.Context) error {
			if err := s.certify(c, 365*day); err != nil {
				return err
			}
			return s.world.Advance(ctx, day)
		},
		see:   []sight{s.warning(c, "none"), s.standing("6 active")},
		mails: warned(integration.NoticeCertRenewed),
	})
	return chapter{"The certificate ends", steps}, nil
}

// count joins a number and a word in the right number.
func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// untilLeft waits until so much is left of the watched certificate.
func (s *story) untilLeft(c *customer, left time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		it, err := s.desk.support.Get(ctx, c.id)
		if err != nil {
			return err
		}
		wait := it.Certificate.NotAfter.Add(-left).Sub(s.world.Now())
		if wait <= 0 {
			return &unexpected{"the watched certificate", "one that lasts longer", it.Certificate.NotAfter.String()}
		}
		return s.world.Advance(ctx, wait)
	}
}

// warning looks whether a warning about the certificate is open.
func (s *story) warning(c *customer, want string) sight {
	return sight{"warning", want, func(ctx context.Context) (string, error) {
		it, err := s.desk.support.Get(ctx, c.id)
		if it.Certificate.Warned {
			return "open", err
		}
		return "none", err
	}}
}

// silence: Apple answers nobody for more than a day.
func (s *story) silence() (chapter, error) {
	toSupport := Letter{Of: string(integration.Fleet), Kind: string(integration.NoticeFleetSilent), To: string(integration.ToSupport)}
	return chapter{"A day without Apple", []step{{
		who: "Apple", what: "Answers 503 to everybody. After twelve hours nobody is told.",
		do: func(ctx context.Context) error {
			if _, err := s.world.Apple().Fail(asctest.Fault{Effect: asctest.Outage}); err != nil {
				return err
			}
			return s.world.Advance(ctx, 12*time.Hour)
		},
		see: []sight{s.verdicts("6 inconclusive"), s.standing("6 active")},
	}, {
		who: "Keyward", what: "Has heard nothing for a day: tells support, once, and no customer.",
		do:    s.pass(24 * time.Hour),
		see:   []sight{s.verdicts("6 inconclusive"), s.standing("6 active")},
		mails: []Letter{toSupport},
	}, {
		who: "Apple", what: "Answers again. All is as before, without a mail.",
		do: func(ctx context.Context) error {
			s.world.Apple().ClearFaults()
			return s.world.Advance(ctx, 7*time.Hour)
		},
		see: []sight{s.verdicts("6 ok"), s.standing("6 active")},
	}}}, nil
}

// verdicts counts what the last checks of all customers said.
func (s *story) verdicts(want string) sight {
	return sight{"last checks", want, func(ctx context.Context) (string, error) {
		counts := map[string]int{}
		for _, c := range s.all() {
			it, err := s.desk.support.Get(ctx, c.id)
			if err != nil {
				return "", err
			}
			counts[it.Check.Verdict]++
		}
		text := ""
		for _, v := range []integration.Verdict{integration.OK, integration.Rejected, integration.Blocked, integration.Inconclusive} {
			if n := counts[string(v)]; n > 0 && text != "" {
				text += fmt.Sprintf(", %d %s", n, v)
			} else if n > 0 {
				text = fmt.Sprintf("%d %s", n, v)
			}
		}
		return text, nil
	}}
}

// goodbye: the customer leaves.
func (s *story) goodbye() (chapter, error) {
	c := s.main
	return chapter{"The customer leaves", []step{{
		who: "Support", what: "Disconnects Juniper Field Guides. The receipt says that the key is gone.",
		do: func(ctx context.Context) error {
			if _, err := s.desk.support.Disconnect(ctx, c.id); err != nil {
				return fmt.Errorf("disconnecting: %w", err)
			}
			return s.world.Advance(ctx, 2*time.Minute)
		},
		see:   []sight{s.state(c, integration.Disconnected, ""), s.vault(c, 0), s.bucket(), s.token(c, "refused: no_token")},
		mails: []Letter{c.mail(integration.NoticeDisconnected, integration.ToBusiness)},
	}, {
		who: "Customer", what: "Opens the last link once more. It leads nowhere.",
		do: func(ctx context.Context) error {
			if err := c.visitor.open(ctx, c.link); err != nil {
				return err
			}
			return c.visitor.submit(ctx, "/continue", nil)
		},
		see: []sight{c.page("“This link cannot be used”", "This link cannot be used")},
	}, {
		who: "Keyward", what: "Two days later: nothing more was heard, and the neighbours had no mail but their own.",
		do:  s.pass(2 * day),
		see: []sight{s.standing("5 active, 1 disconnected"), s.undisturbed(), s.kept()},
	}}}, nil
}

// undisturbed looks whether any of the others got another mail than the two
// of their own set-up, in all of the story.
func (s *story) undisturbed() sight {
	return sight{"other mails to neighbours", "none", func(ctx context.Context) (string, error) {
		mails, err := s.world.Mails(ctx)
		if err != nil {
			return "", err
		}
		own := map[Letter]bool{}
		people := map[string]bool{}
		for _, c := range s.others {
			own[c.mail(integration.NoticeInvitation, integration.ToAdmin)] = true
			own[c.mail(integration.NoticeAccepted, integration.ToAdmin)] = true
			for address := range c.people {
				people[address] = true
			}
		}
		var extra []Letter
		for _, m := range mails {
			if l := s.letter(m); people[m.To] && !own[l] {
				extra = append(extra, l)
			}
		}
		return spell(extra), nil
	}}
}

// kept looks whether the vault has one key for each of the others.
func (s *story) kept() sight {
	return sight{"keys in the vault", "5", func(ctx context.Context) (string, error) {
		names, err := s.world.Secrets(ctx)
		return fmt.Sprint(len(names)), err
	}}
}
