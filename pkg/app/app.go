// Package app makes the eight functions of ports and settings: one constructor
// for each, which every host calls, the mains as well as one machine, the
// simulation and tests.
//
//	host: adapters ─▶ Ports ──┐
//	host: choices ─▶ Settings ┴─▶ app.Intake, app.Sweep, … ─▶ handler ─▶ lambda.Start, or the host's own calls
//
// Nothing else makes a service, but the tests of the service's own package;
// infra's TestServicesAreMadeHere holds that.
package app

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

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

// What lambda.Start takes, by the kind of event source. The two functions that
// have a URL are http.Handlers.
type (
	QueueHandler    = func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)
	StreamHandler   = func(context.Context, events.DynamoDBEvent) (events.DynamoDBEventResponse, error)
	ScheduleHandler = func(context.Context, sweep.Schedule) error
)

// Functions are all eight, for hosts that run them in one process.
type Functions struct {
	Portal, Operator                         http.Handler
	Intake, Validate, Certificates, Feedback QueueHandler
	Notify                                   StreamHandler
	Sweep                                    ScheduleHandler
}

// All makes the eight functions of the same ports.
func All(p Ports, s Settings) (Functions, error) {
	var f Functions
	err := errors.Join(
		to(&f.Portal)(Portal(p, s)), to(&f.Operator)(Operator(p, s)), to(&f.Intake)(Intake(p, s)), to(&f.Sweep)(Sweep(p, s)),
		to(&f.Validate)(Validate(p, s)), to(&f.Certificates)(Certificates(p, s)), to(&f.Notify)(Notify(p, s)), to(&f.Feedback)(Feedback(p, s)),
	)
	return f, err
}

func to[T any](field *T) func(T, error) error {
	return func(made T, err error) error {
		*field = made
		return err
	}
}

// Portal is what customers open. It needs Store and Forms.
func Portal(p Ports, s Settings) (http.Handler, error) {
	service, err := portal.New(portal.Config{
		Vendor: portal.Vendor{Name: s.Vendor.Name, SupportAddress: s.Vendor.Support},
		Store:  p.Store, Forms: p.Forms, PublicURL: s.PublicURL, Origin: s.Origin, Address: s.Address,
		Limits: s.Limits, Limiter: s.Limiter, Now: p.Now, Random: p.Random, Logger: p.Logger,
	})
	if err != nil {
		return nil, err
	}
	return service.Handler(), nil
}

// Operator is the API of support, automation and export. It needs Store and
// Vault.
func Operator(p Ports, s Settings) (http.Handler, error) {
	if s.Levels == nil {
		s.Levels = integration.AskForUser(integration.Levels(), s.Vendor.User)
	}
	service, err := operator.New(operator.Config{
		Store: p.Store, Vault: p.Vault, Roles: s.Roles, Caller: s.Caller,
		Levels: s.Levels, Now: p.Now, Random: p.Random, Logger: p.Logger,
	})
	if err != nil {
		return nil, err
	}
	return service.Handler(), nil
}

// Intake judges the files that customers upload. It needs Store, Vault,
// Objects, Apple and Queues.Intake.
func Intake(p Ports, s Settings) (QueueHandler, error) {
	service, err := intake.New(intake.Config{
		Store: p.Store, Objects: p.Objects, Vault: p.Vault, Apple: p.Apple, Queue: p.Queues.Intake,
		Bucket: s.Bucket, Now: p.Now, Logger: p.Logger,
	})
	if err != nil {
		return nil, err
	}
	return intake.Handler(service), nil
}

// Sweep finds what is due, stale or left behind. It needs Store, Vault,
// Objects and Queues, and may have DeadLetters.
func Sweep(p Ports, s Settings) (ScheduleHandler, error) {
	service, err := sweep.New(sweep.Config{
		Store: p.Store, Vault: p.Vault, Objects: p.Objects, DeadLetters: p.DeadLetters,
		Checks: p.Queues.Validate, Certificates: p.Queues.Certificates, Intake: p.Queues.Intake,
		Bucket: s.Bucket, Canary: s.Canary, Heartbeat: s.Heartbeat, Now: p.Now, Random: p.Random, Logger: p.Logger,
	})
	if err != nil {
		return nil, err
	}
	return sweep.Handler(service), nil
}

// Validate checks keys with Apple. It needs Store, Vault and Apple.
func Validate(p Ports, s Settings) (QueueHandler, error) {
	service, err := validate.New(validate.Config{
		Store: p.Store, Vault: p.Vault, Apple: p.Apple, Canary: s.Canary, Now: p.Now, Logger: p.Logger,
	})
	if err != nil {
		return nil, err
	}
	return validate.Handler(service), nil
}

// Certificates takes inventories of distribution certificates. It needs Store,
// Vault and Apple.
func Certificates(p Ports, _ Settings) (QueueHandler, error) {
	service, err := certificates.New(certificates.Config{
		Store: p.Store, Vault: p.Vault, Apple: p.Apple, Now: p.Now, Logger: p.Logger,
	})
	if err != nil {
		return nil, err
	}
	return certificates.Handler(service), nil
}

// Notify mails the notices that the table's stream tells of. It needs Store
// and Mailer.
func Notify(p Ports, s Settings) (StreamHandler, error) {
	service, err := notify.New(notify.Config{
		Store: p.Store, Mailer: p.Mailer, Vendor: s.Vendor.Name, Sender: s.Vendor.Sender, SupportAddress: s.Vendor.Support,
		PublicURL: s.PublicURL, ConsoleURL: s.ConsoleURL, Now: p.Now, Random: p.Random, Logger: p.Logger,
	})
	if err != nil {
		return nil, err
	}
	return notify.Handler(service), nil
}

// Feedback acts on bounces and complaints. It needs Store.
func Feedback(p Ports, _ Settings) (QueueHandler, error) {
	service, err := feedback.New(feedback.Config{Store: p.Store, Now: p.Now, Logger: p.Logger})
	if err != nil {
		return nil, err
	}
	return feedback.Handler(service), nil
}
