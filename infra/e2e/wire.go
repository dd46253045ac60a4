package e2e

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"keyward/infra/e2e/queues"
	"keyward/infra/e2e/template"
	"keyward/infra/local"
)

// makeSources makes mappings, rules and schedules.
func (h *Host) makeSources() error {
	var errs []error
	note := func(r template.Resource, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", r.ID, err))
		}
	}
	for _, r := range h.stack.OfType("AWS::Lambda::EventSourceMapping") {
		note(r, h.makeMapping(r))
	}
	for _, r := range h.stack.OfType("AWS::Events::Rule") {
		made, err := newRule(r)
		note(r, err)
		if r.Properties["State"] != "DISABLED" {
			h.rules = append(h.rules, made)
		}
	}
	for _, r := range h.stack.OfType("AWS::Scheduler::Schedule") {
		made, err := h.newTimer(r)
		note(r, err)
		if r.Properties["State"] != "DISABLED" {
			h.timers = append(h.timers, made)
		}
	}
	h.due.table, h.due.rows = h.stack.Resources["Table"].Ref, map[string]time.Time{}
	return errors.Join(errs...)
}

func (h *Host) makeMapping(r template.Resource) error {
	source := str(r.Properties["EventSourceArn"])
	for _, q := range h.stack.OfType("AWS::SQS::Queue") {
		if q.ARN == source {
			m, err := h.newQueueMapping(r, q)
			h.mapTo(r, m)
			return err
		}
	}
	for _, t := range h.stack.OfType("AWS::DynamoDB::Table") {
		if strings.HasPrefix(source, t.ARN+"/stream/") {
			m, err := h.newStreamMapping(r, t)
			h.retried = append(h.retried, m)
			h.mapTo(r, m)
			return err
		}
	}
	return fmt.Errorf("there is no source %q", source)
}

func (h *Host) mapTo(r template.Resource, m local.Mapping) {
	if r.Properties["Enabled"] != false {
		h.mappings = append(h.mappings, m)
	}
}

// queueFacts are what package queues holds by the virtual clock.
func (h *Host) queueFacts() []queues.Queue {
	all := h.stack.OfType("AWS::SQS::Queue")
	var out []queues.Queue
	for _, q := range all {
		one := queues.Queue{
			URL: q.Ref, Visibility: seconds(q.Properties["VisibilityTimeout"], 30), Delay: seconds(q.Properties["DelaySeconds"], 0),
		}
		for _, dead := range all {
			if dead.ARN == str(object(q.Properties["RedrivePolicy"])["deadLetterTargetArn"]) {
				one.Dead = dead.Ref
			}
		}
		out = append(out, one)
	}
	return out
}

// bucketKeys are the keys that buckets encrypt with by themselves.
func (h *Host) bucketKeys() map[string]string {
	out := map[string]string{}
	for _, b := range h.stack.OfType("AWS::S3::Bucket") {
		for _, r := range list(object(b.Properties["BucketEncryption"])["ServerSideEncryptionConfiguration"]) {
			out[b.Ref] = str(object(object(r)["ServerSideEncryptionByDefault"])["KMSMasterKeyID"])
		}
	}
	return out
}

// identity is the ARN of the verified identity that an address sends by: its
// own, else its domain's.
func (h *Host) identity(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	found := domain
	for _, i := range h.stack.OfType("AWS::SES::EmailIdentity") {
		if str(i.Properties["EmailIdentity"]) == address {
			found = address
		}
	}
	return "arn:aws:ses:" + h.stack.Region + ":" + h.stack.Account + ":identity/" + found
}
