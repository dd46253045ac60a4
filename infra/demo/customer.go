package demo

import (
	"context"
	"fmt"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// A customer is a team at Apple and the people who look after it.
type customer struct {
	reference, label, level string
	roles                   []asctest.Role    // of the keys that the customer makes
	people                  map[string]string // address → duty
	team                    asctest.Team
	key                     asctest.Key // the last that they made
	id                      string      // the integration's
	visitor                 *visitor
	link                    string // that the visitor opened last
}

// A desk is where the vendor's own people and programs sit.
type desk struct{ support, automation *operator.Client }

func newDesk(w World) (d desk, err error) {
	if d.support, err = w.Operator(operator.Support); err != nil {
		return d, err
	}
	d.automation, err = w.Operator(operator.Automation)
	return d, err
}

// all are the customers, the main one first.
func (s *story) all() []*customer {
	if s.main == nil {
		return s.others
	}
	return append([]*customer{s.main}, s.others...)
}

func (c *customer) mail(kind integration.NoticeKind, to integration.Audience) Letter {
	return Letter{Of: c.reference, Kind: string(kind), To: string(to)}
}

// join makes the customer's team and first key at Apple, and a distribution
// certificate that lasts so long.
func (s *story) join(c *customer, certificate time.Duration) (err error) {
	c.team = s.world.Apple().AddTeam(asctest.Team{Name: c.label})
	if c.visitor, err = newVisitor(); err != nil {
		return err
	}
	if err = s.certify(c, certificate); err != nil {
		return err
	}
	return s.makeKey(c)
}

// certify makes a distribution certificate.
func (s *story) certify(c *customer, lasts time.Duration) error {
	csr, err := s.mac.request()
	if err != nil {
		return fmt.Errorf("requesting a certificate: %w", err)
	}
	_, err = s.world.Apple().IssueCertificate(c.team.TeamID, "DISTRIBUTION", csr, lasts)
	return err
}

func (s *story) makeKey(c *customer) (err error) {
	c.key, err = s.world.Apple().NewKey(c.team.TeamID, c.roles...)
	return err
}

// invite is support's part.
func (s *story) invite(ctx context.Context, c *customer) error {
	n := operator.NewIntegration{Reference: c.reference, Label: c.label, AccessLevel: c.level}
	for address, duty := range c.people {
		duties := []string{duty}
		if len(c.people) == 1 {
			duties = []string{string(integration.Admin), string(integration.AccountHolder), string(integration.Business)}
		}
		n.Contacts = append(n.Contacts, operator.NewContact{Address: address, Duties: duties})
	}
	it, err := s.desk.support.Create(ctx, n, "")
	if err != nil {
		return fmt.Errorf("inviting: %w", err)
	}
	c.id = it.ID
	return s.world.Advance(ctx, time.Minute)
}

// linkIn finds the upload link of the customer's mail of the kind.
func (s *story) linkIn(ctx context.Context, c *customer, kind integration.NoticeKind) (string, error) {
	all, err := s.world.Mails(ctx)
	if err != nil {
		return "", err
	}
	for i := len(all) - 1; i >= 0; i-- {
		m := all[i]
		if _, theirs := c.people[m.To]; !theirs || m.Tags["integration"] != c.id || m.Tags["kind"] != string(kind) {
			continue
		}
		link, err := uploadLink(m, s.world.PortalURL())
		if err == nil && link == "" {
			err = &unexpected{"the mail " + string(kind), "an upload link", "none"}
		}
		return link, err
	}
	return "", &unexpected{"the inbox of " + c.reference, "the mail " + string(kind), "none"}
}

// openLink opens the link in the latest mail of the kind.
func (s *story) openLink(c *customer, kind integration.NoticeKind) func(context.Context) error {
	return func(ctx context.Context) (err error) {
		if c.link, err = s.linkIn(ctx, c, kind); err != nil {
			return err
		}
		return c.visitor.open(ctx, c.link)
	}
}

// goOn presses Continue and enters the IDs; it ends at the upload form.
func (s *story) goOn(c *customer) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := c.visitor.submit(ctx, "/continue", nil); err != nil {
			return err
		}
		return c.visitor.submit(ctx, "/setup", map[string]string{
			"issuer_id": c.team.IssuerID, "key_id": c.key.KeyID, "team_id": c.team.TeamID, "team_name": c.team.Name,
		})
	}
}

// upload sends a file by the form that the visitor is at, waits a minute, and
// looks what became of it.
func (s *story) upload(c *customer, file func() (asctest.SampleFile, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		f, err := file()
		if err != nil {
			return err
		}
		if err := c.visitor.send(ctx, f.Name, f.Content); err != nil {
			return err
		}
		if err := s.world.Advance(ctx, time.Minute); err != nil {
			return err
		}
		return c.visitor.reload(ctx)
	}
}

// ownKey is the file of the customer's latest key.
func (c *customer) ownKey() (asctest.SampleFile, error) {
	return asctest.SampleFile{Name: c.key.FileName, Content: c.key.PEM}, nil
}

// handOver is all of it.
func (s *story) handOver(c *customer, kind integration.NoticeKind) func(context.Context) error {
	return then(s.openLink(c, kind), s.goOn(c), s.upload(c, c.ownKey))
}
