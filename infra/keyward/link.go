package main

import "context"

type linkCmd struct {
	Reissue linkReissueCmd `cmd:"" help:"Send a mail with a new upload link."`
	Revoke  linkRevokeCmd  `cmd:"" help:"Void every upload link sent so far."`
}

type linkReissueCmd struct {
	Integration string `arg:"" help:"Its reference or ID."`
}

// Run sends a new link.
func (cmd *linkReissueCmd) Run(ctx context.Context, s *session) error {
	c, id, err := s.support(ctx, cmd.Integration)
	if err != nil {
		return err
	}
	done, err := c.IssueLink(ctx, id)
	if err != nil {
		return err
	}
	return printDone(s, done)
}

type linkRevokeCmd struct {
	Integration string `arg:"" help:"Its reference or ID."`
}

// Run voids the links.
func (cmd *linkRevokeCmd) Run(ctx context.Context, s *session) error {
	c, id, err := s.support(ctx, cmd.Integration)
	if err != nil {
		return err
	}
	done, err := c.RevokeLinks(ctx, id)
	if err != nil {
		return err
	}
	return printDone(s, done)
}
