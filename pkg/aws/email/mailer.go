// Package email hands mails to Amazon SES, as they are (raw MIME), with a
// configuration set, whose events bring bounces back, and tags that say what a
// bounce is about.
//
// A mail must not go out twice because an answer was lost. So Send repeats
// only what SES refused for the time being (throttling), whatever retryer its
// client has; all other failures are the caller's, who knows what to do about
// a mail that may have gone out.
//
// What a role needs: ses:SendRawEmail on identity and configuration set.
package email

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"keyward/pkg/aws/internal/fault"
	"keyward/pkg/integration"
	"keyward/pkg/required"
)

// Client is what a mailer needs of SES's client.
type Client interface {
	SendEmail(context.Context, *sesv2.SendEmailInput, ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error)
}

// Config is what a mailer needs.
type Config struct {
	Client           Client // must
	ConfigurationSet string // must; publishes bounces and complaints
}

// A Mailer sends by SES; see conformance.Mailer.
type Mailer struct{ cfg Config }

// NewMailer makes a mailer. The error lists every field that is missing.
func NewMailer(c Config) (*Mailer, error) {
	return &Mailer{c}, required.Check("email",
		required.Field{Name: "Client", Absent: c.Client == nil},
		required.Field{Name: "ConfigurationSet", Absent: c.ConfigurationSet == ""},
	)
}

const op = "email.Send"

// Send returns SES's message ID, which its events name. ErrUndeliverable: SES
// will never send to the address. ErrNotSent, ErrThrottled: certainly not
// sent. Any other error leaves it open.
func (m *Mailer) Send(ctx context.Context, out integration.Mail) (string, error) {
	switch {
	case !addressable(out.From):
		return "", fmt.Errorf("%s: %w: the sender's address is malformed", op, integration.ErrNotSent)
	case !addressable(out.To):
		return "", fmt.Errorf("%s: %w", op, integration.ErrUndeliverable)
	}
	answer, err := m.cfg.Client.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: &out.From, Destination: &types.Destination{ToAddresses: []string{out.To}},
		Content:              &types.EmailContent{Raw: &types.RawMessage{Data: out.Raw}},
		ConfigurationSetName: &m.cfg.ConfigurationSet, EmailTags: tags(out.Tags),
	}, onlyThrottles)
	if err != nil {
		return "", failed(err)
	}
	return aws.ToString(answer.MessageId), nil
}

// onlyThrottles makes the client repeat nothing that may have been sent.
func onlyThrottles(o *sesv2.Options) {
	o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) {
		s.Retryables = []retry.IsErrorRetryable{
			retry.NoRetryCanceledError{}, retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes},
		}
	})
}

// tags are in an order of their own, so that a mail is always the same call.
func tags(all map[string]string) []types.MessageTag {
	var out []types.MessageTag
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, types.MessageTag{Name: aws.String(name), Value: aws.String(all[name])})
	}
	return out
}

// mailbox is an address that SES takes: ASCII, international domains in their
// encoded form. net/mail and RFC 5322 allow more.
// Source: SES's API reference, "Destination".
var mailbox = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~` + "`" + `-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~` + "`" + `-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}$`)

// addressable tells whether SES would look at the address at all.
func addressable(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	return len(address) <= 254 && len(local) <= 64 && mailbox.MatchString(address)
}

// failed says what is known of the mail. An answer of the 4xx kind, and a
// connection that never came about, mean that it was not sent. None of SES's
// refusals is put down to the recipient: that the address is well-formed was
// seen before, MessageRejected in SES's sandbox names everybody, and an
// address on the suppression list is accepted, and bounces.
// Source: SES's API reference, "SendEmail", Errors, and "Common Errors".
func failed(err error) error {
	meanings := fault.Meanings{}
	if !fault.Throttled(err) && (fault.Unconnected(err) || fault.Refused(err)) {
		meanings[fault.Code(err)] = integration.ErrNotSent
	}
	return fault.New(op, err, meanings)
}
