// Sweep finds, once a minute, what is due, stale or left behind.
package main

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/functions/internal/watch"
	"keyward/pkg/app"
)

func main() { boot.Main(boot.Sweep, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	ports, settings := p.Ports(), p.Settings()
	ports.Vault, ports.DeadLetters = p.Vault(), p.DeadLetters()
	ports.Queues = app.Queues{
		Intake: p.Queue(p.Env.IntakeQueue), Validate: p.Queue(p.Env.ValidateQueue), Certificates: p.Queue(p.Env.CertificatesQueue),
	}
	w := watch.New(watch.Config{Store: ports.Store, Objects: p.Uploads(), Metrics: p.Metrics, Now: p.Now})
	ports.Store, ports.Objects, settings.Heartbeat = w.Store(), w.Objects(), w.Heartbeat
	h, err := app.Sweep(ports, settings)
	return boot.Scheduled(p, h), err
}
