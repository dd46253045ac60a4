package email_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/aws/email"
	"keyward/pkg/conformance"
	"keyward/pkg/integration"
)

var moto awstest.Moto

func TestMain(m *testing.M) { os.Exit(moto.Run(m)) }

// recorder notes the tags of each mail on its way to SES.
//
// Known faults of moto: it keeps a raw mail's source, destinations and text,
// but neither tags nor configuration set, and it counts the recipients in the
// mail's header beside those in the call.
type recorder struct {
	email.Client
	mu   sync.Mutex
	tags map[string]map[string]string
	set  string
}

func (r *recorder) SendEmail(ctx context.Context, in *sesv2.SendEmailInput, opts ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error) {
	out, err := r.Client.SendEmail(ctx, in, opts...)
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, t := range in.EmailTags {
		tags[*t.Name] = *t.Value
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tags[*out.MessageId], r.set = tags, *in.ConfigurationSetName
	return out, nil
}

// arrived asks moto for the mail.
func (r *recorder) arrived(ctx context.Context, endpoint, id string) (integration.Mail, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/moto-api/data.json", nil)
	if err != nil {
		return integration.Mail{}, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return integration.Mail{}, err
	}
	defer resp.Body.Close()
	var data struct {
		SES struct {
			RawMessage []struct {
				ID           string   `json:"id"`
				Source       string   `json:"source"`
				Destinations []string `json:"destinations"`
				Raw          string   `json:"raw_data"`
			}
		} `json:"ses"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&data); err != nil {
		return integration.Mail{}, err
	}
	for _, m := range data.SES.RawMessage {
		if to := slices.Compact(m.Destinations); m.ID == id && len(to) == 1 {
			return integration.Mail{From: m.Source, To: to[0], Raw: []byte(m.Raw), Tags: r.tags[id]}, nil
		}
	}
	return integration.Mail{}, fmt.Errorf("no mail %s among %d", id, len(data.SES.RawMessage))
}

func TestMailer(t *testing.T) {
	conformance.RunMailer(t, func(t *testing.T) conformance.MailerRig {
		cfg := moto.Reset(t)
		client := sesv2.NewFromConfig(cfg)
		sender := "keyward@example.com"
		if _, err := client.CreateEmailIdentity(t.Context(), &sesv2.CreateEmailIdentityInput{EmailIdentity: &sender}); err != nil {
			t.Fatal(err)
		}
		r := &recorder{Client: client, tags: map[string]map[string]string{}}
		m, err := email.NewMailer(email.Config{Client: r, ConfigurationSet: "keyward-events"})
		if err != nil {
			t.Fatal(err)
		}
		return conformance.MailerRig{Mailer: m, Arrive: func(ctx context.Context, id string) (integration.Mail, error) {
			return r.arrived(ctx, *cfg.BaseEndpoint, id)
		}}
	})
}
