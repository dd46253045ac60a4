// Notify mails the notices that the table's stream tells of.
package main

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/pkg/app"
)

func main() { boot.Main(boot.Notify, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	ports := p.Ports()
	ports.Mailer = p.Mailer()
	h, err := app.Notify(ports, p.Settings())
	return boot.Stream(p, h), err
}
