package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"keyward/infra/e2e/eventpattern"
	"keyward/infra/e2e/gate"
	"keyward/infra/e2e/moto"
	"keyward/infra/e2e/template"
)

// A rule of EventBridge takes events of a kind to queues.
type rule struct {
	arn     string
	id      string
	pattern eventpattern.Pattern
	targets []target
}

type target struct{ queue, dead string } // ARNs

func newRule(r template.Resource) (rule, error) {
	if err := known(r.Properties, "Description", "EventPattern", "Targets", "Name", "State", "EventBusName", "Tags"); err != nil {
		return rule{}, err
	}
	text, err := json.Marshal(r.Properties["EventPattern"])
	if err != nil {
		return rule{}, err
	}
	pattern, err := eventpattern.Parse(text)
	if err != nil {
		return rule{}, err
	}
	out := rule{arn: r.ARN, id: r.ID, pattern: pattern}
	for _, raw := range list(r.Properties["Targets"]) {
		t := object(raw)
		if err := known(t, "Id", "Arn", "RetryPolicy", "DeadLetterConfig"); err != nil {
			return rule{}, err
		}
		out.targets = append(out.targets, target{str(t["Arn"]), str(object(t["DeadLetterConfig"])["Arn"])})
	}
	return out, nil
}

// publish gives an event to every rule that wants it.
func (h *Host) publish(ctx context.Context, event map[string]any) error {
	text, err := json.Marshal(event)
	if err != nil {
		return err
	}
	for _, r := range h.rules {
		wanted, err := r.pattern.Match(text)
		if err != nil {
			return err
		}
		if !wanted {
			continue
		}
		for _, t := range r.targets {
			if err := h.toTarget(ctx, r, t, string(text)); err != nil {
				return err
			}
		}
	}
	return nil
}

// toTarget puts the event into the target's queue, or, where that one's policy
// does not let the rule, into the rule's dead letters.
func (h *Host) toTarget(ctx context.Context, r rule, t target, event string) error {
	for _, queue := range []string{t.queue, t.dead} {
		d := h.authority.Evaluate("events.amazonaws.com", "sqs:SendMessage", queue, map[string]string{"aws:SourceArn": r.arn})
		if d.Allowed {
			return h.sendTo(ctx, queue, event)
		}
		h.trouble("%s may not send to %s: %s", r.id, queue, d.Because)
	}
	return nil
}

// anEvent is what all of EventBridge's events have.
func (h *Host) anEvent(source, kind string, resources []string, detail map[string]any) map[string]any {
	return map[string]any{
		"version": "0", "id": requestID(), "detail-type": kind, "source": source, "account": moto.Account, "region": moto.Region,
		"time": h.cfg.Clock.Now().UTC().Format(time.RFC3339), "resources": resources, "detail": detail,
	}
}

// created is S3's event for a new object, if the bucket has EventBridge
// switched on.
// Source: S3 User Guide, "EventBridge event message structure" [AWS].
func (h *Host) created(o gate.Object) {
	for _, b := range h.stack.OfType("AWS::S3::Bucket") {
		bridge := object(object(b.Properties["NotificationConfiguration"])["EventBridgeConfiguration"])
		if b.Ref != o.Bucket || bridge == nil || bridge["EventBridgeEnabled"] == false {
			continue
		}
		h.arrivals++
		h.happen(h.anEvent("aws.s3", "Object Created", []string{b.ARN}, map[string]any{
			"version": "0", "bucket": map[string]any{"name": o.Bucket},
			"object":     map[string]any{"key": o.Key, "size": o.Size, "etag": o.ETag, "sequencer": fmt.Sprintf("%018X", h.arrivals)},
			"request-id": requestID()[:16], "requester": moto.Account, "source-ip-address": "127.0.0.1", "reason": "PutObject",
		}))
	}
}
