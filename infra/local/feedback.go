package local

import (
	"time"

	"keyward/pkg/embedded"
)

// bounceEvent is what EventBridge delivers when a mail bounces for good.
// Source: the SES developer guide, "Using EventBridge" and "Contents of event
// data that Amazon SES publishes".
func bounceEvent(m embedded.Received, now time.Time) map[string]any {
	tags := map[string][]string{}
	for k, v := range m.Mail.Tags {
		tags[k] = []string{v}
	}
	at := now.UTC().Format("2006-01-02T15:04:05.000Z")
	return map[string]any{
		"version": "0", "id": requestID(), "detail-type": "Email Bounced", "source": "aws.ses",
		"account": "000000000000", "region": "local", "time": now.UTC().Format(time.RFC3339), "resources": []string{},
		"detail": map[string]any{
			"eventType": "Bounce",
			"mail":      map[string]any{"timestamp": m.At.UTC().Format("2006-01-02T15:04:05.000Z"), "messageId": m.ID, "source": m.Mail.From, "destination": []string{m.Mail.To}, "tags": tags},
			"bounce": map[string]any{
				"bounceType": "Permanent", "bounceSubType": "General", "timestamp": at, "feedbackId": requestID(),
				"bouncedRecipients": []map[string]string{{"emailAddress": m.Mail.To, "action": "failed", "status": "5.1.1"}},
			},
		},
	}
}
