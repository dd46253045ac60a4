package conformance

import (
	"context"
	"fmt"
	"testing"

	"keyward/pkg/integration"
)

// A MailerRig is a mailer with the other end of the mail.
type MailerRig struct {
	Mailer Mailer
	Arrive func(ctx context.Context, messageID string) (integration.Mail, error)
}

// RunMailer holds a mailer to its contract.
func RunMailer(t *testing.T, open func(t *testing.T) MailerRig) {
	mail := integration.Mail{
		From: "keyward@example.com", To: "contact@example.com",
		Raw:  []byte("From: keyward@example.com\r\nTo: contact@example.com\r\nSubject: =?utf-8?q?=C3=BC?=\r\n\r\nHello\r\n"),
		Tags: map[string]string{"integration": "int_1", "notice": "invitation-1"},
	}
	t.Run("a mail arrives whole", func(t *testing.T) {
		r := open(t)
		id := must(r.Mailer.Send(t.Context(), mail))(t)
		got := must(r.Arrive(t.Context(), id))(t)
		same(t, "mail", got, mail)
	})
	t.Run("each has an ID of its own", func(t *testing.T) {
		r := open(t)
		ids := map[string]bool{}
		for range 10 {
			ids[must(r.Mailer.Send(t.Context(), mail))(t)] = true
		}
		if len(ids) != 10 || ids[""] {
			t.Errorf("10 mails have %d IDs", len(ids))
		}
	})
	t.Run("many at once", func(t *testing.T) {
		r := open(t)
		for i, err := range race(20, func(int) error { _, err := r.Mailer.Send(t.Context(), mail); return err }) {
			if err != nil {
				t.Error(fmt.Sprint(i), err)
			}
		}
	})
	t.Run("a cancelled send ends", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := open(t).Mailer.Send(ctx, mail)
		wantError(t, "Send", err, context.Canceled)
	})
}
