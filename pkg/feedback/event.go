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

// Bounce says how final it is.
type Bounce struct {
	Type    string `json:"bounceType"`    // Permanent, Transient or Undetermined
	SubType string `json:"bounceSubType"` // such as General, NoEmail, Suppressed, OnAccountSuppressionList, MailboxFull
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

// about reads the tags. ok is false, and it is empty, when the mail is not one
// of ours.
func (e Event) about() (about, bool) {
	tag := func(name string) string {
		if v := e.Detail.Mail.Tags[name]; len(v) == 1 {
			return v[0]
		}
		return ""
	}
	dedupe, err := hex.DecodeString(tag("notice"))
	a := about{
		id: integration.ID(tag("integration")), contact: integration.ContactID(tag("contact")),
		dedupe: string(dedupe), kind: integration.NoticeKind(tag("kind")),
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
	case d.EventType == "Bounce" && d.Bounce != nil && d.Bounce.Type == "Permanent":
		return integration.Bounced
	case d.EventType == "Complaint" && (d.Complaint == nil || d.Complaint.Feedback != "not-spam"):
		return integration.Complained
	}
	return ""
}

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
