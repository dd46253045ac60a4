package gate

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"keyward/pkg/integration"
)

// A Mail is one that SES took.
type Mail struct {
	ID string // SES's message ID
	At time.Time
	integration.Mail
	ConfigurationSet string
}

// An outbound is SES's SendEmail of a raw mail.
type outbound struct {
	FromEmailAddress, ConfigurationSetName string
	Destination                            struct{ ToAddresses []string }
	Content                                struct{ Raw struct{ Data []byte } }
	EmailTags                              []struct{ Name, Value string }
}

const sendEmail = "/v2/email/outbound-emails"

// mailAsks: a raw mail needs ses:SendRawEmail, on the identity and on the
// configuration set.
func (g *Gate) mailAsks(c call) ([]Request, error) {
	if c.URL.Path != sendEmail || c.Method != http.MethodPost {
		return nil, fmt.Errorf("%s %s", c.Method, c.URL.Path)
	}
	var m outbound
	if err := json.Unmarshal(c.body, &m); err != nil {
		return nil, err
	}
	if len(m.Content.Raw.Data) == 0 || len(m.Destination.ToAddresses) != 1 {
		return nil, fmt.Errorf("a mail that is not raw, or not to one address")
	}
	of := func(resource string) Request {
		return Request{Action: "ses:SendRawEmail", Resource: resource, Context: map[string]string{
			"ses:FromAddress": m.FromEmailAddress, "ses:Recipients": m.Destination.ToAddresses[0], "ses:ApiVersion": "2",
		}}
	}
	out := []Request{of(g.cfg.Sender(m.FromEmailAddress))}
	if m.ConfigurationSetName != "" {
		out = append(out, of(g.arn("ses", "configuration-set/"+m.ConfigurationSetName)))
	}
	return out, nil
}

// ses keeps what moto forgets: the tags, and the virtual time.
func (g *Gate) ses(w http.ResponseWriter, c call) {
	status, body := g.forward(w, c)
	if status != http.StatusOK || g.cfg.Sent == nil {
		return
	}
	var m outbound
	var answer struct{ MessageId string }
	if json.Unmarshal(c.body, &m) != nil || json.Unmarshal(body, &answer) != nil {
		return
	}
	out := Mail{ID: answer.MessageId, At: g.cfg.Now(), ConfigurationSet: m.ConfigurationSetName, Mail: integration.Mail{
		From: m.FromEmailAddress, To: m.Destination.ToAddresses[0], Raw: m.Content.Raw.Data, Tags: map[string]string{},
	}}
	for _, t := range m.EmailTags {
		out.Tags[t.Name] = t.Value
	}
	g.cfg.Sent(out)
}
