package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"

	"keyward/pkg/operator"
)

// A connection says where the operator is, and who we are.
type connection struct {
	URL         string `name:"url" env:"KEYWARD_URL" placeholder:"URL" help:"The operator's URL. Requests to a Lambda function URL are signed with your AWS credentials."`
	Token       string `name:"token" env:"KEYWARD_TOKEN" placeholder:"TOKEN" help:"Bearer token for the operator; better given as KEYWARD_TOKEN."`
	Credentials string `name:"credentials" default:".keyward/credentials.json" placeholder:"FILE" help:"Where to look when there is no URL (default: ${default})."`
}

// credentials is the file that the local host writes.
type credentials struct {
	URL        string `json:"url"`
	Support    string `json:"support"`
	Automation string `json:"automation"`
	Export     string `json:"export"`
}

func (c credentials) token(role operator.Role) string {
	switch role {
	case operator.Automation:
		return c.Automation
	case operator.Export:
		return c.Export
	}
	return c.Support
}

// A session is what the commands of the operator's client share.
type session struct {
	connection
	streams
	JSON bool // print for programs
}

// client speaks in the role, where the credentials file gives us the choice.
func (s *session) client(role operator.Role) (*operator.Client, error) {
	address, token, err := s.where(role)
	if err != nil {
		return nil, err
	}
	cfg := operator.ClientConfig{BaseURL: address, UserAgent: "keyward-cli"}
	region, inLambda := functionURL(address)
	switch {
	case token != "":
		cfg.Authorize = operator.Bearer(token)
	case inLambda:
		if cfg.Authorize, err = signed(context.Background(), region); err != nil {
			return nil, err
		}
	}
	if token != "" && !private(address) {
		return nil, usage("the token would travel unencrypted: use a URL that begins with https://")
	}
	c, err := operator.NewClient(cfg)
	if err != nil {
		return nil, usage(err.Error())
	}
	return c, nil
}

func (s *session) where(role operator.Role) (address, token string, err error) {
	if s.URL != "" {
		return s.URL, s.Token, nil
	}
	b, err := os.ReadFile(s.Credentials)
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", usage(fmt.Sprintf(`there is no operator to speak to: give --url, or KEYWARD_URL, or start one here with "keyward local" (no %s)`, s.Credentials))
	}
	if err != nil {
		return "", "", fmt.Errorf("reading the credentials: %w", err)
	}
	var c credentials
	if err := json.Unmarshal(b, &c); err != nil || c.URL == "" {
		return "", "", usage(fmt.Sprintf(`%s is not a credentials file; "keyward local" writes a new one`, s.Credentials))
	}
	if s.Token != "" {
		return c.URL, s.Token, nil
	}
	return c.URL, c.token(role), nil
}

// private tells whether nobody can listen in: HTTPS, or this machine.
func private(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
}

// resolve finds the integration that a person names by ID or reference.
func resolve(ctx context.Context, c *operator.Client, name string) (string, error) {
	if strings.HasPrefix(name, "int_") {
		return name, nil
	}
	found, err := c.Find(ctx, operator.Search{Reference: name})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", &nothingError{fmt.Sprintf("no integration has the reference %q; keyward list shows those there are", name)}
	}
	return found[0].ID, nil
}

// support opens a session for an integration, in the role of support.
func (s *session) support(ctx context.Context, name string) (*operator.Client, string, error) {
	c, err := s.client(operator.Support)
	if err != nil {
		return nil, "", err
	}
	id, err := resolve(ctx, c, name)
	return c, id, err
}
