// Validate checks keys with Apple, one for each message of its queue.
package main

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/pkg/app"
)

func main() { boot.Main(boot.Validate, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	ports := p.Ports()
	ports.Vault, ports.Apple = p.Vault(), p.Apple()
	h, err := app.Validate(ports, p.Settings())
	return boot.Batch(p, h), err
}
