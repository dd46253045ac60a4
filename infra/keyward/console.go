package main

import (
	"context"
	"errors"
)

type consoleCmd struct {
	Listen string `default:"127.0.0.1:8082" help:"Where to serve the pages (default: ${default})."`
}

// Run serves the console until it is interrupted.
func (cmd *consoleCmd) Run(ctx context.Context, s *session) error {
	return errors.New("the console comes next")
}
