package feedback

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"keyward/pkg/integration"
)

func TestWhatIsNoEvent(t *testing.T) {
	for body, want := range map[string]bool{
		`{"source":"aws.ses","detail":{"eventType":"Send"}}`: true,
		`{"source":"aws.s3","detail":{"eventType":"Send"}}`:  false,
		`{"detail":{"eventType":"Send"}}`:                    false,
		`{"source":"aws.ses","detail":{}}`:                   false,
		`{"source":"aws.ses"}`:                               false,
		`{"source":"aws.ses","detail":{"eventType":"Send"}`:  false,
		`{"source":"aws.ses","detail":{"eventType":7}}`:      false,
		``: false,
	} {
		if _, err := Parse([]byte(body)); (err == nil) != want || err != nil && !errors.Is(err, ErrNotAnEvent) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// TestWhichMailsAreOurs: only our own tags are believed, each in its shape.
func TestWhichMailsAreOurs(t *testing.T) {
	for name, c := range map[string]struct {
		change func(map[string][]string)
		want   bool
	}{
		"all tags":                {func(map[string][]string) {}, true},
		"to support":              {func(m map[string][]string) { delete(m, "contact") }, true},
		"about the fleet":         {func(m map[string][]string) { m["integration"] = []string{"fleet"} }, true},
		"no kind":                 {func(m map[string][]string) { delete(m, "kind") }, true},
		"no notice":               {func(m map[string][]string) { delete(m, "notice") }, true},
		"no integration":          {func(m map[string][]string) { delete(m, "integration") }, false},
		"integration twice":       {func(m map[string][]string) { m["integration"] = []string{"int_1", "int_2"} }, false},
		"integration in capitals": {func(m map[string][]string) { m["integration"] = []string{"INT_1"} }, false},
		"contact that is text":    {func(m map[string][]string) { m["contact"] = []string{"ada@acme.example"} }, false},
		"kind that is text":       {func(m map[string][]string) { m["kind"] = []string{"Hello, world"} }, false},
		"notice that is no hex":   {func(m map[string][]string) { m["notice"] = []string{"xyz"} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			tags := map[string][]string{"integration": {"int_1"}, "contact": {"con_ada"}, "kind": {"recovered"}, "notice": {"6162"}}
			c.change(tags)
			a, ours := Event{Detail: Detail{Mail: Mail{Tags: tags}}}.about()
			if ours != c.want {
				t.Errorf("ours: %t, want %t", ours, c.want)
			}
			if !ours && a != (about{}) {
				t.Errorf("it goes on with somebody's text: %+v", a)
			}
		})
	}
}

// TestOnlyBouncesAndComplaintsLoseAMail, whatever else an event carries.
func TestOnlyBouncesAndComplaintsLoseAMail(t *testing.T) {
	for detail, want := range map[string]string{
		`"eventType":"Bounce","bounce":{"bounceType":"Permanent"}`:   "bounced",
		`"eventType":"Delivery","bounce":{"bounceType":"Permanent"}`: "",
		`"eventType":"Bounce"`: "",
		`"eventType":"Complaint","complaint":{"complaintFeedbackType":"abuse"}`:                                    "complained",
		`"eventType":"Complaint","complaint":{}`:                                                                   "complained",
		`"eventType":"Complaint"`:                                                                                  "complained",
		`"eventType":"Complaint","complaint":{"complaintFeedbackType":"not-spam"}`:                                 "",
		`"eventType":"Delivery","complaint":{"complaintFeedbackType":"abuse"}`:                                     "",
		`"eventType":"Bounce","bounce":{"bouncedRecipients":[{"status":"5.2.2"}]}`:                                 "not_delivered",
		`"eventType":"Bounce","bounce":{"bouncedRecipients":[{"status":"5.3.4"}]}`:                                 "not_delivered",
		`"eventType":"Bounce","bounce":{"bouncedRecipients":[{"status":"4.2.2"}]}`:                                 "",
		`"eventType":"Bounce","bounce":{"bouncedRecipients":[{"action":"failed"}]}`:                                "not_delivered",
		`"eventType":"Bounce","bounce":{"bouncedRecipients":[{},{"status":"5.1.1"}]}`:                              "bounced",
		`"eventType":"Bounce","bounce":{"bouncedRecipients":[{"status":"4.4.1","diagnosticCode":"smtp; 550 no"}]}`: "",
	} {
		e, err := Parse([]byte(`{"source":"aws.ses","detail":{` + detail + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := e.lost(); string(got) != want {
			t.Errorf("%s: lost because %q, want %q", detail, got, want)
		}
	}
}

// TestTheLogSaysWhetherSomebodyElseIsWrittenTo.
func TestTheLogSaysWhetherSomebodyElseIsWrittenTo(t *testing.T) {
	for others, want := range map[string]string{"bob": "next=true", "": "next=false"} {
		b := newBench(t)
		b.put(strings.Fields("ada " + others)...)
		b.mustHandle(mustRead(t, "bounce_permanent"))
		if !strings.Contains(b.logs.String(), want) {
			t.Errorf("with %q left to write to, the log does not say %s:\n%s", others, want, b.logs.String())
		}
	}
}

// TestADeliveredMailIsNoFault of ours, and a refused one is.
func TestADeliveredMailIsNoFault(t *testing.T) {
	for event, want := range map[string]string{
		"delivery": "feedback noted", "bounce_permanent": "contact does not get mail",
		"reject": "refused by our own mail service", "rendering_failure": "refused by our own mail service", "bounce_to_support": "mail to support does not arrive",
	} {
		b := newBench(t)
		b.put("ada", "bob")
		b.mustHandle(mustRead(t, event))
		if logs := b.logs.String(); !strings.Contains(logs, want) {
			t.Errorf("%s: the log does not say %q:\n%s", event, want, logs)
		}
	}
}

func TestErrorsHaveCodes(t *testing.T) {
	for err, want := range map[error]string{
		ErrNotAnEvent: "not_an_event", integration.ErrConflict: "conflict", context.DeadlineExceeded: "timeout", context.Canceled: "timeout",
		integration.ErrThrottled: "store",
	} {
		if got := code(fmt.Errorf("reading ada@acme.example: %w", err)); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}
