package local

import (
	"fmt"

	"github.com/aws/aws-lambda-go/lambdaurl"

	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
)

// functions makes the eight handlers and wires them to their sources.
func (h *Host) functions(apple *appstoreconnect.Client) error {
	now := h.cfg.Clock.Now
	f, err := app.All(app.Ports{
		Store: h.db.Store(), Vault: h.db.Vault(), Objects: h.objects, Forms: h.objects, Apple: apple, Mailer: h.db.Inbox(),
		Queues:      app.Queues{Intake: h.queues["intake"], Validate: h.queues["validate"], Certificates: h.queues["certificates"]},
		DeadLetters: h.dead, Now: now, Random: h.cfg.Random, Logger: h.cfg.Logger,
	}, app.Settings{
		Vendor: h.cfg.Vendor, PublicURL: h.cfg.PortalURL, ConsoleURL: h.cfg.ConsoleURL,
		Canary: integration.ID(h.cfg.Canary), Roles: h.callers.roles(),
	})
	if err != nil {
		return fmt.Errorf("making the functions: %w", err)
	}
	h.portal = FunctionURL{Function: host("portal", httpTimeout, lambdaurl.Wrap(f.Portal)), Now: now}
	h.operator = FunctionURL{Function: host("operator", httpTimeout, lambdaurl.Wrap(f.Operator)), Now: now, Caller: h.callers.arn}
	h.sweep = host("sweep", sweepTimeout, f.Sweep)
	h.pump("intake", f.Intake)
	h.pump("validate", f.Validate)
	h.pump("certificates", f.Certificates)
	h.pumps = append(h.pumps, &streamPump{stream: h.db.Stream(), to: host("notify", mailTimeout, f.Notify), batch: streamBatch})
	h.pump("feedback", f.Feedback)
	return nil
}

// pump maps the queue of the function's name to its handler.
func (h *Host) pump(name string, handler app.QueueHandler) {
	h.pumps = append(h.pumps, &queuePump{title: name, queue: h.queues[name], to: host(name, timeouts[name], handler), batch: queueBatch})
}
