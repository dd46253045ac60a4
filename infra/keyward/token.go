package main

import (
	"context"
	"fmt"
	"time"

	"keyward/pkg/operator"
)

type tokenCmd struct {
	Integration string        `arg:"" help:"Its reference or ID."`
	Scope       []string      `sep:"none" placeholder:"\"GET /v1/apps\"" help:"Limit the token to this request. May be repeated."`
	TTL         time.Duration `name:"ttl" placeholder:"11m" help:"Its whole life, of which a minute lies in the past: 61s to 20m."`
}

// Run prints the token alone, so that it can be captured; warnings go to
// standard error.
func (cmd *tokenCmd) Run(ctx context.Context, s *session) error {
	if cmd.TTL%time.Second != 0 {
		return usage("--ttl is in whole seconds")
	}
	c, err := s.client(operator.Automation)
	if err != nil {
		return err
	}
	id, err := resolve(ctx, c, cmd.Integration)
	if err != nil {
		return err
	}
	grant, err := c.Token(ctx, id, operator.TokenRequest{Scope: cmd.Scope, TTLSeconds: int(cmd.TTL / time.Second)})
	if err != nil {
		return err
	}
	for _, w := range grant.Warnings {
		fmt.Fprintf(s.err, "Warning: %s (%s)\n", plain(w.Text), plain(w.Code))
	}
	if s.JSON {
		return printJSON(s.out, grant)
	}
	_, err = fmt.Fprintln(s.out, grant.Token)
	return err
}
