package main

import (
	"context"
	"fmt"
	"strings"

	"keyward/pkg/operator"
)

type listCmd struct {
	Attention bool   `help:"Only what needs attention."`
	State     string `enum:",awaiting_key,active,suspect,action_required,deactivated,disconnected" default:"" help:"Only those in this state: awaiting_key, active, suspect, action_required, deactivated, disconnected."`
	Customer  string `help:"Only this customer's."`
	Limit     int    `default:"50" help:"At most so many, 1 to 200 (default: ${default})."`
	Cursor    string `help:"Go on where the last list ended."`
	All       bool   `help:"All of them, however many."`

	Address  string `group:"Search instead:" help:"By a contact's e-mail address."`
	TeamID   string `group:"Search instead:" help:"By Apple's team ID."`
	KeyID    string `group:"Search instead:" help:"By a key's ID."`
	BundleID string `group:"Search instead:" help:"By an app's bundle ID."`
}

// Run lists.
func (cmd *listCmd) Run(ctx context.Context, s *session) error {
	c, err := s.client(operator.Support)
	if err != nil {
		return err
	}
	page, err := cmd.pages(ctx, c)
	if err != nil {
		return err
	}
	if s.JSON {
		return printJSON(s.out, page)
	}
	return printList(s, page)
}

func (cmd *listCmd) pages(ctx context.Context, c *operator.Client) (operator.List, error) {
	search := operator.Search{Address: cmd.Address, TeamID: cmd.TeamID, KeyID: cmd.KeyID, BundleID: cmd.BundleID}
	if search != (operator.Search{}) {
		found, err := c.Find(ctx, search)
		return operator.List{Integrations: found}, err
	}
	listing := operator.Listing{State: cmd.State, Customer: cmd.Customer, Limit: cmd.Limit, Cursor: cmd.Cursor}
	if cmd.Attention {
		listing.Order = "attention"
	}
	page, err := c.List(ctx, listing)
	for err == nil && cmd.All && page.Next != "" {
		var more operator.List
		listing.Cursor = page.Next
		more, err = c.List(ctx, listing)
		page.Integrations, page.Next = append(page.Integrations, more.Integrations...), more.Next
	}
	return page, err
}

// needs are the reasons to look at an integration, the most urgent first.
func needs(it operator.Integration) string {
	out := make([]string, len(it.Attention))
	for i, n := range it.Attention {
		out[i] = n.Text
	}
	return strings.Join(out, "; ")
}

func printList(s *session, page operator.List) error {
	if len(page.Integrations) == 0 {
		_, err := fmt.Fprintln(s.out, "None.")
		return err
	}
	t := newTable(s.out, "REFERENCE", "STATE", "SINCE", "ATTENTION", "CUSTOMER", "LABEL", "ID")
	for _, it := range page.Integrations {
		t.row(it.Reference, words(it.State), day(it.Since), needs(it), it.Customer, it.Label, it.ID)
	}
	if err := t.end(); err != nil || page.Next == "" {
		return err
	}
	_, err := fmt.Fprintf(s.err, "There are more: --cursor %s, or --all\n", page.Next)
	return err
}
