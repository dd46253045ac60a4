// Operator is the API of support, automation and export.
package main

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/pkg/app"
)

func main() { boot.Main(boot.Operator, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	ports := p.Ports()
	ports.Vault = p.Vault()
	h, err := app.Operator(ports, p.Settings())
	return boot.Web(p, h), err
}
