package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// nextCheck waits until the integration's next check is due, and sees to it
// that it took place.
func (s *story) nextCheck(c *customer) func(context.Context) error {
	return func(ctx context.Context) error {
		before, err := s.desk.support.Get(ctx, c.id)
		if err != nil {
			return err
		}
		wait := before.Check.DueAt.Sub(s.world.Now())
		if wait < 0 || before.Check.DueAt.IsZero() {
			return &unexpected{"the next check", "to be due", "not due"}
		}
		if err := s.world.Advance(ctx, wait); err != nil {
			return err
		}
		after, err := s.desk.support.Get(ctx, c.id)
		if err == nil && after.Check.ID == before.Check.ID {
			return &unexpected{"the check that was due", "done", "not done"}
		}
		return err
	}
}

// token looks at what automation gets.
func (s *story) token(c *customer, want string) sight {
	return sight{"token", want, func(ctx context.Context) (string, error) {
		grant, err := s.desk.automation.Token(ctx, c.id, operator.TokenRequest{})
		var p *operator.Problem
		switch {
		case errors.As(err, &p) && p.Status == http.StatusConflict:
			return "refused: " + string(p.Code), nil
		case err != nil:
			return "", err
		case len(grant.Warnings) == 0:
			return "no warning", nil
		}
		var codes []string
		for _, w := range grant.Warnings {
			codes = append(codes, w.Code)
		}
		return "warned of " + strings.Join(codes, ", "), nil
	}}
}

// apps lists the apps at Apple with a token, as automation would.
func (s *story) apps(c *customer, want string) sight {
	return sight{"GET /v1/apps", want, func(ctx context.Context) (string, error) {
		grant, err := s.desk.automation.Token(ctx, c.id, operator.TokenRequest{Scope: []string{"GET /v1/apps"}})
		if err != nil {
			return "", err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.world.AppleURL()+"/v1/apps", nil)
		if err != nil {
			return "", err
		}
		req.Header.Set("Authorization", "Bearer "+grant.Token)
		resp, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
		if err != nil {
			return "", fmt.Errorf("asking Apple: %w", err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Sprintf("status %d", resp.StatusCode), nil
		}
		var list struct{ Data []struct{ ID string } }
		if err := json.NewDecoder(io.LimitReader(resp.Body, maxPage)).Decode(&list); err != nil {
			return "", fmt.Errorf("reading Apple's answer: %w", err)
		}
		return fmt.Sprintf("status %d, %s", resp.StatusCode, count(len(list.Data), "app")), nil
	}}
}

// uploadOf is the upload's ID in the path of one of its pages.
func uploadOf(path string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(path, "/uploads/"), "/")
	return id
}

// table says how the integrations stand.
func (s *story) table(ctx context.Context) ([]Row, error) {
	checks := s.world.Checks()
	mails, err := s.world.Mails(ctx)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, c := range s.all() {
		if c.id == "" {
			continue
		}
		it, err := s.desk.support.Get(ctx, c.id)
		if err != nil {
			return rows, fmt.Errorf("reading an integration: %w", err)
		}
		row := Row{Reference: c.reference, State: it.State, Checks: checks[integration.ID(c.id)]}
		if row.Secrets, err = s.secrets(ctx, c); err != nil {
			return rows, err
		}
		for _, m := range mails {
			switch l := s.letter(m); {
			case l.Of == c.reference && l.To == string(integration.ToSupport):
				row.MailsToSupport++
			case l.Of == c.reference:
				row.MailsToCustomer++
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}
