package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"keyward/pkg/operator"
)

// goOn are the words that end a hold.
const goOn = "end the hold"

type fleetCmd struct {
	EndHold bool   `help:"End a fleet hold that has lasted for 24 hours."`
	Confirm string `placeholder:"WORDS" help:"The words \"end the hold\", instead of typing them when asked."`
	History bool   `help:"Show what was done about all integrations together."`
	Limit   int    `default:"50" help:"At most so many of the newest entries, 1 to 200 (default: ${default})."`
}

// Run shows how all integrations are together, or ends a fleet hold.
func (cmd *fleetCmd) Run(ctx context.Context, s *session) error {
	if cmd.EndHold && cmd.History || cmd.Confirm != "" && !cmd.EndHold {
		return usage("--end-hold may come with --confirm, and with nothing else")
	}
	c, err := s.client(operator.Support)
	if err != nil {
		return err
	}
	if cmd.History {
		h, err := c.FleetHistory(ctx, "", cmd.Limit)
		if err != nil {
			return err
		}
		return printHistory(s, h)
	}
	f, err := c.Fleet(ctx)
	switch {
	case err != nil:
		return err
	case cmd.EndHold:
		return cmd.endHold(ctx, s, c, f)
	case s.JSON:
		return printJSON(s.out, f)
	}
	return printFleet(s, f)
}

// endHold asks once more where the hold may be ended; where it may not, the
// service says why.
func (cmd *fleetCmd) endHold(ctx context.Context, s *session, c *operator.Client, f operator.Fleet) error {
	if f.MayEndHold {
		typed := cmd.Confirm
		if typed == "" {
			fmt.Fprintf(s.err, "The hold is on since %s; %d of %d integrations are bad now.\n"+
				"When it ends, each key that Apple rejects again is deactivated, and its customer is asked for a new one.\n"+
				"Leave it on while Apple or we may be at fault: it ends by itself when most keys work again.\n"+
				"If these keys really are revoked, type %q to go on: ", moment(f.HoldSince), f.HeldNow, f.Size, goOn)
			typed, _ = bufio.NewReader(s.in).ReadString('\n')
		}
		if !strings.EqualFold(strings.TrimSpace(typed), goOn) {
			return usage("these are not the words; nothing was changed")
		}
	}
	done, err := c.EndHold(ctx)
	if err != nil {
		return err
	}
	if s.JSON {
		return printJSON(s.out, done)
	}
	_, err = fmt.Fprintln(s.out, plain(done.Next))
	return err
}

func printFleet(s *session, f operator.Fleet) error {
	t := newTable(s.out)
	t.row("Integrations", fmt.Sprintf("%d with a key in force", f.Size))
	for _, state := range states {
		t.row("  "+words(state), fmt.Sprint(f.Counts[state]))
	}
	t.row("Fleet hold", holdText(f))
	if f.Hold {
		t.row("Decision", decisionText(f))
	}
	if !f.ReleasedAt.IsZero() {
		t.row("Last ended", fmt.Sprintf("by %s, %s", f.ReleasedBy, moment(f.ReleasedAt)))
	}
	t.row("Agreement wave", waveText(f))
	t.row("Apple", silenceText(f))
	t.row("Canary", canaryText(f))
	return t.end()
}

// states are in the order of an integration's life.
var states = []string{"awaiting_key", "active", "suspect", "action_required", "deactivated", "disconnected"}

func holdText(f operator.Fleet) string {
	if !f.Hold {
		return "none"
	}
	return fmt.Sprintf("since %s; %d bad now, at most %d at once. Nothing is deactivated, no customer is mailed.", moment(f.HoldSince), f.HeldNow, f.HeldPeak)
}

func decisionText(f operator.Fleet) string {
	if f.MayEndHold {
		return "for you to make: keyward fleet --end-hold, if these keys really are revoked."
	}
	return "none yet: it ends by itself; if not, you may end it from " + moment(f.MayEndHoldAt) + " on."
}

func waveText(f operator.Fleet) string {
	if !f.Wave {
		return "none"
	}
	return fmt.Sprintf("since %s; %d blocked now, at most %d at once. Customers' mails wait for a day, then go out paced.", moment(f.WaveSince), f.WaveNow, f.WavePeak)
}

func silenceText(f operator.Fleet) string {
	if f.Silent {
		return "answers nobody; support was told " + moment(f.SilentTold)
	}
	return "answers"
}

func canaryText(f operator.Fleet) string {
	if f.CanaryFails {
		return "fails, while the others do not"
	}
	return "no trouble known"
}
