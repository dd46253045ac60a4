package feedback

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keyward/pkg/integration"
)

// TestEveryKindOfFeedback holds each saved event, in AWS's shape, to what it
// does, given once or three times.
func TestEveryKindOfFeedback(t *testing.T) {
	for _, c := range []struct {
		event  string
		marked string // the contacts who get no mail any more
		mails  string // all of them, by recipient
		log    string
	}{
		{"bounce_permanent", "con_ada", "ada bob help", "INFO"},
		{"bounce_permanent_noemail", "con_ada", "ada bob help", "INFO"},
		{"bounce_permanent_suppressed", "con_ada", "ada bob help", "INFO"},
		{"complaint", "con_ada", "ada bob help", "INFO"},
		{"complaint_not_spam", "", "ada", "INFO"},
		{"bounce_transient_mailbox_full", "", "ada bob", "INFO"},
		{"bounce_transient_mailbox_full_552", "", "ada bob", "INFO"},
		{"bounce_transient_recipient_denied", "con_ada", "ada bob help", "INFO"},
		{"bounce_transient_general", "", "ada", "INFO"},
		{"bounce_undetermined", "", "ada", "INFO"},
		{"delivery", "", "ada", "INFO"},
		{"delivery_delay", "", "ada", "INFO"},
		{"send", "", "ada", "INFO"},
		{"reject", "", "ada", "ERROR"},
		{"rendering_failure", "", "ada", "ERROR"},
		{"bounce_to_support", "", "ada", "ERROR"},
		{"bounce_unknown_contact", "", "ada", "WARN"},
		{"bounce_without_tags", "", "ada", "WARN"},
		{"bounce_long_notice", "con_ada", "ada help", "INFO"}, // the contact is known, the notice is not
	} {
		for _, times := range []int{1, 3} {
			t.Run(c.event, func(t *testing.T) {
				b := newBench(t)
				b.put("ada", "bob")
				e := mustRead(t, c.event)
				for range times {
					b.mustHandle(e)
					b.sendAll()
				}
				if got := b.unreachable(); got != c.marked {
					t.Errorf("undeliverable: %q, want %q", got, c.marked)
				}
				b.wantMails(strings.Fields(c.mails)...)
				if !strings.Contains(b.logs.String(), "level="+c.log) {
					t.Errorf("nothing was logged at %s:\n%s", c.log, b.logs.String())
				}
			})
		}
	}
}

// TestABounceIsJudgedByTheServersAnswer: SES's own classification is not the last word.
func TestABounceIsJudgedByTheServersAnswer(t *testing.T) {
	const address, mail, nothing = integration.Bounced, integration.NotDelivered, integration.Reason("")
	for name, c := range map[string]struct {
		kind, recipient string
		want            integration.Reason
	}{
		"permanent, no details":            {"Permanent/General", `{}`, address},
		"permanent, suppressed":            {"Permanent/OnAccountSuppressionList", `{"status":"5.1.1","action":"failed"}`, address},
		"no such user":                     {"Transient/General", `{"status":"5.1.1","action":"failed"}`, address},
		"no such host":                     {"Undetermined/Undetermined", `{"status":"5.1.2","action":"failed"}`, address},
		"refused, 5.3.0":                   {"Transient/General", `{"status":"5.3.0","action":"failed","diagnosticCode":"smtp; 550 denied"}`, address},
		"refused without enhanced status":  {"Transient/General", `{"action":"failed","diagnosticCode":"smtp; 550 ada@acme.example: no"}`, address},
		"refused, action missing":          {"Transient/General", `{"diagnosticCode":"smtp;550 no"}`, address},
		"mailbox disabled":                 {"Transient/General", `{"status":"5.2.1","action":"failed"}`, address},
		"mailbox full, 5.2.2":              {"Transient/MailboxFull", `{"status":"5.2.2","action":"failed"}`, mail},
		"mailbox full, called general":     {"Transient/General", `{"status":"5.2.2","action":"failed","diagnosticCode":"smtp; 552 full"}`, mail},
		"mailbox full, 4.2.2":              {"Transient/MailboxFull", `{"status":"4.2.2","action":"failed"}`, mail},
		"552 without enhanced status":      {"Transient/General", `{"action":"failed","diagnosticCode":"smtp; 552 quota"}`, mail},
		"too large":                        {"Transient/MessageTooLarge", `{"status":"5.3.4","action":"failed"}`, mail},
		"content refused":                  {"Transient/ContentRejected", `{"status":"5.0.0","action":"failed"}`, mail},
		"retries ran out":                  {"Transient/General", `{"status":"4.4.7","action":"failed","diagnosticCode":"smtp; 554 4.4.7 expired"}`, mail},
		"delayed":                          {"Transient/General", `{"status":"4.4.1","action":"delayed"}`, nothing},
		"out of office":                    {"Transient/General", `{}`, nothing},
		"undetermined without an answer":   {"Undetermined/Undetermined", `{}`, nothing},
		"diagnostic that is no SMTP reply": {"Transient/General", `{"diagnosticCode":"x-unix; 550 no"}`, nothing},
	} {
		t.Run(name, func(t *testing.T) {
			kind, sub, _ := strings.Cut(c.kind, "/")
			e, err := Parse(fmt.Appendf(nil, `{"source":"aws.ses","detail":{"eventType":"Bounce","bounce":
				{"bounceType":%q,"bounceSubType":%q,"bouncedRecipients":[%s]}}}`, kind, sub, c.recipient))
			if err != nil {
				t.Fatal(err)
			}
			if got := e.lost(); got != c.want {
				t.Errorf("lost because %q, want %q", got, c.want)
			}
			if strings.Contains(fmt.Sprintf("%+v", e.Detail.Bounce), "acme") {
				t.Error("the event keeps the address")
			}
		})
	}
}

