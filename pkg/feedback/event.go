package feedback

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

	"keyward/pkg/integration"
)

// An Event is what SES publishes about one mail, as EventBridge delivers it.
// Fields that hold addresses are left out on purpose.
//
// Sources: Amazon SES Developer Guide, "Monitoring SES events using Amazon
// EventBridge" and "Contents of event data that Amazon SES publishes".
type Event struct {
	Source     string `json:"source"`      // aws.ses
	DetailType string `json:"detail-type"` // such as "Email Bounced"
	Detail     Detail `json:"detail"`
}

// Detail is the event proper. The field for its type is filled.
type Detail struct {
	EventType string     `json:"eventType"` // Bounce, Complaint, Delivery, Send, Reject, DeliveryDelay, Rendering Failure, …
	Mail      Mail       `json:"mail"`
	Bounce    *Bounce    `json:"bounce"`
	Complaint *Complaint `json:"complaint"`
}

// Mail names the mail that the event is about.
type Mail struct {
	MessageID string              `json:"messageId"`
	Tags      map[string][]string `json:"tags"`
}

// Bounce says how final it is, and what the recipient's server answered.
type Bounce struct {
	Type       string             `json:"bounceType"`    // Permanent, Transient or Undetermined
	SubType    string             `json:"bounceSubType"` // such as General, NoEmail, Suppressed, MailboxFull
	Recipients []BouncedRecipient `json:"bouncedRecipients"`
}

// BouncedRecipient is what a delivery status notification says (RFC 3464), the
// address left out. An automatic reply, such as an out-of-office notice, comes as
// a Transient bounce too, without any of this: the mail has arrived.
type BouncedRecipient struct {
	Action string    `json:"action"`         // failed, delayed, …; may be missing
	Status string    `json:"status"`         // enhanced status code (RFC 3463), such as 5.1.1; may be missing
	Reply  replyCode `json:"diagnosticCode"` // of a text such as "smtp; 550 recipient denied"
}

// A replyCode is the three digits of an SMTP reply. The text behind them can hold
// the address, and is not kept.
type replyCode string

var replyShape = regexp.MustCompile(`^smtp; ?([2-5][0-9]{2})\b`)

func (r *replyCode) UnmarshalText(text []byte) error {
	*r = ""
	if m := replyShape.FindSubmatch(text); m != nil {
		*r = replyCode(m[1])
	}
	return nil
}

// Complaint says what the recipient pressed.
type Complaint struct {
	SubType  string `json:"complaintSubType"`      // OnAccountSuppressionList, or empty
	Feedback string `json:"complaintFeedbackType"` // abuse, fraud, not-spam, …; mostly empty
}

// ErrNotAnEvent comes from Parse for what is not one of SES's events.
var ErrNotAnEvent = errors.New("not an event of SES")

// Parse reads an event. Its error does not quote the text.
func Parse(body []byte) (Event, error) {
	var e Event
	if err := json.Unmarshal(body, &e); err != nil || e.Source != "aws.ses" || e.Detail.EventType == "" {
		return Event{}, ErrNotAnEvent
	}
	return e, nil
}

// about is which mail the event is about, by its tags.
type about struct {
	id      integration.ID
	contact integration.ContactID // empty: support
	dedupe  string                // empty: not known
	kind    integration.NoticeKind
}

// The shapes of what our own tags say. Anything else is somebody's text, and
// goes nowhere, not even into the log.
var (
	idShape   = regexp.MustCompile(`^(int|con)_[0-9a-z]{1,40}$`)
	kindShape = regexp.MustCompile(`^[a-z_]{1,60}$`)
)

// tag is the value of one of our tags, or "".
func (e Event) tag(name string) string {
	if v := e.Detail.Mail.Tags[name]; len(v) == 1 {
		return v[0]
	}
	return ""
}

// about reads the tags. ok is false, and it is empty, when the mail is not one
// of ours.
func (e Event) about() (about, bool) {
	dedupe, err := hex.DecodeString(e.tag("notice"))
	a := about{
		id: integration.ID(e.tag("integration")), contact: integration.ContactID(e.tag("contact")),
		dedupe: string(dedupe), kind: integration.NoticeKind(e.tag("kind")),
	}
	ours := err == nil && (a.id == integration.Fleet || idShape.MatchString(string(a.id))) &&
		(a.contact == "" || idShape.MatchString(string(a.contact))) && (a.kind == "" || kindShape.MatchString(string(a.kind)))
	if !ours {
		return about{}, false
	}
	return a, true
}

// lost is why the mail counts as undelivered; empty when it does not.
func (e Event) lost() integration.Reason {
	switch d := e.Detail; {
	case d.EventType == "Bounce" && d.Bounce != nil:
		return d.Bounce.lost()
	case d.EventType == "Complaint" && (d.Complaint == nil || d.Complaint.Feedback != "not-spam"):
		return integration.Complained
	}
	return ""
}

// lost goes by the recipient's server where SES calls a bounce Transient or does
// not know: SES files refusals such as "550 recipient denied" under Transient
// General [FIELD].
func (b Bounce) lost() integration.Reason {
	if b.Type == "Permanent" {
		return integration.Bounced
	}
	for _, r := range b.Recipients {
		switch {
		case r.refusesAddress() && !aboutTheMail[b.SubType]:
			return integration.Bounced
		case r.final():
			return integration.NotDelivered
		}
	}
	return ""
}

// aboutTheMail are the subtypes that say something about this mail or this
// moment, not about the address.
var aboutTheMail = map[string]bool{"MailboxFull": true, "MessageTooLarge": true, "ContentRejected": true, "AttachmentRejected": true}

// sparesAddress matches enhanced status codes of permanent failures that do not
// condemn the address: mailbox full, message too long (5.2.2, 5.2.3), system full,
// message too big (5.3.1, 5.3.4), delivery time expired (5.4.7), content (5.6.x).
// RFC 3463.
var sparesAddress = regexp.MustCompile(`^5\.(2\.[23]|3\.[14]|4\.7|6\.[0-9]+)$`)

// refusesAddress reports whether the server will never take mail for the address.
func (r BouncedRecipient) refusesAddress() bool {
	return r.permanent() && !sparesAddress.MatchString(r.Status) && r.Reply != "552" // 552: storage exceeded (RFC 5321)
}

// permanent reports whether the server's own answer was a permanent failure.
func (r BouncedRecipient) permanent() bool {
	return strings.HasPrefix(r.Status, "5.") || r.Status == "" && strings.HasPrefix(string(r.Reply), "5")
}

// final reports whether nobody tries to deliver this mail any more.
func (r BouncedRecipient) final() bool { return r.Action == "failed" || r.permanent() }

// wordShape is that of SES's own words, such as "Rendering Failure",
// "OnAccountSuppressionList" and "not-spam".
var wordShape = regexp.MustCompile(`^[A-Za-z -]{0,40}$`)

// code names the event for logs: "Bounce Permanent General". What is no word
// of SES's is left out.
func (e Event) code() string {
	parts := []string{e.Detail.EventType}
	if b := e.Detail.Bounce; b != nil {
		parts = append(parts, b.Type, b.SubType)
	}
	if c := e.Detail.Complaint; c != nil {
		parts = append(parts, c.SubType, c.Feedback)
	}
	parts = slices.DeleteFunc(parts, func(w string) bool { return !wordShape.MatchString(w) })
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}
