package main

import (
	"context"
	"fmt"

	"keyward/pkg/operator"
)

type contactCmd struct {
	Add    contactAddCmd    `cmd:"" help:"Add a person to write to."`
	Change contactChangeCmd `cmd:"" help:"Change a contact's name, address or duties."`
	Erase  contactEraseCmd  `cmd:"" help:"Erase a contact's name and address."`
}

type contactAddCmd struct {
	Integration string   `arg:"" help:"Its reference or ID."`
	Address     string   `arg:"" help:"ada@example.com, or \"Ada <ada@example.com>\"."`
	Duty        []string `required:"" help:"admin, account_holder or business. May be repeated."`
}

// Run adds a contact.
func (cmd *contactAddCmd) Run(ctx context.Context, s *session) error {
	name, address, err := person(cmd.Address)
	if err != nil {
		return err
	}
	c, id, err := s.support(ctx, cmd.Integration)
	if err != nil {
		return err
	}
	done, err := c.AddContact(ctx, id, operator.NewContact{Name: name, Address: address, Duties: cmd.Duty})
	return printContact(s, done, err, "Added")
}

type contactChangeCmd struct {
	Integration string   `arg:"" help:"Its reference or ID."`
	Contact     string   `arg:"" help:"The contact's ID, con_…; keyward show lists them."`
	Name        *string  `help:"The new name."`
	Address     *string  `help:"The new address. It counts as deliverable."`
	Duty        []string `help:"The new duties, all of them. May be repeated."`
	LastAdmin   bool     `help:"Even if nobody with the duty admin stays."`
}

// Run changes what was given.
func (cmd *contactChangeCmd) Run(ctx context.Context, s *session) error {
	patch := operator.ContactPatch{Name: cmd.Name, Address: cmd.Address, LastAdmin: cmd.LastAdmin}
	if len(cmd.Duty) > 0 {
		patch.Duties = &cmd.Duty
	}
	if cmd.Name == nil && cmd.Address == nil && patch.Duties == nil {
		return usage("give at least one of --name, --address and --duty")
	}
	c, id, err := s.support(ctx, cmd.Integration)
	if err != nil {
		return err
	}
	done, err := c.ChangeContact(ctx, id, cmd.Contact, patch)
	return printContact(s, done, err, "Changed")
}

type contactEraseCmd struct {
	Integration string `arg:"" help:"Its reference or ID."`
	Contact     string `arg:"" help:"The contact's ID, con_…; keyward show lists them."`
	LastAdmin   bool   `help:"Even if nobody with the duty admin stays."`
}

// Run erases a contact.
func (cmd *contactEraseCmd) Run(ctx context.Context, s *session) error {
	c, id, err := s.support(ctx, cmd.Integration)
	if err != nil {
		return err
	}
	erase := c.EraseContact
	if cmd.LastAdmin {
		erase = c.EraseLastAdmin
	}
	done, err := erase(ctx, id, cmd.Contact)
	return printContact(s, done, err, "Erased")
}

func printContact(s *session, done operator.ContactDone, err error, verb string) error {
	if err != nil {
		return err
	}
	if s.JSON {
		return printJSON(s.out, done)
	}
	for _, w := range done.Warnings {
		fmt.Fprintf(s.err, "Warning: %s\n", plain(w))
	}
	_, err = fmt.Fprintf(s.out, "%s: %s\n", verb, done.Contact.ID)
	return err
}
