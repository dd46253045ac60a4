// Intake judges the files that customers upload.
package main

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/pkg/intake"
)

func main() { boot.Main(boot.Intake, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	s, err := intake.New(intake.Config{
		Store: p.Store(), Objects: p.Uploads(), Vault: p.Vault(), Apple: p.Apple(), Queue: p.Queue(p.Env.IntakeQueue),
		Now: p.Now, Bucket: p.Env.UploadBucket, Logger: p.Logger,
	})
	if err != nil {
		return nil, err
	}
	return boot.Batch(p, intake.Handler(s)), nil
}
