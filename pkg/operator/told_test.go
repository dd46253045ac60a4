package operator

import (
	"slices"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// TestWhatTheCustomerWasTold is a table of e-mails, as they went, and of the
// sentence that support reads.
func TestWhatTheCustomerWasTold(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	mail := func(k integration.NoticeKind, after time.Duration, change func(*integration.Notice)) integration.Notice {
		n := integration.Notice{
			Dedupe: string(k) + after.String(), Kind: k, Audience: integration.ToAdmin, Reason: integration.Agreement, CreatedAt: at.Add(after),
			Status: integration.Sent, SentAt: at.Add(after + time.Minute), SentTo: "con_a",
		}
		if change != nil {
			change(&n)
		}
		return n
	}
	pending := func(n *integration.Notice) { n.Status, n.SentTo, n.SentAt = integration.Pending, "", time.Time{} }
	held := func(n *integration.Notice) { pending(n); n.NotBefore = at.Add(2 * time.Hour) }
	bounced := func(n *integration.Notice) {
		n.Status, n.Tried = integration.Dropped, []integration.ContactID{"con_a"}
	}
	support := func(n *integration.Notice) { n.Audience, n.SentTo = integration.ToSupport, "" }
	action := integration.Integration{State: integration.ActionRequired, Cause: integration.Agreement, Since: at}
	active := integration.Integration{State: integration.Active}
	heldBack := action
	heldBack.Told.RetryAt = at.Add(3 * time.Hour)
	required, recovered := integration.NoticeActionRequired, integration.NoticeRecovered
	const day = 24 * time.Hour
	for _, tt := range []struct {
		name  string
		it    integration.Integration
		mails []integration.Notice
		want  string
	}{
		{"nothing", active, nil, "No e-mail has been sent to the customer."},
		{"to support only", active, []integration.Notice{mail(required, 0, support)}, "No e-mail has been sent to the customer."},
		{"invited, and it has not gone out", active, []integration.Notice{mail("invitation", 0, pending)},
			"No e-mail about a problem with the key has been sent. No e-mail has reached the customer yet."},
		{"certificate e-mails", active, []integration.Notice{mail("certificate_expiring", 0, nil), mail("certificate_expiring", day, nil)},
			`No e-mail about a problem with the key has been sent. The last e-mail to the customer was "certificate expiring", on 25 Nov 2026, 10:01 UTC to Ada.`},
		{"told", action, []integration.Notice{mail(required, 0, nil)}, "The customer was told of this on 24 Nov 2026, 10:01 UTC to Ada."},
		{"told when the key came", action, []integration.Notice{mail("key_safe", 0, nil)}, "The customer was told of this on 24 Nov 2026, 10:01 UTC to Ada."},
		{"reminded", action, []integration.Notice{mail(required, 0, nil), mail("problem_reminder", 3*day, nil), mail("problem_reminder", 10*day, pending)},
			`The customer was told of this on 24 Nov 2026, 10:01 UTC to Ada, and reminded on 27 Nov 2026. The last e-mail to the customer was "problem reminder", on 27 Nov 2026, 10:01 UTC to Ada.`},
		{"paced", action, []integration.Notice{mail(required, 0, held)},
			"The e-mail about this is held back until 24 Nov 2026, 12:00 UTC. No e-mail has reached the customer yet."},
		{"on its way", action, []integration.Notice{mail(required, 0, pending)},
			"The e-mail about this is on its way. No e-mail has reached the customer yet."},
		{"bounced", action, []integration.Notice{mail(required, 0, bounced)},
			"The e-mail about this did not reach the customer: tell them by another way. No e-mail has reached the customer yet."},
		{"not told again within a day", heldBack, []integration.Notice{mail(required, -10*time.Hour, nil)},
			`The customer has not been told of this: the e-mail is held back at least until 24 Nov 2026, 13:00 UTC. The last e-mail to the customer was "action required", on 24 Nov 2026, 00:01 UTC to Ada.`},
		{"recovered", active, []integration.Notice{mail(required, 0, nil), mail(recovered, 3*day, nil)},
			"The customer was told on 27 Nov 2026, 10:01 UTC to Ada that the key works again."},
		{"recovered, and the e-mail bounced", active, []integration.Notice{mail(required, 0, nil), mail(recovered, 3*day, bounced)},
			"The customer was last told of a problem on 24 Nov 2026, 10:01 UTC to Ada."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			who := func(integration.ContactID) string { return "Ada" }
			if got := told(tt.it, newMailbag(tt.mails, who, at)); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// TestHowFarAnEMailHasCome, as it stands in support's list.
func TestHowFarAnEMailHasCome(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	ada, bob := integration.ContactID("con_ada"), integration.ContactID("con_bob")
	for _, tt := range []struct {
		want string
		n    integration.Notice
	}{
		{"pending", integration.Notice{Status: integration.Pending}},
		{"pending", integration.Notice{Status: integration.Pending, NotBefore: now}},
		{"held_back", integration.Notice{Status: integration.Pending, NotBefore: now.Add(time.Second)}},
		{"pending", integration.Notice{Status: integration.Sending, SentTo: ada}},
		{"pending", integration.Notice{Status: integration.Pending, SentTo: ada, Tried: []integration.ContactID{ada}}}, // bob is next
		{"sent", integration.Notice{Status: integration.Sent, SentTo: ada}},
		{"sent", integration.Notice{Status: integration.Sent, SentTo: bob, Tried: []integration.ContactID{ada}}},
		{"sent", integration.Notice{Status: integration.Sent, Audience: integration.ToSupport, Tried: []integration.ContactID{ada}}},
		{"bounced", integration.Notice{Status: integration.Sent, SentTo: ada, Tried: []integration.ContactID{ada}}},
		{"bounced", integration.Notice{Status: integration.Dropped, SentTo: bob, Tried: []integration.ContactID{ada, bob}}},
		{"dropped", integration.Notice{Status: integration.Dropped}},
	} {
		if got := viewNotice(tt.n, now).Delivery; got != tt.want {
			t.Errorf("%s, sent to %q, tried %v, not before %v: %s, want %s", tt.n.Status, tt.n.SentTo, tt.n.Tried, tt.n.NotBefore, got, tt.want)
		}
	}
}

// TestFilesUnderWay: what has arrived is never passed over.
func TestFilesUnderWay(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	waiting := []integration.WaitingFile{{Since: at, Reason: integration.Outage}}
	refused := integration.Refusal{At: at, Diagnosis: integration.RefusedName}
	for _, tt := range []struct {
		name string
		it   integration.Integration
		want string
	}{
		{"nothing came", integration.Integration{State: integration.AwaitingKey}, "No key file has arrived yet."},
		{"one waits", integration.Integration{State: integration.AwaitingKey, Waiting: waiting, Refused: refused},
			"A key file has been waiting for Apple since 24 Nov 2026, 10:00 UTC. Apple's servers don't work, or something in front of them answers."},
		{"two wait", integration.Integration{State: integration.AwaitingKey, Waiting: slices.Repeat(waiting, 2)},
			"A key file has been waiting for Apple since 24 Nov 2026, 10:00 UTC. Apple's servers don't work, or something in front of them answers. Another one is waiting too."},
		{"three wait", integration.Integration{State: integration.AwaitingKey, Waiting: slices.Repeat(waiting, 3)},
			"A key file has been waiting for Apple since 24 Nov 2026, 10:00 UTC. Apple's servers don't work, or something in front of them answers. 2 others are waiting too."},
		{"refused", integration.Integration{State: integration.AwaitingKey, Refused: refused, WrongFiles: 3},
			"The last key file was refused on 24 Nov 2026, 10:00 UTC. The file's name shows another key ID than the one given. 3 files have been refused in all."},
		{"a new one for a key that works", integration.Integration{State: integration.Active, Waiting: waiting},
			"The key works. A key file has been waiting for Apple since 24 Nov 2026, 10:00 UTC. Apple's servers don't work, or something in front of them answers."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := words(tt.it, at).Now; got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestEveryNeedHasWords(t *testing.T) {
	for _, n := range integration.Needs() {
		if w := needWords(n); w == plainKind(integration.NoticeKind(n)) {
			t.Errorf("%s has no words", n)
		}
	}
}
