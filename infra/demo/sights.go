package demo

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"keyward/pkg/integration"
)

// state looks at an integration's state, and at the cause where there is one.
func (s *story) state(c *customer, want integration.State, cause integration.Reason) sight {
	return sight{"state", stateText(string(want), string(cause)), func(ctx context.Context) (string, error) {
		it, err := s.desk.support.Get(ctx, c.id)
		return stateText(it.State, it.Cause), err
	}}
}

func stateText(state, cause string) string {
	if cause == "" {
		return state
	}
	return state + " (" + cause + ")"
}

// verdict looks at what the last check said.
func (s *story) verdict(c *customer, want integration.Verdict) sight {
	return sight{"last check", string(want), func(ctx context.Context) (string, error) {
		it, err := s.desk.support.Get(ctx, c.id)
		return it.Check.Verdict, err
	}}
}

// vault counts an integration's secrets.
func (s *story) vault(c *customer, want int) sight {
	return sight{"keys in the vault", strconv.Itoa(want), func(ctx context.Context) (string, error) {
		n, err := s.secrets(ctx, c)
		return strconv.Itoa(n), err
	}}
}

func (s *story) secrets(ctx context.Context, c *customer) (int, error) {
	names, err := s.world.Secrets(ctx)
	if c.id == "" {
		return 0, err
	}
	return len(names) - len(slices.DeleteFunc(names, func(name string) bool { return strings.Contains(name, "/"+c.id+"/") })), err
}

// bucket counts the files that were uploaded and not taken away.
func (s *story) bucket() sight {
	return sight{"files in the bucket", "0", func(ctx context.Context) (string, error) {
		n, err := s.world.Objects(ctx)
		return strconv.Itoa(n), err
	}}
}

// standing looks at all customers: how many of them are in which state.
func (s *story) standing(want string) sight {
	return sight{"all integrations", want, func(ctx context.Context) (string, error) {
		f, err := s.desk.support.Fleet(ctx)
		var parts []string
		for _, state := range integration.States() {
			if n := f.Counts[string(state)]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, state))
			}
		}
		return strings.Join(parts, ", "), err
	}}
}

// phase looks at what the status page tells the customer's browser.
func (s *story) phase(c *customer, want string) sight {
	return sight{"status page", want, func(ctx context.Context) (string, error) {
		var answer struct{ Phase string }
		err := c.visitor.json(ctx, &answer)
		return answer.Phase, err
	}}
}

// page looks for a sentence on the page that the customer is at.
func (c *customer) page(about, text string) sight {
	return sight{about, "shown", func(context.Context) (string, error) {
		if c.visitor.says(text) {
			return "shown", nil
		}
		return fmt.Sprintf("not shown, status %d", c.visitor.status), nil
	}}
}

// diagnosis looks at what support sees of the customer's latest upload.
func (s *story) diagnosis(c *customer, want string) sight {
	return sight{"diagnosis", want, func(ctx context.Context) (string, error) {
		uploads, err := s.desk.support.Uploads(ctx, c.id)
		if err != nil || len(uploads) == 0 || len(uploads[0].Attempts) == 0 {
			return "no upload", err
		}
		attempts := uploads[0].Attempts
		latest := attempts[0]
		for _, a := range attempts {
			if a.At.After(latest.At) {
				latest = a
			}
		}
		return latest.Diagnosis, nil
	}}
}

// fresh tells whether the step's mail to the audience has an upload link that
// was in no mail before.
func (s *story) fresh(c *customer, kind integration.NoticeKind, to integration.Audience, want string) sight {
	return sight{"link in the mail to " + plainWords(string(to)), want, func(context.Context) (string, error) {
		for _, m := range s.new {
			if l := s.letter(m); l != c.mail(kind, to) {
				continue
			}
			link, err := uploadLink(m, s.world.PortalURL())
			switch {
			case err != nil:
				return "", err
			case link == "":
				return "none", nil
			case link == c.link:
				return "the old one", nil
			}
			return "a fresh one", nil
		}
		return "no such mail", nil
	}}
}

func plainWords(code string) string { return strings.ReplaceAll(code, "_", " ") }
