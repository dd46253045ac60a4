// Certificates takes inventories of distribution certificates, one for each
// message of its queue.
package main

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/pkg/certificates"
)

func main() { boot.Main(boot.Certificates, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	s, err := certificates.New(certificates.Config{
		Store: p.Store(), Vault: p.Vault(), Apple: p.Apple(), Now: p.Now, Logger: p.Logger,
	})
	if err != nil {
		return nil, err
	}
	return boot.Batch(p, certificates.Handler(s)), nil
}
