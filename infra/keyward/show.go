package main

import (
	"context"
	"fmt"
	"strings"

	"keyward/pkg/operator"
)

type showCmd struct {
	Integration string `arg:"" help:"Its reference or ID."`
	Mail        string `help:"Show what this e-mail said. The list of e-mails has the IDs." placeholder:"ID"`
}

// Run shows one integration, or one of its e-mails.
func (cmd *showCmd) Run(ctx context.Context, s *session) error {
	c, id, err := s.support(ctx, cmd.Integration)
	if err != nil {
		return err
	}
	it, err := c.Get(ctx, id)
	if err != nil {
		return err
	}
	if cmd.Mail != "" {
		return printMail(ctx, s, c, it, cmd.Mail)
	}
	if s.JSON {
		return printJSON(s.out, it)
	}
	return printIntegration(s, it)
}

// printMail prints one e-mail with its text.
func printMail(ctx context.Context, s *session, c *operator.Client, it operator.Integration, id string) error {
	n, err := c.Notice(ctx, it.ID, id)
	if err != nil {
		return err
	}
	if s.JSON {
		return printJSON(s.out, n)
	}
	t := newTable(s.out)
	t.row("E-mail", words(n.Kind))
	t.row("To", recipient(it, n.Notice))
	t.row("Status", mailStatus(n.Notice))
	t.row("Text", n.Words)
	if n.Text != "" {
		t.row("Subject", n.Subject)
	}
	if err := t.end(); err != nil || n.Text == "" {
		return err
	}
	fmt.Fprintf(s.out, "\n%s", plain(n.Text))
	return nil
}

func printIntegration(s *session, it operator.Integration) error {
	fmt.Fprintf(s.out, "%s\n\n%s since %s. %s\n%s\nNext: %s\n\n", plain(it.Label), it.Words.State, moment(it.Since),
		plain(it.Words.Now), plain(it.Words.Told), plain(it.Words.Next))
	t := newTable(s.out)
	t.row("Attention", needs(it))
	t.row("ID", it.ID)
	t.row("Reference", it.Reference)
	t.row("Customer", it.Customer)
	t.row("Access level", it.AccessLevel.Name+": "+it.AccessLevel.Title)
	t.row("Role", role(it))
	t.row("Team", strings.TrimSpace(it.TeamID+" "+it.TeamName))
	t.row("Team known from", it.TeamWords)
	t.row("Expected apps", strings.Join(it.BundleIDs, ", "))
	if it.TeamMove != nil {
		t.row("Another team", "allowed for the next key by "+it.TeamMove.By+" on "+moment(it.TeamMove.AllowedAt))
	}
	t.row("Key", keyText(it.Key))
	if it.OtherKey != nil {
		t.row("Other key", keyText(it.OtherKey))
	}
	t.row("Last check", strings.TrimSpace(moment(it.Check.LastAt)+" "+it.Check.Verdict+" "+words(it.Check.Reason)))
	t.row("Next check", moment(it.Check.DueAt))
	t.row("Certificate", strings.TrimSpace(it.Certificate.Serial+" "+day(it.Certificate.NotAfter)))
	t.row("Can", capabilities(it.Capabilities, "yes"))
	t.row("Cannot", capabilities(it.Capabilities, "no"))
	t.row("Could not look yet", capabilities(it.Capabilities, "unknown"))
	if u := it.AccessLevel.User; u != nil && it.VendorUser != nil {
		t.row("Vendor's user", u.Address+", "+it.VendorUser.Access+". "+it.VendorUser.Words)
	}
	if err := t.end(); err != nil {
		return err
	}
	if err := printContacts(s, it.Contacts); err != nil {
		return err
	}
	return printCorrespondence(s, it)
}

// printCorrespondence lists the newest uploads and e-mails.
func printCorrespondence(s *session, it operator.Integration) error {
	if len(it.Uploads) > 0 {
		fmt.Fprintln(s.out)
		t := newTable(s.out, "UPLOAD", "BY", "KEY", "STATE", "WHAT BECAME OF IT")
		for _, u := range it.Uploads {
			t.row(moment(u.CreatedAt), contactName(it, u.Contact), u.KeyID, u.State, u.Words)
		}
		if err := t.end(); err != nil {
			return err
		}
	}
	fmt.Fprintln(s.out)
	t := newTable(s.out, "E-MAIL", "WRITTEN", "TO", "STATUS", "ID")
	for _, n := range it.Notices {
		t.row(words(n.Kind), moment(n.CreatedAt), recipient(it, n), mailStatus(n), n.ID)
	}
	return t.end()
}

func contactName(it operator.Integration, id string) string {
	for _, c := range it.Contacts {
		if c.ID == id && c.Name != "" {
			return c.Name
		}
	}
	return id
}

func recipient(it operator.Integration, n operator.Notice) string {
	if n.SentTo != "" {
		return contactName(it, n.SentTo)
	}
	return words(n.Audience)
}

// mailStatus is how far an e-mail has come, and when.
func mailStatus(n operator.Notice) string {
	switch n.Delivery {
	case "sent", "bounced":
		return n.Delivery + " " + moment(n.SentAt)
	case "held_back":
		return "held back until " + moment(n.NotBefore)
	}
	return n.Delivery
}

func role(it operator.Integration) string {
	if it.Role == nil {
		return it.AccessLevel.Role
	}
	return it.AccessLevel.Role + ". " + it.Role.Words
}

func keyText(k *operator.Key) string {
	if k == nil {
		return ""
	}
	return fmt.Sprintf("%s (%s, %s), accepted %s", k.KeyID, k.Kind, k.Program, day(k.AcceptedAt))
}

func capabilities(cs []operator.Capability, can string) string {
	var names []string
	for _, c := range cs {
		if c.Can == can {
			names = append(names, words(c.Name))
		}
	}
	return strings.Join(names, ", ")
}

func printContacts(s *session, contacts []operator.Contact) error {
	fmt.Fprintln(s.out)
	t := newTable(s.out, "CONTACT", "NAME", "ADDRESS", "DUTIES", "MAIL")
	for _, c := range contacts {
		t.row(c.ID, c.Name, c.Address, words(strings.Join(c.Duties, ", ")), deliverability(c))
	}
	return t.end()
}

func deliverability(c operator.Contact) string {
	switch {
	case c.Erased:
		return "erased"
	case !c.Undeliverable.IsZero():
		return "bounces since " + day(c.Undeliverable)
	}
	return "arrives"
}
