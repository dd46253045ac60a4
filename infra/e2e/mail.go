package e2e

import (
	"fmt"
	"slices"
	"time"

	"keyward/infra/e2e/gate"
)

// Bounce lets SES tell that a mail could not be delivered, by its message ID.
func (h *Host) Bounce(id string) error {
	mails := h.Mails()
	i := slices.IndexFunc(mails, func(m gate.Mail) bool { return m.ID == id })
	if i < 0 {
		return fmt.Errorf("there is no mail %q", id)
	}
	if m := mails[i]; h.publishes(m.ConfigurationSet, "bounce") {
		h.happen(h.bounced(m))
	}
	return nil
}

// publishes tells whether the configuration set sends events of the kind to
// EventBridge.
func (h *Host) publishes(set, kind string) bool {
	for _, r := range h.stack.OfType("AWS::SES::ConfigurationSetEventDestination") {
		d := object(r.Properties["EventDestination"])
		if r.Properties["ConfigurationSetName"] == set && d["Enabled"] == true && d["EventBridgeDestination"] != nil &&
			slices.Contains(list(d["MatchingEventTypes"]), any(kind)) {
			return true
		}
	}
	return false
}

// bounced is the event as EventBridge delivers it.
// Source: SES Developer Guide, "Contents of event data that Amazon SES
// publishes" and "Monitoring with EventBridge" [AWS].
func (h *Host) bounced(m gate.Mail) map[string]any {
	const layout = "2006-01-02T15:04:05.000Z"
	tags := map[string][]string{"ses:configuration-set": {m.ConfigurationSet}}
	for k, v := range m.Tags {
		tags[k] = []string{v}
	}
	set := "arn:aws:ses:" + h.stack.Region + ":" + h.stack.Account + ":configuration-set/" + m.ConfigurationSet
	return h.anEvent("aws.ses", "Email Bounced", []string{set}, map[string]any{
		"eventType": "Bounce",
		"mail": map[string]any{
			"timestamp": m.At.UTC().Format(layout), "messageId": m.ID, "source": m.From, "destination": []string{m.To}, "tags": tags,
		},
		"bounce": map[string]any{
			"bounceType": "Permanent", "bounceSubType": "General", "feedbackId": requestID(),
			"timestamp":         h.cfg.Clock.Now().UTC().Truncate(time.Millisecond).Format(layout),
			"bouncedRecipients": []map[string]string{{"emailAddress": m.To, "action": "failed", "status": "5.1.1"}},
		},
	})
}
