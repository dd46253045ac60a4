// Notify mails the notices that the table's stream tells of.
package main

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"keyward/functions/internal/boot"
	"keyward/pkg/notify"
)

func main() { boot.Main(boot.Notify, config.LoadDefaultConfig, build) }

func build(p *boot.Parts) (boot.Handler, error) {
	s, err := notify.New(notify.Config{
		Store: p.Store(), Mailer: p.Mailer(), Vendor: p.Env.VendorName, Sender: p.Env.Sender,
		SupportAddress: p.Env.SupportAddress, PublicURL: boot.Origin(p.Env.PublicURL), ConsoleURL: p.Env.ConsoleURL,
		Now: p.Now, Logger: p.Logger,
	})
	if err != nil {
		return nil, err
	}
	return boot.Stream(p, notify.Handler(s)), nil
}
