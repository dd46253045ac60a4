package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"
)

type disconnectCmd struct {
	Integration string `arg:"" help:"Its reference or ID."`
	Confirm     string `placeholder:"LABEL" help:"The integration's label, instead of typing it when asked."`
}

// Run ends an integration, after its label was typed: nothing leads back.
func (cmd *disconnectCmd) Run(ctx context.Context, s *session) error {
	c, id, err := s.support(ctx, cmd.Integration)
	if err != nil {
		return err
	}
	it, err := c.Get(ctx, id)
	if err != nil {
		return err
	}
	typed := cmd.Confirm
	if typed == "" {
		fmt.Fprintf(s.err, "This ends %q for good: its key is deleted, its links are void, and the customer gets a receipt.\nType the label to go on: ", plain(it.Label))
		typed, _ = bufio.NewReader(s.in).ReadString('\n')
	}
	if strings.TrimSpace(typed) != it.Label {
		return usage("that is not the label; nothing was changed")
	}
	done, err := c.Disconnect(ctx, id)
	if err != nil {
		return err
	}
	return printDone(s, done)
}
