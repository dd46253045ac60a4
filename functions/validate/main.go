// Validate checks keys with Apple, one for each message of its queue.
package main

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/pkg/integration"
	"keyward/pkg/validate"
)

func main() { boot.Main(boot.Validate, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	s, err := validate.New(validate.Config{
		Store: p.Store(), Vault: p.Vault(), Apple: p.Apple(), Now: p.Now,
		Canary: integration.ID(p.Env.CanaryIntegration), Logger: p.Logger,
	})
	if err != nil {
		return nil, err
	}
	return boot.Batch(p, validate.Handler(s)), nil
}
