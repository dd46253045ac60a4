package email_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/aws/email"
	"keyward/pkg/integration"
)

const address = "canary-address@example.com"

func mailTo(to string) integration.Mail {
	return integration.Mail{From: "keyward@example.com", To: to, Raw: []byte("Subject: x\r\n\r\nx\r\n"), Tags: map[string]string{"b": "2", "a": "1", "c": "3"}}
}

func mailerOn(t *testing.T, cfg aws.Config) *email.Mailer {
	t.Helper()
	m, err := email.NewMailer(email.Config{Client: sesv2.NewFromConfig(cfg), ConfigurationSet: "events"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// wantOnly fails the test unless err is that sentinel and no other; nil wants
// an error that leaves open whether the mail was sent.
func wantOnly(t *testing.T, err, want error) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %v", want)
	}
	for _, s := range []error{integration.ErrUndeliverable, integration.ErrNotSent, integration.ErrThrottled} {
		if got := errors.Is(err, s); got != (s == want) {
			t.Errorf("errors.Is(%q, %q) is %t", err, s, got)
		}
	}
	if awstest.Leaks(err) || strings.Contains(err.Error(), "canary") {
		t.Errorf("the error quotes SES's text, or the address: %v", err)
	}
}

func TestErrors(t *testing.T) {
	refused := awstest.Refused
	for name, c := range map[string]struct {
		answer awstest.Answer
		want   error
	}{
		"rejected, as all are in the sandbox": {refused(400, "MessageRejected"), integration.ErrNotSent},
		"sending is paused":                   {refused(400, "SendingPausedException"), integration.ErrNotSent},
		"the account is suspended":            {refused(400, "AccountSuspendedException"), integration.ErrNotSent},
		"the sender is not verified":          {refused(400, "MailFromDomainNotVerifiedException"), integration.ErrNotSent},
		"no such configuration set":           {refused(404, "NotFoundException"), integration.ErrNotSent},
		"a bad request":                       {refused(400, "BadRequestException"), integration.ErrNotSent},
		"a quota":                             {refused(400, "LimitExceededException"), integration.ErrNotSent},
		"not allowed":                         {refused(403, "AccessDeniedException"), integration.ErrNotSent},
		"too many":                            {refused(429, "TooManyRequestsException"), integration.ErrThrottled},
		"throttled":                           {refused(400, "ThrottlingException"), integration.ErrThrottled},
		"SES is ill":                          {refused(500, "InternalServiceErrorException"), nil},
		"unavailable":                         {awstest.Answer{Status: 503}, nil},
		"the answer was lost":                 {awstest.Answer{Lost: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // the SDK waits before it tries again
				_, err := mailerOn(t, awstest.NewScript(c.answer).Once()).Send(t.Context(), mailTo(address))
				wantOnly(t, err, c.want)
			})
		})
	}
}

func TestWhatMayHaveBeenSentIsNotSentAgain(t *testing.T) {
	for name, c := range map[string]struct {
		answer awstest.Answer
		tries  int
	}{
		"lost": {awstest.Answer{Lost: true}, 1}, "500": {awstest.Refused(500, "InternalServiceErrorException"), 1},
		"503": {awstest.Answer{Status: 503}, 1}, "throttled": {awstest.Refused(429, "TooManyRequestsException"), 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				script := awstest.NewScript(c.answer)
				if _, err := mailerOn(t, script.Retrying()).Send(t.Context(), mailTo(address)); err == nil {
					t.Error("no error")
				}
				if n := len(script.Requests()); n != c.tries {
					t.Errorf("%d requests, want %d", n, c.tries)
				}
			})
		})
	}
}

// unreachable is a network without SES.
type unreachable struct{ err error }

func (u unreachable) Do(*http.Request) (*http.Response, error) { return nil, u.err }

func TestWithoutAConnectionNothingWasSent(t *testing.T) {
	for name, err := range map[string]error{
		"no host": &net.DNSError{Err: "no such host", Name: "canary"}, "refused": &net.OpError{Op: "dial", Err: errors.New("canary")},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := awstest.NewScript().Once()
			cfg.HTTPClient = unreachable{err}
			_, err := mailerOn(t, cfg).Send(t.Context(), mailTo(address))
			wantOnly(t, err, integration.ErrNotSent)
		})
	}
	cfg := awstest.NewScript().Once()
	cfg.HTTPClient = unreachable{&net.OpError{Op: "read", Err: errors.New("reset")}}
	_, err := mailerOn(t, cfg).Send(t.Context(), mailTo(address))
	wantOnly(t, err, nil)
}

func TestAddressesThatSESWouldNotTake(t *testing.T) {
	script := awstest.NewScript(awstest.Answer{Status: 500})
	m := mailerOn(t, script.Once())
	for _, to := range []string{
		"", "canary", "canary@", "@example.com", "canary@example", "canary@exa mple.com", "canary@example..com", "canary..x@example.com",
		"Ünï.canary@example.com", "canary@exämple.com", "Canary <canary@example.com>", "canary@example.com,other@example.com",
		"canary@example.com\r\nBcc: x@example.com", strings.Repeat("c", 65) + "@example.com", "canary@-example.com",
	} {
		_, err := m.Send(t.Context(), mailTo(to))
		wantOnly(t, err, integration.ErrUndeliverable)
	}
	bad := mailTo(address)
	bad.From = "keyward"
	_, err := m.Send(t.Context(), bad)
	wantOnly(t, err, integration.ErrNotSent)
	if n := len(script.Requests()); n > 0 {
		t.Errorf("SES was asked %d times", n)
	}
}

func TestWhatSESIsGiven(t *testing.T) {
	script := awstest.NewScript(awstest.Answer{Status: 200, Body: `{"MessageId":"m-1"}`})
	id, err := mailerOn(t, script.Once()).Send(t.Context(), mailTo("o'neil+tag@mail.example.co.uk"))
	if err != nil || id != "m-1" {
		t.Fatalf("ID %q, error %v", id, err)
	}
	var in struct {
		FromEmailAddress, ConfigurationSetName string
		Destination                            struct{ ToAddresses []string }
		Content                                struct{ Raw struct{ Data []byte } }
		EmailTags                              []struct{ Name, Value string }
	}
	if err := json.Unmarshal([]byte(script.Requests()[0].Body), &in); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(in.FromEmailAddress, " ", in.ConfigurationSetName, " ", in.Destination.ToAddresses, " ", in.EmailTags, " ", string(in.Content.Raw.Data))
	if want := "keyward@example.com events [o'neil+tag@mail.example.co.uk] [{a 1} {b 2} {c 3}] Subject: x\r\n\r\nx\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := email.NewMailer(email.Config{}); err == nil || !strings.Contains(err.Error(), "ConfigurationSet") {
		t.Errorf("NewMailer: %v", err)
	}
}
