package notify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"keyward/pkg/integration"
)

// compose makes the job's mail, complete with headers, and what is kept of it.
func (s *Service) compose(j *job) (integration.Mail, error) {
	letter, err := s.renderer.Render(j.desk, j.to, j.link, s.Now())
	if err == nil {
		j.said, err = s.renderer.content(*j, s.Now())
	}
	if err != nil {
		return integration.Mail{}, fmt.Errorf("%w: %w", integration.ErrNotSent, err)
	}
	e := envelope{
		fromName: s.renderer.head.Vendor, from: s.Sender,
		toName: name(j.to.Name), to: j.to.Address, replyTo: s.SupportAddress,
		date: s.Now(), id: mailID(j.notice, j.to.ID),
	}
	if j.to.ID == "" {
		e.fromName, e.toName, e.to = "Keyward", "", s.SupportAddress
	}
	raw, err := e.seal(letter)
	if err != nil {
		return integration.Mail{}, err
	}
	return integration.Mail{From: e.from, To: e.to, Raw: raw, Tags: Tags(j.notice, j.to.ID)}, nil
}

const (
	linkRemoved = "(link removed)"
	// maxKept is many times the length of the longest mail: it bounds the row.
	maxKept = 20_000
)

// content is what the job's mail says, as it is kept: rendered anew, so that
// the recipient's name and the link's token never come near it.
func (r *Renderer) content(j job, now time.Time) (integration.Content, error) {
	if j.link.URL != "" {
		j.link.URL = linkRemoved
	}
	l, err := r.Render(j.desk, integration.Contact{}, j.link, now)
	return integration.Content{Subject: l.Subject, Text: shorten(l.Text, maxKept)}, err
}

// mailID is the same for every attempt to send a notice to a contact: a
// duplicate is then recognisable, and mail programs fold the two into one.
func mailID(n integration.Notice, to integration.ContactID) string {
	sum := sha256.Sum256([]byte(string(n.Integration) + "\x00" + n.Dedupe + "\x00" + string(to)))
	return hex.EncodeToString(sum[:16])
}

// An envelope is what a letter needs to be a message.
type envelope struct {
	fromName, from string
	toName, to     string
	replyTo        string
	date           time.Time
	id             string
}

// seal writes the message of RFC 5322. integration.ErrUndeliverable: the recipient's address
// is none.
func (e envelope) seal(l Letter) ([]byte, error) {
	if !bareAddress(e.to) {
		return nil, integration.ErrUndeliverable
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary("keyward-"+e.id), gomail.WithEncoding(gomail.EncodingQP))
	m.FromMailAddress(&mail.Address{Name: e.fromName, Address: e.from})
	m.ReplyToMailAddress(&mail.Address{Address: e.replyTo})
	m.ToMailAddress(&mail.Address{Name: e.toName, Address: e.to})
	m.Subject(l.Subject)
	m.SetDateWithValue(e.date.UTC())
	_, domain, _ := strings.Cut(e.from, "@")
	m.SetMessageIDWithValue(e.id + "@" + domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers, please
	m.SetGenHeader("X-Auto-Response-Suppress", "All")  // the same for Exchange
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("%w: composing", integration.ErrNotSent)
	}
	return b.Bytes(), nil
}

// correlationTag is what SES takes for a tag's value.
var correlationTag = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// Tags are what feedback events bring back: IDs alone. The notice's dedupe
// key is written in hex, because tags allow few characters; one that is too
// long is left out, and a bounce then counts for the contact only.
func Tags(n integration.Notice, to integration.ContactID) map[string]string {
	t := map[string]string{"integration": string(n.Integration), "kind": string(n.Kind)}
	if to != "" {
		t["contact"] = string(to)
	}
	if h := hex.EncodeToString([]byte(n.Dedupe)); len(h) <= 256 {
		t["notice"] = h
	}
	if correlationTag.MatchString(n.Correlation) {
		t["correlation"] = n.Correlation
	}
	return t
}
