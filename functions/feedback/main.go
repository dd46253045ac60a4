// Feedback acts on what becomes of mails: bounces and complaints.
package main

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/pkg/feedback"
)

func main() { boot.Main(boot.Feedback, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	s, err := feedback.New(feedback.Config{Store: p.Store(), Now: p.Now, Logger: p.Logger})
	if err != nil {
		return nil, err
	}
	return boot.Batch(p, feedback.Handler(s)), nil
}
