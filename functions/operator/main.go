// Operator is the API of support, automation and export.
package main

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

func main() { boot.Main(boot.Operator, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	roles := map[string]operator.Role{}
	for role, arn := range map[operator.Role]string{
		operator.Support: p.Env.SupportRole, operator.Automation: p.Env.AutomationRole, operator.Export: p.Env.ExportRole,
	} {
		if _, taken := roles[arn]; taken {
			return nil, errors.New("one ARN cannot have two roles")
		}
		if arn != "" {
			roles[arn] = role
		}
	}
	levels := integration.AskForUser(integration.Levels(), p.Env.User())
	s, err := operator.New(operator.Config{Store: p.Store(), Vault: p.Vault(), Roles: roles, Levels: levels, Now: p.Now, Logger: p.Logger})
	if err != nil {
		return nil, err
	}
	return boot.Web(p, s.Handler()), nil
}
