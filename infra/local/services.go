package local

import (
	"fmt"

	"github.com/aws/aws-lambda-go/lambdaurl"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/certificates"
	"keyward/pkg/feedback"
	"keyward/pkg/intake"
	"keyward/pkg/integration"
	"keyward/pkg/notify"
	"keyward/pkg/operator"
	"keyward/pkg/portal"
	"keyward/pkg/sweep"
	"keyward/pkg/validate"
)

// functions makes the eight handlers and wires them to their sources.
func (h *Host) functions(apple *appstoreconnect.Client) error {
	for _, wire := range []func(*appstoreconnect.Client) error{h.wireWeb, h.wireChecks, h.wireMail} {
		if err := wire(apple); err != nil {
			return fmt.Errorf("wiring the functions: %w", err)
		}
	}
	return nil
}

func (h *Host) wireWeb(*appstoreconnect.Client) error {
	now, log := h.cfg.Clock.Now, h.cfg.Logger
	p, err := portal.New(portal.Config{
		Vendor: portal.Vendor{Name: h.cfg.Vendor.Name, SupportAddress: h.cfg.Vendor.Support},
		Store:  h.db.Store(), Forms: h.objects, PublicURL: h.cfg.PortalURL, Now: now, Random: h.cfg.Random, Log: log,
	})
	if err != nil {
		return err
	}
	o, err := operator.New(operator.Config{
		Store: h.db.Store(), Vault: h.db.Vault(), Now: now, Roles: h.callers.roles(), Random: h.cfg.Random, Logger: log,
		Levels: h.cfg.Vendor.levels(),
	})
	if err != nil {
		return err
	}
	h.portal = FunctionURL{Function: host("portal", httpTimeout, lambdaurl.Wrap(p.Handler())), Now: now}
	h.operator = FunctionURL{Function: host("operator", httpTimeout, lambdaurl.Wrap(o.Handler())), Now: now, Caller: h.callers.arn}
	return nil
}

func (h *Host) wireChecks(apple *appstoreconnect.Client) error {
	store, vault, now, log := h.db.Store(), h.db.Vault(), h.cfg.Clock.Now, h.cfg.Logger
	canary := integration.ID(h.cfg.Canary)
	in, err := intake.New(intake.Config{Store: store, Objects: h.objects, Vault: vault, Apple: apple, Queue: h.queues["intake"], Now: now, Logger: log})
	if err != nil {
		return err
	}
	v, err := validate.New(validate.Config{Store: store, Vault: vault, Apple: apple, Now: now, Canary: canary, Logger: log})
	if err != nil {
		return err
	}
	c, err := certificates.New(certificates.Config{Store: store, Vault: vault, Apple: apple, Now: now, Logger: log})
	if err != nil {
		return err
	}
	s, err := sweep.New(sweep.Config{
		Store: store, Vault: vault, Objects: h.objects, Checks: h.queues["validate"], Certificates: h.queues["certificates"],
		Intake: h.queues["intake"], Now: now, Canary: canary, Random: h.cfg.Random, Logger: log,
		DeadLetters: h.dead,
	})
	if err != nil {
		return err
	}
	h.sweep = host("sweep", sweepTimeout, sweep.Handler(s))
	h.pump("intake", intake.Handler(in))
	h.pump("validate", validate.Handler(v))
	h.pump("certificates", certificates.Handler(c))
	return nil
}

func (h *Host) wireMail(*appstoreconnect.Client) error {
	store, now, log := h.db.Store(), h.cfg.Clock.Now, h.cfg.Logger
	n, err := notify.New(notify.Config{
		Store: store, Mailer: h.db.Inbox(), Vendor: h.cfg.Vendor.Name, Sender: h.cfg.Vendor.Sender,
		SupportAddress: h.cfg.Vendor.Support, PublicURL: h.cfg.PortalURL, ConsoleURL: h.cfg.ConsoleURL,
		Now: now, Random: h.cfg.Random, Logger: log,
	})
	if err != nil {
		return err
	}
	f, err := feedback.New(feedback.Config{Store: store, Now: now, Logger: log})
	if err != nil {
		return err
	}
	h.pumps = append(h.pumps, &streamPump{stream: h.db.Stream(), to: host("notify", mailTimeout, notify.Handler(n)), batch: streamBatch})
	h.pump("feedback", feedback.Handler(f))
	return nil
}

// pump maps the queue of the function's name to its handler.
func (h *Host) pump(name string, handler any) {
	h.pumps = append(h.pumps, &queuePump{title: name, queue: h.queues[name], to: host(name, timeouts[name], handler), batch: queueBatch})
}
