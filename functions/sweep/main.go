// Sweep finds, once a minute, what is due, stale or left behind.
package main

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/functions/internal/watch"
	"keyward/pkg/integration"
	"keyward/pkg/sweep"
)

func main() { boot.Main(boot.Sweep, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	store := p.Store()
	w := watch.New(watch.Config{Store: store, Objects: p.Uploads(), Judges: store, Metrics: p.Metrics, Now: p.Now})
	s, err := sweep.New(sweep.Config{
		Store: w.Store(), Vault: p.Vault(), Objects: w.Objects(),
		Checks: p.Queue(p.Env.ValidateQueue), Certificates: p.Queue(p.Env.CertificatesQueue), Intake: p.Queue(p.Env.IntakeQueue),
		DeadLetters: p.DeadLetters(), Bucket: p.Env.UploadBucket, Canary: integration.ID(p.Env.CanaryIntegration),
		Now: p.Now, Logger: p.Logger, Heartbeat: w.Heartbeat,
	})
	if err != nil {
		return nil, err
	}
	return boot.Scheduled(p, sweep.Handler(s)), nil
}
