// Feedback acts on what becomes of mails: bounces and complaints.
package main

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/pkg/app"
)

func main() { boot.Main(boot.Feedback, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	h, err := app.Feedback(p.Ports(), p.Settings())
	return boot.Batch(p, h), err
}
