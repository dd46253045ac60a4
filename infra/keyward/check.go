package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"keyward/pkg/operator"
)

type checkCmd struct {
	Integration string        `arg:"" help:"Its reference or ID."`
	Wait        time.Duration `placeholder:"2m" help:"Wait so long for the outcome, and show it."`
}

// Run asks for a check, and waits for it where that is wanted.
func (cmd *checkCmd) Run(ctx context.Context, s *session) error {
	c, id, err := s.support(ctx, cmd.Integration)
	if err != nil {
		return err
	}
	done, err := c.CheckNow(ctx, id)
	if err != nil {
		return err
	}
	if cmd.Wait > 0 {
		return cmd.wait(ctx, s, c, done.Integration)
	}
	return printDone(s, done)
}

// A noOutcomeError says that the check took longer than the person would wait.
type noOutcomeError struct{ waited time.Duration }

func (e *noOutcomeError) Error() string {
	return fmt.Sprintf("no outcome within %v; the check goes on, and keyward show tells later", e.waited)
}

func (cmd *checkCmd) wait(ctx context.Context, s *session, c *operator.Client, before operator.Integration) error {
	ctx, cancel := context.WithTimeout(ctx, cmd.Wait)
	defer cancel()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return &noOutcomeError{cmd.Wait}
		case <-tick.C:
		}
		it, err := c.Get(ctx, before.ID)
		if errors.Is(err, context.DeadlineExceeded) {
			return &noOutcomeError{cmd.Wait}
		}
		if err != nil {
			return err
		}
		if it.Check.ID != before.Check.ID {
			return printOutcome(s, it)
		}
	}
}

func printOutcome(s *session, it operator.Integration) error {
	if s.JSON {
		return printJSON(s.out, it)
	}
	_, err := fmt.Fprintf(s.out, "%s %s\n%s\nNext: %s\n", it.Check.Verdict, words(it.Check.Reason), plain(it.Words.Now), plain(it.Words.Next))
	return err
}

// printDone shows what a change came to.
func printDone(s *session, d operator.Done) error {
	if s.JSON {
		return printJSON(s.out, d)
	}
	for _, w := range d.Warnings {
		fmt.Fprintf(s.err, "Warning: %s\n", plain(w))
	}
	_, err := fmt.Fprintln(s.out, plain(d.Next))
	return err
}
