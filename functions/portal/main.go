// Portal is what customers open to hand over a key.
package main

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/pkg/portal"
)

func main() { boot.Main(boot.Portal, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	s, err := portal.New(portal.Config{
		Vendor: portal.Vendor{Name: p.Env.VendorName, SupportAddress: p.Env.SupportAddress},
		Store:  p.Store(), Forms: p.Forms(), PublicURL: p.Env.PublicURL, Origin: boot.RequestOrigin,
		Address: p.ViewerAddress, Now: p.Now, Log: p.Logger,
	})
	if err != nil {
		return nil, err
	}
	return boot.Web(p, p.BehindCloudFront(s.Handler())), nil
}