// A full mailbox costs one notice its recipient, and nobody the address.
func TestWithNobodyElseAFullMailboxIsToldToSupport(t *testing.T) {
	b := newBench(t)
	b.put("ada")
	for range 3 {
		b.mustHandle(mustRead(t, "bounce_transient_mailbox_full"))
		b.sendAll()
	}
	b.wantMails("ada", "help")
	if got := b.unreachable(); got != "" {
		t.Errorf("undeliverable: %q", got)
	}
}

func TestFromContactToContactToSupport(t *testing.T) {
	b := newBench(t)
	b.put("ada", "bob")
	first := b.aboutMailTo("con_ada", "bounce_permanent")
	b.mustHandle(first)
	b.sendAll()
	second := b.aboutMailTo("con_bob", "bounce_permanent")
	b.mustHandle(second)
	b.sendAll()
	b.mustHandle(first) // once more, late
	b.mustHandle(second)
	b.sendAll()
	b.wantMails("ada", "bob", "help", "help")
	if got := b.unreachable(); got != "con_ada con_bob" {
		t.Errorf("undeliverable: %q", got)
	}
	if n := b.notice(); n.Status != integration.Dropped || len(n.Tried) != 2 {
		t.Errorf("the notice ended as %+v", n)
	}
}

func TestManyAtOnceAreOne(t *testing.T) {
	b := newBench(t)
	b.put("ada", "bob")
	e := mustRead(t, "bounce_permanent")
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			if err := b.Handle(t.Context(), e); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	b.sendAll()
	b.wantMails("ada", "bob", "help")
}

func TestAnOldMailIsNotSentAgain(t *testing.T) {
	b := newBench(t)
	b.put("ada", "bob")
	b.advance(48*time.Hour + time.Minute)
	b.mustHandle(mustRead(t, "bounce_permanent"))
	b.sendAll()
	b.wantMails("ada", "help")
	if got := b.unreachable(); got != "con_ada" {
		t.Errorf("undeliverable: %q", got)
	}
	if n := b.notice(); n.Status != integration.Sent {
		t.Errorf("the notice was opened again: %+v", n)
	}
}

func TestABounceOfAnEarlierAttemptLeavesTheNoticeAlone(t *testing.T) {
	b := newBench(t)
	b.put("ada", "bob")
	sent := b.notice()
	elsewhere := sent
	elsewhere.SentTo = "con_bob" // a later attempt chose another contact
	c := integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(sent, elsewhere)}}
	if err := b.store.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	b.mustHandle(mustRead(t, "bounce_permanent"))
	b.sendAll()
	b.wantMails("ada", "help")
	if got := b.unreachable(); got != "con_ada" {
		t.Errorf("undeliverable: %q", got)
	}
}

func TestABounceOvertakesTheSender(t *testing.T) {
	b := newBench(t)
	b.put("ada", "bob")
	sent := b.notice()
	sending := sent
	sending.Status, sending.SentAt, sending.Lease = integration.Sending, time.Time{}, integration.Lease{ID: "chk_x", Until: b.now().Add(time.Minute)}
	c := integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(sent, sending)}}
	if err := b.store.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	b.mustHandle(mustRead(t, "bounce_permanent"))
	b.sendAll()
	b.wantMails("ada", "bob", "help")
}

func TestHandlerReportsFailuresByMessageID(t *testing.T) {
	b := newBench(t)
	b.put("ada", "bob")
	good, poison := string(mustReadFile(t, "bounce_permanent")), `{"source":"aws.s3","detail":{}}`
	batch := events.SQSEvent{Records: []events.SQSMessage{
		{MessageId: "poison", Body: poison}, {MessageId: "good", Body: good}, {MessageId: "no JSON", Body: "ada@acme.example"},
	}}
	got, err := Handler(b.Service)(t.Context(), batch)
	if err != nil || failures(got) != "poison, no JSON" {
		t.Errorf("failed: %s, %v", failures(got), err)
	}
	if b.unreachable() != "con_ada" {
		t.Error("the good message was not handled")
	}
	if logs := b.logs.String(); strings.Count(logs, "feedback failed") != 2 || strings.Count(logs, "code=not_an_event") != 2 {
		t.Errorf("two failures were logged as:\n%s", logs)
	}
	b.fail = errors.New("table of ada@acme.example is down")
	got, _ = Handler(b.Service)(t.Context(), events.SQSEvent{Records: batch.Records[1:2]})
	if failures(got) != "good" {
		t.Errorf("failed: %s", failures(got))
	}
	if logs := b.logs.String(); !strings.Contains(logs, "message=good code=store") || strings.Contains(logs, "acme") {
		t.Errorf("the table's failure was logged as:\n%s", logs)
	}
	b.fail = nil
}

func failures(r events.SQSEventResponse) string {
	var ids []string
	for _, f := range r.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return strings.Join(ids, ", ")
}

func TestNewNamesAllThatIsMissing(t *testing.T) {
	_, err := New(Config{})
	for _, want := range []string{"Store", "Now"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"bounce_permanent", "complaint", "delivery_delay", "bounce_without_tags"} {
		body := mustReadFile(&testing.T{}, name)
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := Parse(body)
		if err != nil {
			if err != ErrNotAnEvent {
				t.Errorf("another error: %v", err)
			}
			return
		}
		if a, ok := e.about(); ok && a.id == "" {
			t.Error("a mail of ours without an integration")
		}
		_ = e.code()
		_ = e.lost()
	})
}
