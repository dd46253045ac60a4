// Intake judges the files that customers upload.
package main

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/pkg/app"
)

func main() { boot.Main(boot.Intake, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	ports := p.Ports()
	ports.Objects, ports.Vault, ports.Apple, ports.Queues.Intake = p.Uploads(), p.Vault(), p.Apple(), p.Queue(p.Env.IntakeQueue)
	h, err := app.Intake(ports, p.Settings())
	return boot.Batch(p, h), err
}
