package main

import (
	"context"
	"strings"

	"keyward/pkg/operator"
)

type historyCmd struct {
	Integration string `arg:"" help:"Its reference or ID."`
	Limit       int    `default:"50" help:"At most so many of the newest entries, 1 to 200 (default: ${default})."`
}

// Run shows the history, newest first.
func (cmd *historyCmd) Run(ctx context.Context, s *session) error {
	c, id, err := s.support(ctx, cmd.Integration)
	if err != nil {
		return err
	}
	h, err := c.History(ctx, id, "", cmd.Limit)
	if err != nil {
		return err
	}
	return printHistory(s, h)
}

func printHistory(s *session, h operator.History) error {
	if s.JSON {
		return printJSON(s.out, h)
	}
	t := newTable(s.out, "TIME", "WHAT", "WHO", "OUTCOME")
	for _, e := range h.Entries {
		t.row(moment(e.At), words(e.What), e.Actor, outcome(e))
	}
	return t.end()
}

// outcome joins what an entry says beside who and what.
func outcome(e operator.Entry) string {
	var parts []string
	if e.From != e.To {
		parts = append(parts, strings.TrimSpace(words(e.From)+" → "+words(e.To)))
	}
	for _, p := range []string{words(e.Verdict), words(e.Reason), e.KeyID, e.Detail} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, "; ")
}
