package simulation

import (
	"context"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/integration"
)

// A post takes all mails, in the place of SES.
type post struct {
	w     *World
	mails []letter
}

// A letter is a mail that was taken over to be delivered.
type letter struct {
	at     time.Time
	mail   integration.Mail
	id     integration.ID
	to     integration.ContactID // empty: support
	dedupe string
	kind   integration.NoticeKind
	token  string // of the upload link in it; may be empty

	bounces bool
}

// mailPort is SES as notify sees it.
type mailPort struct{ rig *Rig }

const (
	mailTimeout  fault = "SES timed out after accepting"
	mailRefused  fault = "SES refused the address"
	mailPaused   fault = "SES paused sending"
	mailVanished fault = "SES timed out without accepting"
)

// Send is one call of SES with all that can become of it.
func (p mailPort) Send(ctx context.Context, m integration.Mail) (string, error) {
	w := p.rig.world
	w.truth.handedOver(taskOf(ctx), m)
	id, err := call(ctx, w, "mail.Send", m.Tags["kind"], nil, true, func() (string, error) {
		if f := w.mailFault(); f != fine {
			w.strike(f)
			return w.post.fail(m, f)
		}
		return w.post.take(m), nil
	})
	return id, err
}

func (w *World) mailFault() fault {
	k := &w.weather
	switch {
	case w.still():
		return fine
	case w.chance(k.lost):
		return mailTimeout
	case w.chance(k.lost / 2):
		return mailVanished
	case w.chance(k.throttle):
		return mailPaused
	case w.chance(k.crash / 4):
		return mailRefused
	}
	return fine
}

func (p *post) fail(m integration.Mail, f fault) (string, error) {
	switch f {
	case mailTimeout:
		p.take(m)
		return "", embedded.ErrLost
	case mailRefused:
		if m.Tags["contact"] == "" {
			return "", integration.ErrNotSent
		}
		return "", integration.ErrUndeliverable
	case mailPaused:
		return "", integration.ErrNotSent
	}
	return "", embedded.ErrLost
}

var (
	softBreak = strings.NewReplacer("=\r\n", "")
	linkForm  = regexp.MustCompile(regexp.QuoteMeta(publicURL) + `/l/([A-Za-z0-9_-]{43})`)
)

// take accepts a mail: it will be read, or bounce.
func (p *post) take(m integration.Mail) string {
	dedupe, _ := hex.DecodeString(m.Tags["notice"])
	l := letter{
		at: p.w.now(), mail: m, id: integration.ID(m.Tags["integration"]), to: integration.ContactID(m.Tags["contact"]),
		dedupe: string(dedupe), kind: integration.NoticeKind(m.Tags["kind"]),
	}
	if found := linkForm.FindStringSubmatch(softBreak.Replace(string(m.Raw))); found != nil {
		l.token = found[1]
	}
	p.mails = append(p.mails, l)
	p.w.note("SES", "takes", string(l.kind)+" for "+string(l.id)+" "+l.dedupe)
	p.w.truth.mailed(l)
	p.deliver(l)
	return fmt.Sprintf("mail-%d", len(p.mails))
}

// deliver brings the mail to its reader, or bounces it.
func (p *post) deliver(l letter) {
	w := p.w
	c, who := w.reader(l.mail.To)
	if c == nil {
		return
	}
	if who.bounces {
		w.tally.Injected["bounce"]++
		p.mails[len(p.mails)-1].bounces = true
		w.after(w.between(time.Second, 20*time.Minute), func() { w.bounce(l) })
		return
	}
	w.after(w.between(2*time.Minute, 5*time.Hour), func() { c.reads(w, who, l) })
}

// bounce sends SES's event about a mail.
func (w *World) bounce(l letter) {
	tags := map[string][]string{}
	for k, v := range l.mail.Tags {
		tags[k] = []string{v}
	}
	event := map[string]any{
		"detail-type": "Email Bounced", "source": "aws.ses",
		"detail": map[string]any{
			"eventType": "Bounce", "mail": map[string]any{"messageId": "m", "tags": tags},
			"bounce": map[string]any{"bounceType": "Permanent", "bounceSubType": "General"},
		},
	}
	if err := w.queues["feedback"].Send(ctx(), event, 0); err != nil {
		w.fail("queues-work", err.Error())
	}
}
