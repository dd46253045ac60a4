// Portal is what customers open to hand over a key.
package main

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/pkg/app"
)

func main() { boot.Main(boot.Portal, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	ports, settings := p.Ports(), p.Settings()
	ports.Forms = p.Forms()
	settings.Origin, settings.Address = boot.RequestOrigin, p.ViewerAddress
	h, err := app.Portal(ports, settings)
	return boot.Web(p, p.BehindCloudFront(h)), err
}
