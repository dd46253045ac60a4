package wording

import (
	"testing"
	"time"

	"keyward/pkg/integration"
)

// mailsAt are the e-mails as support reads of them at the time.
func mailsAt(at time.Time, ns []integration.Notice) Mails {
	return NewMails(ns, func(integration.Notice) string { return "Ada" }, func(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }, at)
}

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
			`No e-mail about a problem with the key has been sent. The last e-mail to the customer was "certificate expiring", on 25 Nov 2026, 10:01 UTC (to Ada).`},
		{"told", action, []integration.Notice{mail(required, 0, nil)}, "The customer was told of this on 24 Nov 2026, 10:01 UTC (to Ada)."},
		{"told when the key came", action, []integration.Notice{mail("key_safe", 0, nil)}, "The customer was told of this on 24 Nov 2026, 10:01 UTC (to Ada)."},
		{"reminded", action, []integration.Notice{mail(required, 0, nil), mail("problem_reminder", 3*day, nil), mail("problem_reminder", 10*day, pending)},
			`The customer was told of this on 24 Nov 2026, 10:01 UTC (to Ada), and reminded on 27 Nov 2026. The last e-mail to the customer was "problem reminder", on 27 Nov 2026, 10:01 UTC (to Ada).`},
		{"paced", action, []integration.Notice{mail(required, 0, held)},
			"The e-mail about this is held back until 24 Nov 2026, 12:00 UTC. No e-mail has reached the customer yet."},
		{"on its way", action, []integration.Notice{mail(required, 0, pending)},
			"The e-mail about this is on its way. No e-mail has reached the customer yet."},
		{"bounced", action, []integration.Notice{mail(required, 0, bounced)},
			"The e-mail about this did not reach the customer: tell them by another way. No e-mail has reached the customer yet."},
		{"not told again within a day", heldBack, []integration.Notice{mail(required, -10*time.Hour, nil)},
			`The customer has not been told of this: the e-mail is held back at least until 24 Nov 2026, 13:00 UTC. The last e-mail to the customer was "action required", on 24 Nov 2026, 00:01 UTC (to Ada).`},
		{"recovered", active, []integration.Notice{mail(required, 0, nil), mail(recovered, 3*day, nil)},
			"The customer was told on 27 Nov 2026, 10:01 UTC (to Ada) that the key works again."},
		{"recovered, and the e-mail bounced", active, []integration.Notice{mail(required, 0, nil), mail(recovered, 3*day, bounced)},
			"The customer was last told of a problem on 24 Nov 2026, 10:01 UTC (to Ada)."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := mailsAt(at, tt.mails).Told(tt.it); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// TestWhatWasSentBefore is a table of e-mails, as they went, and of what
// support's own e-mails say about them.
func TestWhatWasSentBefore(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	sent := func(k integration.NoticeKind, after time.Duration) integration.Notice {
		return integration.Notice{
			Kind: k, Audience: integration.ToAdmin, Reason: integration.Agreement, CreatedAt: at.Add(after), Status: integration.Sent, SentAt: at.Add(after),
			SentTo: "con_a", Facts: integration.Facts{Expires: at.Add(30 * day)},
		}
	}
	bounced := func(n integration.Notice) integration.Notice {
		n.Status, n.Tried = integration.Dropped, []integration.ContactID{"con_a"}
		return n
	}
	invited, reminded := sent(integration.NoticeInvitation, 0), sent(integration.NoticeInvitationReminder, 3*day)
	again, asked := sent(integration.NoticeInvitationReminder, 10*day), sent(integration.NoticeReauthorise, 0)
	required, over := sent(integration.NoticeActionRequired, 0), sent(integration.NoticeRecovered, day)
	membership := required
	membership.Reason = integration.Membership
	for _, tt := range []struct {
		name  string
		mails []integration.Notice
		say   func(Mails) string
		want  string
	}{
		{"invited", []integration.Notice{invited, reminded, again}, func(m Mails) string { return m.Invited(at) },
			"The customer was invited on 24 Nov 2026, 10:00 UTC (to Ada), and reminded on 27 Nov 2026 and 4 Dec 2026."},
		{"invited, no reminder arrived", []integration.Notice{invited, bounced(reminded)}, func(m Mails) string { return m.Invited(at) },
			"The customer was invited on 24 Nov 2026, 10:00 UTC (to Ada). No reminder reached them."},
		{"only a reminder arrived", []integration.Notice{bounced(invited), reminded}, func(m Mails) string { return m.Invited(at) },
			"The invitation did not reach the customer, who was reminded on 27 Nov 2026."},
		{"nothing arrived", []integration.Notice{bounced(invited), bounced(reminded)}, func(m Mails) string { return m.Invited(at) }, "No invitation reached the customer."},
		{"invited before", []integration.Notice{invited}, func(m Mails) string { return m.Invited(at.Add(1)) }, "No invitation reached the customer."},
		{"asked", []integration.Notice{asked, sent(integration.NoticeReauthorise, 13*day)}, func(m Mails) string { return m.Asked(at.Add(30 * day)) },
			"The customer was asked on 24 Nov 2026 and 7 Dec 2026."},
		{"asked by another day", []integration.Notice{asked}, func(m Mails) string { return m.Asked(at) }, "No e-mail that asks for it reached the customer."},
		{"asked, and it bounced", []integration.Notice{bounced(asked)}, func(m Mails) string { return m.Asked(at.Add(30 * day)) }, "No e-mail that asks for it reached the customer."},
		{"told of the problem", []integration.Notice{required}, func(m Mails) string { return m.Before(over) },
			"The customer was told of the problem on 24 Nov 2026, 10:00 UTC (to Ada)."},
		{"told of another problem", []integration.Notice{membership}, func(m Mails) string { return m.Before(over) }, "No e-mail about the problem had reached the customer."},
		{"not told of the problem", []integration.Notice{bounced(required)}, func(m Mails) string { return m.Before(over) }, "No e-mail about the problem had reached the customer."},
		{"told later", []integration.Notice{sent(integration.NoticeActionRequired, 2*day)}, func(m Mails) string { return m.Before(over) }, "No e-mail about the problem had reached the customer."},
		{"the problem that there is now", []integration.Notice{required}, func(m Mails) string {
			return m.Problem(integration.Integration{State: integration.ActionRequired, Cause: integration.Agreement, Since: at})
		}, "The customer was told of this on 24 Nov 2026, 10:00 UTC (to Ada)."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.say(mailsAt(at.Add(31*day), tt.mails)); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
