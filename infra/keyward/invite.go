package main

import (
	"context"
	"fmt"
	"net/mail"
	"strings"

	"keyward/pkg/operator"
)

type inviteCmd struct {
	Reference     string   `arg:"" help:"Your own name for the integration, such as acme-ios. Unique."`
	Label         string   `required:"" help:"What mails and pages call it, such as \"Acme Learning, iOS app\"."`
	Customer      string   `help:"Your name for the customer, where one has several integrations. Default: the reference."`
	Level         string   `default:"publish" help:"Access level (default: ${default})."`
	TeamID        string   `name:"team-id" placeholder:"ID" help:"The customer's team ID at Apple, where you know it. Keys of other teams are refused."`
	BundleID      []string `name:"bundle-id" sep:"none" help:"Bundle ID of an app that the key must see. May be repeated."`
	Admin         []string `required:"" sep:"none" placeholder:"ADDRESS" help:"Who makes and uploads the key; \"Ada <ada@example.com>\" will do. May be repeated."`
	AccountHolder []string `sep:"none" placeholder:"ADDRESS" help:"Who accepts Apple's agreements. May be repeated."`
	Business      []string `sep:"none" placeholder:"ADDRESS" help:"Who hears that something is wrong. May be repeated."`
}

// Run invites.
func (cmd *inviteCmd) Run(ctx context.Context, s *session) error {
	contacts, err := cmd.contacts()
	if err != nil {
		return err
	}
	c, err := s.client(operator.Support)
	if err != nil {
		return err
	}
	it, err := c.Create(ctx, operator.NewIntegration{
		Reference: cmd.Reference, Label: cmd.Label, Customer: cmd.Customer, AccessLevel: cmd.Level, Contacts: contacts,
		TeamID: cmd.TeamID, BundleIDs: cmd.BundleID,
	}, "")
	if err != nil {
		return err
	}
	if s.JSON {
		return printJSON(s.out, it)
	}
	_, err = fmt.Fprintf(s.out, "Invited: %s\n%s\nThe key needs at least the role %s. %s\nSee it with: keyward show %s\n",
		it.ID, plain(it.Words.Next), plain(it.AccessLevel.Role), plain(it.AccessLevel.RoleWhy), plain(it.Reference))
	return err
}

// contacts gives each address one contact, with all its duties.
func (cmd *inviteCmd) contacts() ([]operator.NewContact, error) {
	var out []operator.NewContact
	for _, group := range []struct {
		duty      string
		addresses []string
	}{{"admin", cmd.Admin}, {"account_holder", cmd.AccountHolder}, {"business", cmd.Business}} {
		for _, text := range group.addresses {
			name, address, err := person(text)
			if err != nil {
				return nil, err
			}
			out = withDuty(out, operator.NewContact{Name: name, Address: address}, group.duty)
		}
	}
	return out, nil
}

func withDuty(contacts []operator.NewContact, n operator.NewContact, duty string) []operator.NewContact {
	for i := range contacts {
		if strings.EqualFold(contacts[i].Address, n.Address) {
			contacts[i].Duties = append(contacts[i].Duties, duty)
			return contacts
		}
	}
	n.Duties = []string{duty}
	return append(contacts, n)
}

// person reads "ada@example.com" or "Ada <ada@example.com>". It does not
// echo what it cannot read.
func person(text string) (name, address string, err error) {
	a, err := mail.ParseAddress(text)
	if err != nil {
		return "", "", usage("an address reads like ada@example.com, or like \"Ada <ada@example.com>\"")
	}
	return a.Name, a.Address, nil
}
