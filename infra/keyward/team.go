package main

import (
	"context"

	"keyward/pkg/operator"
)

type teamCmd struct {
	Set          teamSetCmd          `cmd:"" help:"Say which Apple team and which apps a key must belong to."`
	AllowMove    teamAllowMoveCmd    `cmd:"" help:"Let the next accepted key be of another team or see other apps."`
	WithdrawMove teamWithdrawMoveCmd `cmd:"" help:"Refuse keys of another team again."`
}

type teamSetCmd struct {
	Integration string   `arg:"" help:"Its reference or ID."`
	TeamID      *string  `name:"team-id" placeholder:"ID" help:"The team ID; an empty one forgets it, before the first key."`
	BundleID    []string `name:"bundle-id" sep:"none" help:"Bundle ID of an app that a key must see. May be repeated; replaces those there are."`
	AnyApp      bool     `name:"any-app" help:"Forget the bundle IDs."`
}

// Run changes what was given.
func (cmd *teamSetCmd) Run(ctx context.Context, s *session) error {
	patch := operator.Patch{TeamID: cmd.TeamID}
	if len(cmd.BundleID) > 0 || cmd.AnyApp {
		bundles := append([]string{}, cmd.BundleID...) // not null, which would leave them as they are
		patch.BundleIDs = &bundles
	}
	if patch == (operator.Patch{}) || cmd.AnyApp && len(cmd.BundleID) > 0 {
		return usage("give --team-id, and --bundle-id or --any-app")
	}
	c, id, err := s.support(ctx, cmd.Integration)
	if err != nil {
		return err
	}
	it, err := c.Change(ctx, id, patch, 0)
	if err != nil {
		return err
	}
	if s.JSON {
		return printJSON(s.out, it)
	}
	return printIntegration(s, it)
}

type teamAllowMoveCmd struct {
	Integration string `arg:"" help:"Its reference or ID."`
}

// Run allows one move.
func (cmd *teamAllowMoveCmd) Run(ctx context.Context, s *session) error {
	c, id, err := s.support(ctx, cmd.Integration)
	if err != nil {
		return err
	}
	done, err := c.AllowTeamMove(ctx, id)
	if err != nil {
		return err
	}
	return printDone(s, done)
}

type teamWithdrawMoveCmd struct {
	Integration string `arg:"" help:"Its reference or ID."`
}

// Run takes the permission back.
func (cmd *teamWithdrawMoveCmd) Run(ctx context.Context, s *session) error {
	c, id, err := s.support(ctx, cmd.Integration)
	if err != nil {
		return err
	}
	done, err := c.WithdrawTeamMove(ctx, id)
	if err != nil {
		return err
	}
	return printDone(s, done)
}
